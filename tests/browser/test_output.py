"""Output in JupyterLab: long output arrives whole, as fast as a shell's; $ stays text."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from browser.shared import Docker
from playwright.sync_api import Page, expect

from tools.front_ends import WITHIN_MS, OpenNotebook, Server, notebook_with

_LINES = 100_000
_PRINT = f"i=0; while [ $i -lt {_LINES} ]; do echo line $i; i=$((i+1)); done"
_LAST = f"line {_LINES - 1}"


@pytest.fixture
def chatty(docker: Docker) -> Iterator[str]:
    """A container with 100,000 lines of log."""
    name = f"chatty-{time.monotonic_ns()}"
    docker("run", "--network=none", "--name", name, "busybox", "sh", "-c", _PRINT)
    yield name
    docker("rm", "-f", name)


def run(notebook: OpenNotebook, number: int) -> tuple[float, list[str]]:
    """Run a cell; return the seconds until its output is in the page, and the output's lines."""
    start = time.monotonic()
    notebook.start(number)
    notebook.wait(number, within_s=150)
    text = ""
    while _LAST not in text and time.monotonic() - start < 150:
        text = "".join(notebook.output(number).locator("pre").all_text_contents())
    return time.monotonic() - start, text.splitlines()


def test_a_log_of_100_000_lines(server: Server, page: Page, chatty: str) -> None:
    notebook = notebook_with(page, server, "logs", f"%docker logs {chatty}", "print('idle')")
    _, lines = run(notebook, 1)
    assert lines == [f"line {i}" for i in range(_LINES)]
    assert notebook.run(2).strip() == "idle"


def test_a_log_takes_at_most_twice_a_shell_s_time(server: Server, page: Page, chatty: str) -> None:
    """Compare 20,000 lines: Lab draws the shell's many messages slowly."""
    cells = [f"!docker logs --tail 20000 {chatty}", f"%docker logs --tail 20000 {chatty}"]
    notebook = notebook_with(page, server, "speed", *cells)
    by_shell, expected = run(notebook, 1)
    by_magic, lines = run(notebook, 2)
    assert lines == expected
    assert by_magic < 2 * by_shell + 1, f"%docker {by_magic:.1f} s, !docker {by_shell:.1f} s"


def test_dollar_signs_are_not_formulas(server: Server, page: Page, docker: Docker) -> None:
    name = f"dollars-{time.monotonic_ns()}"
    docker("create", "--name", name, "busybox", "sh", "-c", "echo $A and $B")
    cells = [
        f"%docker ps -a --no-trunc --filter name={name}",
        f"%docker inspect {name}",
        "%docker explain run busybox echo '$A and $B'",
        f"from docker_magics.course import diagrams; diagrams.three_steps('{name}')",
        "from IPython.display import HTML; HTML('<p>$a$</p>')",
    ]
    notebook = notebook_with(page, server, "dollars", *cells)
    notebook.run_all()
    docker("rm", name)
    expect(notebook.output(5).locator("mjx-container")).to_be_visible(timeout=WITHIN_MS)
    for number in range(1, 5):
        expect(notebook.output(number)).to_contain_text("$A and $B")
    assert page.locator("mjx-container").count() == 1
