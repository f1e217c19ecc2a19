"""The course's slides in a real Chromium: all of a notebook is shown, and no slide overflows."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Page

from docker_magics.course.quiz import quizzes
from tools.course import site

SIZE = {"width": 1280, "height": 720}
#: The smallest scale at which a part of a slide may be drawn.
READABLE = 0.75
#: Walk through the slides; return the text of each, its smallest scale, and its overflow in pixels.
WALK = """() => {
    const slides = [];
    Reveal.configure({transition: 'none'});
    for (let number = 0; number < Reveal.getTotalSlides(); number++) {
        const slide = Reveal.getCurrentSlide();
        const page = slide.getBoundingClientRect();
        const zooms = [...slide.querySelectorAll('*')].map(part => Number(part.style.zoom) || 1);
        slides.push({text: slide.innerText, scale: Math.min(1, ...zooms), overflow: Math.max(
            slide.scrollHeight - slide.clientHeight, slide.scrollWidth - slide.clientWidth,
            page.bottom - innerHeight, page.right - innerWidth)});
        Reveal.next();
    }
    return slides;
}"""


@pytest.fixture(scope="module")
def slides(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the slides of a notebook with more on a slide than fits."""
    folder = tmp_path_factory.mktemp("slides")
    cells = [
        nbformat.v4.new_markdown_cell("# Long\n\n" + "\n\n".join(f"word{n}" for n in range(40))),
        nbformat.v4.new_code_cell("print('short output')"),
        nbformat.v4.new_markdown_cell("## Tall and wide"),
        nbformat.v4.new_code_cell("print(*range(1000, 1060), sep='\\n')\nprint('x' * 300)"),
        nbformat.v4.new_markdown_cell("## A quiz"),
        nbformat.v4.new_code_cell("from docker_magics.course import quiz\nquiz('07')"),
    ]
    notebook = folder / "01-long.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), notebook)
    site.build(folder / "site", [notebook])
    return (folder / "site/en/01-long.slides.html").as_uri()


def opened(chromium: Browser, address: str) -> Page:
    page = chromium.new_page(viewport=SIZE)  # type: ignore[arg-type]
    page.goto(address)
    page.wait_for_function("() => window.Reveal && Reveal.isReady()")
    return page


def test_no_slide_overflows(chromium: Browser, slides: str) -> None:
    shown = opened(chromium, slides).evaluate(WALK)
    assert [slide for slide in shown if slide["overflow"] > 1] == []
    assert [slide for slide in shown if slide["scale"] < READABLE] == []
    text = "\n".join(slide["text"] for slide in shown)
    printed = [*(f"word{n}" for n in range(40)), "short output", *map(str, range(1000, 1060))]
    printed += [entry["en"]["question"].replace("`", "") for entry in quizzes()["07"]]
    assert [word for word in printed if word not in text] == []
    assert len(shown) > 3


def test_each_slide_is_printed_on_a_page(chromium: Browser, slides: str, tmp_path: Path) -> None:
    count = opened(chromium, slides).evaluate("() => Reveal.getTotalSlides()")
    page = opened(chromium, f"{slides}?print-pdf")
    page.pdf(path=tmp_path / "slides.pdf", prefer_css_page_size=True)
    assert (tmp_path / "slides.pdf").read_bytes().count(b"/Type /Page\n") == count
