"""Export the executed notebooks as a static site: pages with all outputs, slides, and an index.

The site works offline: scripts that nbconvert's templates load from a CDN are omitted, as no page
needs them, and the slides use a local copy of reveal.js from npm.
"""

from __future__ import annotations

import html
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbconvert import HTMLExporter, SlidesExporter

from docker_magics.course import cheat_sheet
from docker_magics.course.sheet import sheets
from tools.notebook_runner import execute

NOTEBOOKS = Path(__file__).parent.parent.parent / "notebooks"
_TEMPLATES = Path(__file__).parent
_SLIDES = _TEMPLATES / "slides"
#: A theme of reveal.js that includes its fonts; others load them from a CDN.
_THEME = "white"
_LANGUAGES = {"en": "English", "ko": "한국어"}
_SHEET_WORD = {"en": "cheat sheet", "ko": "요약"}
_SLIDES_WORD = {"en": "slides", "ko": "슬라이드"}


@dataclass(frozen=True)
class Page:
    """A notebook's page in the site.

    Attributes:
        language: "en" or "ko".
        name: the file's name without its suffix.
        title: the notebook's first heading.
    """

    language: str
    name: str
    title: str

    @property
    def section(self) -> str:
        """The section's number."""
        return self.name.partition("-")[0]


def course() -> list[Path]:
    """Return all notebooks, the English ones first."""
    return sorted(NOTEBOOKS.glob("*.ipynb")) + sorted(NOTEBOOKS.glob("ko/*.ipynb"))


def build(target: Path, notebooks: Sequence[Path]) -> None:
    """Run notebooks on the current engine and write the site.

    Args:
        target: the site's folder; its content is replaced.
        notebooks: the notebooks to include.

    Raises:
        CellExecutionError: a cell failed unexpectedly.
    """
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    with_slides = _reveal(target)
    pages = [_page(target, path, slides=with_slides) for path in notebooks]
    (target / "index.html").write_text(_index(pages, slides=with_slides), encoding="utf-8")
    print(f"Written to {target / 'index.html'}")


def _page(target: Path, path: Path, *, slides: bool) -> Page:
    language = path.parent.name if path.parent.name in _LANGUAGES else "en"
    print(f"{language} {path.stem}", flush=True)
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        execute(notebook, Path(folder))
    page = Page(language, path.stem, title(notebook) or path.stem)
    _link_pages(notebook.cells)
    _write_sheet(target / language, page)
    notebook.metadata["title"] = page.title
    file = target / language / path.name
    common = {
        "extra_template_basedirs": [str(_TEMPLATES)],
        "language_code": language,
        "embed_images": True,
    }
    pages = HTMLExporter(template_name="page", **common)
    _export(pages, notebook, path, file.with_suffix(".html"))
    if slides:
        _cut(notebook.cells)
        common |= {"reveal_url_prefix": "../reveal.js", "reveal_theme": _THEME}
        cut = SlidesExporter(template_name="slides", **common)
        _export(cut, notebook, path, file.with_suffix(".slides.html"))
    return page


def _write_sheet(folder: Path, page: Page) -> None:
    """Write the cheat sheet of a section on a page of its own, to print."""
    folder.mkdir(exist_ok=True)
    if page.section in sheets():
        sheet = cheat_sheet(page.section, lang=page.language)
        text = _document(page.language, sheet._repr_html_())
        (folder / f"{page.name}.sheet.html").write_text(text, encoding="utf-8")


def _export(exporter: HTMLExporter, notebook: Any, source: Path, target: Path) -> None:
    beside = {"metadata": {"path": str(source.parent)}}
    text, _ = exporter.from_notebook_node(notebook, beside)
    target.write_text(text, encoding="utf-8")


def _link_pages(cells: Iterable[Any]) -> None:
    """Let links to other notebooks lead to their pages."""
    for cell in cells:
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace(".ipynb)", ".html)")


def title(notebook: Any) -> str:
    """Return a notebook's first heading; "" if it has none."""
    for cell in notebook.cells:
        for line in cell.source.splitlines():
            if cell.cell_type == "markdown" and line.startswith("# "):
                return str(line.removeprefix("# ").strip())
    return ""


def _cut(cells: Iterable[Any]) -> None:
    """Assign slide types: a heading starts a slide, other text a subslide, code joins its text."""
    for cell in cells:
        kind = "-"
        if cell.cell_type == "markdown":
            kind = "slide" if cell.source.startswith("#") else "subslide"
        cell.metadata["slideshow"] = {"slide_type": kind}


def _reveal(target: Path) -> bool:
    """Copy the locked reveal.js to the site; return False if npm cannot install it."""
    if not (_SLIDES / "node_modules").is_dir():
        command = ["npm", "ci", "--no-audit", "--no-fund", "--silent"]
        try:
            subprocess.run(command, cwd=_SLIDES, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"Skipping the slides: cannot install reveal.js by npm: {error}")
            return False
    source = _SLIDES / "node_modules/reveal.js"
    fonts = ("dist/theme/fonts", f"dist/theme/{_THEME}.css")
    _copy(_SLIDES / "fit.js", target / "reveal.js/fit.js")
    for name in ("LICENSE", "dist/reveal.css", "dist/reveal.js", "plugin/notes/notes.js", *fonts):
        _copy(source / name, target / "reveal.js" / name)
    return True


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    (shutil.copytree if source.is_dir() else shutil.copy2)(source, target)


def _index(pages: Sequence[Page], *, slides: bool) -> str:
    parts = [
        f'<section lang="{language}"><h2>{word}</h2><ul>'
        + "".join(_entry(page, slides=slides) for page in pages if page.language == language)
        + "</ul></section>"
        for language, word in _LANGUAGES.items()
        if any(page.language == language for page in pages)
    ]
    return _document("en", "".join(parts))


def _document(language: str, body: str) -> str:
    template = (_TEMPLATES / "index.html").read_text(encoding="utf-8")
    return template.replace("LANGUAGE", language).replace("BODY", body)


def _entry(page: Page, *, slides: bool) -> str:
    address = html.escape(f"{page.language}/{page.name}")
    entry = f'<a href="{address}.html">{html.escape(page.title)}</a>'
    if slides:
        word = _SLIDES_WORD[page.language]
        entry += f' <a href="{address}.slides.html"><small>{word}</small></a>'
    if page.section in sheets():
        entry += f' <a href="{address}.sheet.html"><small>{_SHEET_WORD[page.language]}</small></a>'
    return f"<li>{entry}</li>"
