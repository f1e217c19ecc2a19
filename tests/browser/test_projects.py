"""Compose projects in the dashboard: grouped, with Up, Down, Restart and Logs of all."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.accessibility import violations
from browser.shared import Docker, on_each_engine, open_dashboard
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
    ports: ["127.0.0.1::80"]
    healthcheck: {test: "echo fine", interval: 1s, retries: 60}
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
    shop.get_by_role("button", name="Restart shop").click()
    commands = dashboard.get_by_role("log", name="Commands")
    expect(commands.locator("> div").last).to_contain_text("done", timeout=WITHIN_MS)
    db = dashboard.get_by_role("row").filter(has=page.get_by_role("button", name="Stop shop-db-1"))
    expect(db).to_contain_text("healthy", timeout=WITHIN_MS)
    db.get_by_role("button", name="Logs shop-db-1").click()
    dashboard.locator(".dm-detail").get_by_role("button", name="Health").click()
    expect(dashboard.locator(".dm-detail .dm-output")).to_contain_text("fine", timeout=WITHIN_MS)
    dashboard.get_by_role("button", name="Stop shop-db-1").click()
    expect(shop.locator(".dm-state")).to_have_text("1 of 2 running", timeout=WITHIN_MS)
    shop.get_by_role("button", name="shop", exact=True).click()
    expect(dashboard.get_by_role("button", name="shop-web-1")).to_have_count(0)
    shop.get_by_role("button", name="Down shop").click()
    page.get_by_role("dialog").get_by_role("button", name="Down", exact=True).click()
    expect(shop.locator(".dm-state")).to_have_text("down", timeout=WITHIN_MS)
    shop.get_by_role("button", name="Up shop").click()
    expect(shop.locator(".dm-state")).to_have_text("running", timeout=WITHIN_MS)
    outcome = commands.locator(".dm-outcome").last
    expect(outcome).to_contain_text("done", timeout=WITHIN_MS)
    box = outcome.bounding_box()
    assert box
    assert box["height"] < 40  # one line, although the command is long


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


@on_each_engine
@pytest.mark.usefixtures("project")
def test_logs_of_all_containers(page: Page, server: Server, docker: Docker) -> None:
    many = "i=0; while [ $i -lt 100000 ]; do echo line $i; i=$((i+1)); done"
    name = f"many-{time.monotonic_ns()}"
    docker("run", "-d", "--network=none", "--name", name, "busybox", "sh", "-c", many)
    dashboard = open_dashboard(notebook_with(page, server, "all-logs", "%docker ui"))
    dashboard.get_by_role("button", name="Logs shop", exact=True).click()
    count = dashboard.locator(".dm-logs .dm-count")
    table = dashboard.get_by_role("table", name="Log lines")
    expect(table.get_by_role("row").nth(2)).to_contain_text("shop-web-1 tick", timeout=WITHIN_MS)
    expect(dashboard.get_by_role("button", name="Follow")).to_have_attribute("aria-pressed", "true")
    choice = dashboard.get_by_label("Containers", exact=True)
    choice.select_option(label=name)
    expect(count).to_have_text("100,000 lines", timeout=WITHIN_MS * 3)
    expect(table).to_contain_text("line 99999")
    assert table.get_by_role("row").count() < 60
    dashboard.get_by_label("Search all logs").fill("line 4242")
    expect(count).to_have_text("11 lines")
    choice.select_option(label="All containers")
    dashboard.get_by_label("Search all logs").fill("")
    expect(table).to_contain_text("tick", timeout=WITHIN_MS)
    dashboard.get_by_role("button", name="Timestamps").click()
    expect(table.locator(".dm-c-clock").first).to_be_hidden()
    table.get_by_role("button", name="tick").last.click()
    expect(dashboard.locator(".dm-detail .dm-output")).to_have_text("tick")
    assert violations(dashboard) == []
    docker("rm", "-f", name)
