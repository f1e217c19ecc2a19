"""`make docs`: build the documentation site in build/docs.

Its pages are the sections of README.md, the files of docs/, and the executed notebooks, so that
nothing is written twice. A broken link is an error.
"""

from __future__ import annotations

import logging
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from nbclient.exceptions import CellExecutionError

from docker_magics.classroom.answers import answer_key
from tools import images, provision
from tools.course import terms
from tools.course.site import course, title
from tools.notebook_runner import execute

ROOT = Path(__file__).parent.parent
#: Where mkdocs.yml expects the pages.
PAGES = ROOT / "build/docs-pages"
#: A heading of README.md of the second level, up to the next one.
_SECTION = r"^## {title}\n(.*?)(?=^## |\Z)"


@dataclass(frozen=True)
class Page:
    """A page of the site.

    Attributes:
        title: its name in the navigation.
        file: its file in PAGES.
        parts: the functions that return its text.
    """

    title: str
    file: str
    parts: Sequence[Callable[[], str]]


def section(title: str) -> Callable[[], str]:
    """Return a function that returns a section of README.md, its heading as the page's."""

    def read() -> str:
        text = (ROOT / "README.md").read_text()
        match = re.search(_SECTION.format(title=re.escape(title)), text, re.DOTALL | re.MULTILINE)
        if match is None:
            raise LookupError(f"cannot build the site: README.md has no section {title!r}")
        return f"# {title}\n{_one_level_up(match[1])}"

    return read


def introduction() -> str:
    """Return what README.md says before its first section."""
    return (ROOT / "README.md").read_text().partition("\n## ")[0] + "\n"


def file(path: str) -> Callable[[], str]:
    """Return a function that returns a file of the project."""
    return (ROOT / path).read_text


NAVIGATION: dict[str, list[Page]] = {
    "Use it": [
        Page("Install", "install.md", [section("Install")]),
        Page("Versions", "versions.md", [file("docs/versions.md")]),
        Page("In a notebook", "notebook.md", [section("Use it in a notebook")]),
        Page("Widgets", "widgets.md", [section("Widgets")]),
        Page("In a terminal", "terminal.md", [section("Outside of cells")]),
        Page("In Python", "python.md", [section("Use it in Python")]),
        Page("How to", "how-to.md", [file("docs/how-to.md")]),
    ],
    "Learn and teach": [
        Page("For learners", "learn.md", [section("Learn Docker with it"), section("The course")]),
        Page("Cheat sheets", "cheat-sheets.md", [partial(terms.cheat_sheets, "en")]),
        Page("Glossary", "glossary.md", [partial(terms.glossary, "en")]),
        Page("For teachers", "teachers.md", [section("For teachers")]),
        Page("Teach the course", "teaching.md", [file("docs/teaching.md")]),
        Page("Answer key", "answers.md", [lambda: answer_key("en")]),
    ],
    "Engines": [
        Page("Engines and drivers", "engines.md", [section("Engines")]),
        Page("For operators", "operators.md", [file("docs/operators.md")]),
        Page("Security", "security.md", [file("docs/security.md")]),
    ],
    "Reference": [
        Page("Python API", "reference.md", [file("docs/reference.md")]),
        Page("Architecture", "architecture.md", [file("ARCHITECTURE.md")]),
        Page("Contributing", "contributing.md", [file("CONTRIBUTING.md")]),
        Page("Report a vulnerability", "report.md", [file("SECURITY.md")]),
        Page("Changelog", "changelog.md", [file("CHANGELOG.md")]),
    ],
}
_HOME = Page("Home", "index.md", [introduction])
#: What learners and teachers read, in Korean.
_KOREAN = [
    Page("처음", "ko/index.md", [file("docs/ko/index.md")]),
    Page("설치", "ko/install.md", [file("docs/ko/install.md")]),
    Page("노트북에서 쓰기", "ko/notebook.md", [file("docs/ko/notebook.md")]),
    Page("배우기", "ko/learn.md", [file("docs/ko/learn.md")]),
    Page("요약", "ko/cheat-sheets.md", [partial(terms.cheat_sheets, "ko")]),
    Page("용어", "ko/glossary.md", [partial(terms.glossary, "ko")]),
    Page("수업하기", "teaching.ko.md", [file("docs/teaching.ko.md")]),
    Page("정답", "answers.ko.md", [lambda: answer_key("ko")]),
]
_LANGUAGES = ("en", "ko")


def write_pages(notebooks: Sequence[Path]) -> list[Any]:
    """Write the pages to PAGES, and run the notebooks on the current engine.

    Args:
        notebooks: the notebooks to include, in their order.

    Returns:
        The navigation, as mkdocs takes it.

    Raises:
        CellExecutionError: a cell failed unexpectedly.
    """
    shutil.rmtree(PAGES, ignore_errors=True)
    shutil.copytree(ROOT / "docs/pictures", PAGES / "pictures")
    use_it, *others = [{title: _written(pages)} for title, pages in NAVIGATION.items()]
    [home], korean = _written([_HOME]), _written(_KOREAN)
    lessons = _lessons(notebooks)
    return [
        home,
        use_it,
        {"Course": lessons["en"]},
        {"한국어": [*korean, {"과정": lessons["ko"]}]},
        *others,
    ]


def _written(pages: Sequence[Page]) -> list[dict[str, str]]:
    """Write pages; return their navigation."""
    for page in pages:
        (PAGES / page.file).parent.mkdir(exist_ok=True)
        (PAGES / page.file).write_text(_local("\n".join(part() for part in page.parts)))
    return [{page.title: page.file} for page in pages]


def _lessons(notebooks: Sequence[Path]) -> dict[str, list[dict[str, str]]]:
    """Run the notebooks and write their pages; return the navigation of each language."""
    lessons: dict[str, list[dict[str, str]]] = {language: [] for language in _LANGUAGES}
    for path in notebooks:
        language = path.parent.name if path.parent.name in _LANGUAGES else "en"
        target = f"{language}/{path.name}"
        print(target, flush=True)
        notebook = nbformat.read(path, as_version=4)
        with tempfile.TemporaryDirectory() as folder:
            execute(notebook, Path(folder))
        (PAGES / language).mkdir(exist_ok=True)
        nbformat.write(notebook, PAGES / target)
        lessons[language].append({title(notebook): target})
    return lessons


def _one_level_up(text: str) -> str:
    return re.sub(r"^##(#+ )", r"#\1", text, flags=re.MULTILINE)


def _local(text: str) -> str:
    """Change the addresses of README.md's pictures to the site's."""
    return text.replace("docs/pictures/", "pictures/")


def main() -> int:
    """Build the site; return the exit code."""
    # Not above: a test of the pages runs where mkdocs is not installed.
    from mkdocs.commands.build import build
    from mkdocs.config import load_config
    from mkdocs.exceptions import Abort

    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        with provision.engine(*images.RECIPES):
            navigation = write_pages(course())
        build(load_config(str(ROOT / "mkdocs.yml"), nav=navigation))
    except (*provision.EXPECTED_ERRORS, CellExecutionError, Abort) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Written to {ROOT / 'build/docs/index.html'}")
    print("Its search needs a web server: python -m http.server --directory build/docs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
