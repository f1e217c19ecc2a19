"""Compose projects in the dashboard: grouped, with Up, Down, Restart and Logs of all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.shared import on_each_engine
from browser.test_dashboard import open_dashboard
from playwright.sync_api import Page, expect

from docker_magics import docker as run_line
from tools.front_ends import WITHIN_MS, Server, notebook_with

FILE = """
services:
  web:
    image: busybox
    command: sh -c 'while true; do echo tick; sleep 1; done'
    depends_on: [db]
    stop_grace_period: 0s
    network_mode: none
  db:
    image: busybox
    command: sleep 1000
    stop_grace_period: 0s
    network_mode: none
    volumes: ["data:/data"]
volumes:
  data:
"""

#: The visible controls of an element that its own or an ancestor's edge cuts off.
OVERFLOWING = """root => [...root.querySelectorAll('button, a, input')].filter(control => {
    const {left, right, width} = control.getBoundingClientRect();
    if (!width) return false;
    for (let box = control.parentElement; box !== root.parentElement; box = box.parentElement) {
        const {left: start, right: end} = box.getBoundingClientRect();
        const clips = getComputedStyle(box).overflowX !== 'visible';
        if (clips && (left < start - 1 || right > end + 1)) return true;
    }
    return false;
}).map(control => control.outerHTML)"""


@pytest.fixture
def project(host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A project of two services that was started from a file."""
    monkeypatch.setenv("DOCKER_HOST", host)
    (tmp_path / "compose.yaml").write_text(FILE)
    line = f"compose -f {tmp_path}/compose.yaml -p shop"
    run_line(f"{line} up -d")
    yield
    run_line(f"{line} down -v -t 0")


@on_each_engine
@pytest.mark.usefixtures("project")
def test_a_project_from_down_to_up(page: Page, server: Server) -> None:
    notebook = notebook_with(page, server, "projects", "%docker ui", front_end="notebook")
    dashboard = open_dashboard(notebook)
    shop = dashboard.get_by_role("row").filter(has=page.get_by_role("button", name="Down shop"))
    expect(shop.locator(".dm-state")).to_have_text("running", timeout=WITHIN_MS)
    shop.get_by_role("button", name="Logs shop").click()
    expect(dashboard.locator(".dm-log")).to_contain_text("tick", timeout=WITHIN_MS)
    shop.get_by_role("button", name="Restart shop").click()
    commands = dashboard.get_by_role("log", name="Commands")
    expect(commands.locator("> div").last).to_contain_text("done", timeout=WITHIN_MS)
    dashboard.get_by_role("button", name="Stop shop-db-1").click()
    expect(shop.locator(".dm-state")).to_have_text("1 of 2 running", timeout=WITHIN_MS)
    shop.get_by_role("button", name="shop", exact=True).click()
    expect(dashboard.get_by_role("button", name="shop-web-1")).to_have_count(0)
    shop.get_by_role("button", name="Down shop").click()
    page.get_by_role("dialog").get_by_role("button", name="Down", exact=True).click()
    expect(shop.locator(".dm-state")).to_have_text("down", timeout=WITHIN_MS)
    shop.get_by_role("button", name="Up shop").click()
    expect(shop.locator(".dm-state")).to_have_text("running", timeout=WITHIN_MS)


@pytest.mark.parametrize("width", [620, 480])
@pytest.mark.usefixtures("project")
def test_nothing_overflows_in_a_narrow_cell(page: Page, server: Server, width: int) -> None:
    dashboard = open_dashboard(notebook_with(page, server, f"narrow-{width}", "%docker ui"))
    page.set_viewport_size({"width": width, "height": 900})
    page.keyboard.press("Control+b")
    for tab in dashboard.get_by_role("tab").all():
        tab.click()
        expect(dashboard.locator(".dm-space > .dm-row").first).to_be_visible(timeout=WITHIN_MS)
        assert dashboard.evaluate(OVERFLOWING) == [], tab.inner_text()
