"""What a learner sees of the course in JupyterLab: every section has its picture taken."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nbformat
import pytest
from browser.accessibility import outputs, violations
from playwright.sync_api import FloatRect, Page

from tools import images
from tools.front_ends import OpenNotebook, Server, open_notebook, use_theme

ROOT = Path(__file__).parent.parent.parent
NOTEBOOKS = ROOT / "notebooks"
#: To be looked at by whoever changes a lesson.
PICTURES = ROOT / "build/lessons"
LESSONS = sorted(NOTEBOOKS.glob("0[2-9]*.ipynb")) + sorted(NOTEBOOKS.glob("ko/0[2-9]*.ipynb"))
#: All of them take minutes: DOCKER_MAGICS_LESSONS=all. This one has most pictures, and Korean.
ONE = "ko-02-basics"
#: Where something sticks out of its place: it would be cut off, or scrolled to.
CUT_OFF = """() => [...document.querySelectorAll('.jp-OutputArea-output')]
    .filter(each => each.scrollWidth > each.clientWidth + 1)
    .map(each => each.innerText.slice(0, 80))"""


def title(path: Path) -> str:
    return "-".join(path.relative_to(NOTEBOOKS).with_suffix("").parts)


def chosen() -> list[Path]:
    every = os.environ.get("DOCKER_MAGICS_LESSONS") == "all"
    return [path for path in LESSONS if every or title(path) == ONE]


@pytest.mark.parametrize("host", ["embedded"], indirect=True, scope="session")
@pytest.mark.parametrize("lesson", chosen(), ids=title)
def test_a_lesson_in_lab(server: Server, page: Page, host: str, lesson: Path) -> None:
    images.provide(host, "redis", *(["node"] if "05" in lesson.name else []))
    shutil.copy(lesson, server.folder / f"{title(lesson)}.ipynb")
    page.set_viewport_size({"width": 1280, "height": 16_000})  # all of it, without scrolling
    notebook = open_notebook(page, server, title(lesson))
    server.await_kernel(f"{title(lesson)}.ipynb")
    page.keyboard.press("Control+b")
    notebook.run_all()
    assert unexpected_errors(notebook, lesson) == []
    assert page.evaluate(CUT_OFF) == []
    for theme in ("Dark", "Light"):
        use_theme(page, theme)
        assert violations(outputs(page)) == [], theme
        take_sections(notebook, PICTURES / f"{title(lesson)}-{theme.lower()}")


def unexpected_errors(notebook: OpenNotebook, lesson: Path) -> list[str]:
    """Errors in cells that are not meant to show one."""
    cells = nbformat.read(lesson, as_version=4).cells
    error = "[data-mime-type='application/vnd.jupyter.error']"
    return [
        notebook.output(number).inner_text()
        for number, cell in enumerate(cells)
        if "raises-exception" not in cell.metadata.get("tags", [])
        and cell.cell_type == "code"
        and notebook.output(number).locator(error).count()
    ]


def take_sections(notebook: OpenNotebook, folder: Path) -> None:
    """A screenshot from each heading to the next one."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    area = notebook.page.locator(".jp-Notebook").bounding_box()
    cells = notebook.page.locator(".jp-Notebook .jp-Cell")
    boxes = [each.bounding_box() for each in cells.all()]
    starts = [n for n in range(len(boxes)) if cells.nth(n).locator("h1, h2").count()]
    assert area is not None
    for count, (first, last) in enumerate(zip(starts, [*starts[1:], len(boxes)], strict=True)):
        top, bottom = boxes[first], boxes[last - 1]
        assert top is not None
        assert bottom is not None
        height = bottom["y"] + bottom["height"] - top["y"]
        clip = FloatRect(x=area["x"], y=top["y"], width=area["width"], height=height)
        notebook.page.screenshot(path=folder / f"{count}.png", clip=clip)
