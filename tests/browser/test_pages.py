"""The pages for teachers and readers are accessible: class, certificates, and the exported site."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from browser.accessibility import violations
from playwright.sync_api import Browser, ViewportSize
from unit.classroom.test_roster import EVERYTHING, write

from docker_magics.classroom.certificate import sign
from docker_magics.classroom.page import as_html
from docker_magics.classroom.roster import learners
from tools.course import site

TEXT = "# A lesson\n\n`word`, **bold**, [link](#one)\n\n| a | b |\n| --- | --- |\n| 1 | 2 |"
SETUP = """%env DOCKER_MAGICS_LANG={language}
%load_ext docker_magics
%load_ext docker_magics.course
from docker_magics.course import cheat_sheet, check, diagrams, predict, quiz, task
%docker session start pages"""
#: The code of a lesson in small: each kind of output.
CELLS = (
    SETUP,
    "%docker images",
    "%docker run --rm busybox sh -c 'echo out; echo err >&2'",
    "%docker trace run --rm busybox true",
    "%docker explain run -d busybox",
    "%%dockerfile -t me/page:1 --builder classic\nFROM busybox\nRUN echo one > /one",
    "diagrams.client_and_daemon()",
    "diagrams.life_cycle()",
    "task('02.1')",
    "check('02.1')",
    "predict('02.a', 'a')",
    "quiz('02', 'a' * 10)",
    "cheat_sheet('02')",
    "%docker session prune -f\n%docker rmi -f me/page:1",
)
#: A sheet without its margins, in CSS pixels.
A4: ViewportSize = {"width": 718, "height": 1047}
CUT_OFF = """() => [...document.querySelectorAll('pre, table, .jp-OutputArea-output')]
    .filter(each => each.scrollWidth > each.clientWidth + 1)
    .map(each => each.innerText.slice(0, 80))"""
FAILING = "%docker run --rm hello-world ls"
LANGUAGES = ("en", "ko")


@pytest.fixture
def problems(chromium: Browser) -> Iterator[Callable[[Path], list[str]]]:
    """A function that returns a page's violations, in the light and in the dark."""
    with chromium.new_context(bypass_csp=True) as context:  # for axe

        def found(file: Path) -> list[str]:
            page = context.new_page()
            page.goto(file.as_uri())
            all_of_them = []
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                all_of_them += violations(page.locator("html"))
            page.close()
            return all_of_them

        yield found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_class_and_its_certificates_are_accessible(
    problems: Callable[[Path], list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
) -> None:
    monkeypatch.setenv("DOCKER_MAGICS_LANG", language)
    for name, done in {"mina": EVERYTHING, "bo": EVERYTHING[:9], "broken": "{"}.items():
        write(tmp_path / "class" / name, done)
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    page = tmp_path / "class.html"
    page.write_text(as_html(learners(tmp_path / "class")), encoding="utf-8")
    certificates = sign(learners(tmp_path / "class"), key, tmp_path / "signed")
    assert {file.name: problems(file) for file in (page, *certificates)} == {
        "class.html": [],
        "mina.html": [],
        "bo.html": [],
    }


@pytest.mark.parametrize("host", ["embedded"], indirect=True, scope="session")
def test_the_site_is_accessible_and_fits_on_paper(
    problems: Callable[[Path], list[str]],
    chromium: Browser,
    host: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCKER_HOST", host)
    paths = [lesson(tmp_path, language) for language in LANGUAGES]
    site.build(tmp_path / "site", paths)
    pages = [
        path
        for path in sorted((tmp_path / "site").rglob("*.html"))
        if not path.name.endswith(".slides.html")
    ]
    assert len(pages) == 5  # the index, and each language's lesson and cheat sheet
    dark = '<style media="(prefers-color-scheme: dark)">'
    assert dark in (tmp_path / "site/en/02-small.html").read_text(encoding="utf-8")
    assert [problem for path in pages for problem in problems(path)] == []
    assert [text for path in pages for text in cut_off_in_print(chromium, path)] == []


def cut_off_in_print(chromium: Browser, file: Path) -> list[str]:
    """Return the texts that are wider than their boxes on a sheet of A4."""
    with chromium.new_context(viewport=A4) as context:
        page = context.new_page()
        page.emulate_media(media="print")
        page.goto(file.as_uri())
        texts: list[str] = page.evaluate(CUT_OFF)
        return texts


def lesson(folder: Path, language: str) -> Path:
    """Write the lesson in a language."""
    sources = [cell.replace("{language}", language) for cell in CELLS]
    code = [nbformat.v4.new_code_cell(source) for source in sources]
    failing = nbformat.v4.new_code_cell(FAILING, metadata={"tags": ["raises-exception"]})
    cells = [nbformat.v4.new_markdown_cell(TEXT), *code[:-1], failing, code[-1]]
    path = folder / ("ko" if language == "ko" else "") / "02-small.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path
