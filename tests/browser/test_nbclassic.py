"""The widgets in nbclassic, the Notebook 6 of servers that still have it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from browser.shared import Docker
from playwright.sync_api import Locator, Page, expect

from tools.front_ends import WITHIN_MS, Server

START_MS = 60_000


@pytest.fixture
def web(docker: Docker) -> Iterator[str]:
    """A running container."""
    name = f"web-{time.monotonic_ns()}"
    docker("run", "-d", "--network=none", "--name", name, "busybox", "sleep", "1000")
    yield name
    docker("rm", "-f", name)


@pytest.mark.parametrize("host", ["embedded"], indirect=True, scope="session")
def test_the_dashboard_and_a_console(page: Page, server: Server, docker: Docker, web: str) -> None:
    cells = ["%load_ext docker_magics", "%docker ps", "%docker ui", f"%docker exec -it {web} sh"]
    server.write("classic", cells)
    page.goto(f"{server.url}/nbclassic/notebooks/classic.ipynb")
    server.await_kernel("classic.ipynb")
    page.get_by_text("Cell", exact=True).first.click(timeout=START_MS)
    page.get_by_text("Run All", exact=True).click()
    expect(_output(page, 1)).to_contain_text(web, timeout=START_MS)
    console = _output(page, 3).locator(".xterm-rows")
    screen = _output(page, 3).locator(".xterm-screen")
    screen.scroll_into_view_if_needed(timeout=START_MS)  # xterm draws only what is in view
    expect(console).to_contain_text("/ #", timeout=WITHIN_MS)
    screen.click()
    page.keyboard.type("echo $((6 * 7))\n")
    expect(console).to_contain_text("42", timeout=WITHIN_MS)
    dashboard = _output(page, 2).locator(".dm-dashboard")
    dashboard.get_by_role("button", name=f"Stop {web}").click()
    row = dashboard.get_by_role("row").filter(has_text=web)
    expect(row.locator(".dm-state")).to_contain_text("exited", timeout=WITHIN_MS)
    assert "Exited" in docker("ps", "-a", "--filter", f"name={web}", "--format", "{{.Status}}")


def _output(page: Page, number: int) -> Locator:
    return page.locator(".cell.code_cell").nth(number).locator(".output_wrapper")
