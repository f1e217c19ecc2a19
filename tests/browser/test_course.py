"""The course in JupyterLab; takes a picture of each section."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nbformat
import pytest
from browser.accessibility import outputs, violations
from browser.shared import Docker
from playwright.sync_api import FloatRect, Page, expect

from tools import images
from tools.front_ends import (
    WITHIN_MS,
    OpenNotebook,
    Server,
    notebook_with,
    open_notebook,
    use_theme,
)

ROOT = Path(__file__).parent.parent.parent
NOTEBOOKS = ROOT / "notebooks"
#: Look at these after changing a lesson.
PICTURES = ROOT / "build/lessons"
LESSONS = sorted(NOTEBOOKS.glob("0[2-9]*.ipynb")) + sorted(NOTEBOOKS.glob("ko/0[2-9]*.ipynb"))
#: The lesson that is tested by default: it has most pictures, and Korean. All lessons take minutes;
#: select them by DOCKER_MAGICS_LESSONS=all.
DEFAULT_LESSON = "ko-02-basics"
TICKING = [
    "%docker session start ticking\nfrom docker_magics.course import task",
    "task('02.2')",
    "task('04.5')",
]
#: Section -> images that it needs in addition to busybox, hello-world and redis.
ALSO_NEEDED = {"05": ("node",), "06": ("node",), "07": ("registry",)}
#: The outputs whose content is wider than their box, so it is cut off or scrolls.
CUT_OFF = """() => [...document.querySelectorAll('.jp-OutputArea-output')]
    .filter(each => each.scrollWidth > each.clientWidth + 1)
    .map(each => each.innerText.slice(0, 80))"""


def title(path: Path) -> str:
    """Return a lesson's path as one word, such as "ko-02-basics"."""
    return "-".join(path.relative_to(NOTEBOOKS).with_suffix("").parts)


def selected() -> list[Path]:
    """Return the lessons to test."""
    all_lessons = os.environ.get("DOCKER_MAGICS_LESSONS") == "all"
    return [path for path in LESSONS if all_lessons or title(path) == DEFAULT_LESSON]


@pytest.mark.parametrize("host", ["embedded"], indirect=True, scope="session")
@pytest.mark.parametrize("lesson", selected(), ids=title)
def test_a_lesson_in_lab(server: Server, page: Page, host: str, lesson: Path) -> None:
    images.provide(host, "redis", *ALSO_NEEDED.get(lesson.name[:2], ()))
    shutil.copy(lesson, server.folder / f"{title(lesson)}.ipynb")
    page.set_viewport_size({"width": 1280, "height": 16_000})  # everything fits without scrolling
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


@pytest.mark.parametrize("host", ["embedded"], indirect=True, scope="session")
def test_a_task_turns_green_without_running_a_cell(
    server: Server, page: Page, docker: Docker
) -> None:
    notebook = notebook_with(page, server, "ticking", *TICKING)
    notebook.run_all()
    output = notebook.output(2)
    missing = "there is no container named waiting"
    expect(output.locator(".dm-task")).to_contain_text(missing, timeout=WITHIN_MS)
    create = "create", "--name", "waiting", "--label", "docker_magics.session=ticking", "busybox"
    docker(*create)
    expect(output).to_contain_text("done", timeout=WITHIN_MS)
    assert violations(outputs(page)) == []
    notebook.run(2)
    expect(output).to_contain_text("done (to begin again: reset", timeout=WITHIN_MS)
    server.end_kernels()
    expect(notebook.output(3).get_by_role("status")).to_contain_text("○ 04.5", timeout=WITHIN_MS)
    notebook.save(server, "ticking", with_widgets=False)
    docker("rm", "waiting")


@pytest.mark.parametrize("host", ["embedded"], indirect=True, scope="session")
def test_the_button_makes_what_a_task_needs(server: Server, page: Page, docker: Docker) -> None:
    notebook = notebook_with(page, server, "resetting", *TICKING)
    notebook.run_all()
    line = notebook.output(3).locator(".dm-task")
    expect(line).to_contain_text("there is no image named me/tea:1", timeout=WITHIN_MS)
    line.get_by_role("button", name="Reset").click()
    expect(line).to_contain_text("there is no image named me/tea:latest", timeout=WITHIN_MS)
    docker("tag", "me/tea:1", "me/tea:latest")
    expect(line).to_contain_text("there is no image named cafe/green:2026", timeout=WITHIN_MS)
    notebook.run(1)
    docker("rmi", "-f", "me/tea:1", "me/tea:latest")


def unexpected_errors(notebook: OpenNotebook, lesson: Path) -> list[str]:
    """Return the errors in cells that are not tagged to raise one."""
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
    """Take a screenshot of each section, from a heading to the next one."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    area = notebook.page.locator(".jp-Notebook").bounding_box()
    cells = notebook.page.locator(".jp-Notebook .jp-Cell")
    boxes = [cell.bounding_box() for cell in cells.all()]
    starts = [n for n in range(len(boxes)) if cells.nth(n).locator("h1, h2").count()]
    assert area is not None
    for count, (first, last) in enumerate(zip(starts, [*starts[1:], len(boxes)], strict=True)):
        top, bottom = boxes[first], boxes[last - 1]
        assert top is not None
        assert bottom is not None
        height = bottom["y"] + bottom["height"] - top["y"]
        clip = FloatRect(x=area["x"], y=top["y"], width=area["width"], height=height)
        notebook.page.screenshot(path=folder / f"{count}.png", clip=clip)
