"""Take the README's pictures in a real JupyterLab, in the light and the dark theme."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser.accessibility import outputs, violations
from browser.shared import Docker
from playwright.sync_api import Page, expect

from tools.front_ends import WITHIN_MS, OpenNotebook, Server, notebook_with, use_theme

WORK = "while true; do head -c 40000000 /dev/zero | md5sum; sleep 1; done"
SERVE = "head -c 60000 /dev/urandom > /feed; echo listening on port 80; httpd -f -v -h / -p 80"
READ = "while true; do wget -qO /dev/null http://$WEB/feed; sleep 0.$((RANDOM % 9 + 1)); done"
BUILD = """%%dockerfile -t me/greeter:1
FROM busybox AS base
RUN mkdir /app && echo app:x:1000:1000::/app:/bin/sh >> /etc/passwd
FROM base AS words
RUN echo "Hello from a cell" > /words
FROM base AS check
RUN echo checking && sleep 2 && echo fine
FROM base
COPY --from=words /words /words
COPY --from=check /etc/passwd /checked
USER app
CMD ["cat", "/words"]
"""


CELLS = {
    "console": ("%docker exec -it web sh",),
    "dashboard": ("%docker ui",),
    "build": (BUILD, "%docker history me/greeter:1 --plot"),
    "stats": ("%docker stats web db queue",),
}
CONSOLE, DASHBOARD, HISTORY, STATS = 1, 2, 4, 5
BUILT = 3


@pytest.fixture
def containers(docker: Docker) -> Iterator[None]:
    """The containers of a small project."""
    docker("run", "-d", "-p", "8080:80", "--name", "web", "busybox", "sh", "-c", SERVE)
    web = docker("inspect", "-f", "{{.NetworkSettings.IPAddress}}", "web")
    docker("run", "-d", "--name", "db", "--network=none", "busybox", "sh", "-c", WORK)
    docker("run", "-d", "--name", "queue", "-e", f"WEB={web}", "busybox", "sh", "-c", READ)
    docker("run", "--name", "migrate", "--network=none", "busybox", "true")
    docker("create", "--name", "worker", "--network=none", "busybox", "true")
    yield
    docker("rm", "-f", "web", "db", "queue", "migrate", "worker")
    docker("rmi", "me/greeter:1")


@pytest.mark.usefixtures("containers")
def test_take_the_pictures(page: Page, server: Server) -> None:
    page.set_viewport_size({"width": 1100, "height": 3300})  # everything fits without scrolling
    cells = [cell for sources in CELLS.values() for cell in sources]
    notebook = notebook_with(page, server, "pictures", *cells)
    page.keyboard.press("Control+b")
    build_twice(notebook)
    type_into_the_console(notebook)
    work_with_the_dashboard(notebook)
    watch_stats(notebook)
    for theme in ("Dark", "Light"):
        use_theme(page, theme)
        assert violations(outputs(page)) == [], theme
        number = 1
        for name, sources in CELLS.items():
            notebook.picture(f"{name}-{theme.lower()}", number, number + len(sources) - 1)
            number += len(sources)


def build_twice(notebook: OpenNotebook) -> None:
    """Build, then change one step and build again: the other steps are CACHED."""
    notebook.start(BUILT)
    steps = notebook.output(BUILT).get_by_role("list", name="Build steps")
    expect(steps).to_contain_text("running", timeout=WITHIN_MS)
    notebook.wait(BUILT)
    expect(steps).to_contain_text("DONE")
    notebook.cell(BUILT).locator(".cm-line").filter(has_text="checking").click()
    notebook.page.keyboard.press("End")
    notebook.page.keyboard.type("!")
    notebook.run(BUILT)
    expect(steps).to_contain_text("CACHED")
    expect(notebook.output(BUILT)).to_contain_text("me/greeter:1")
    notebook.run(HISTORY)


def type_into_the_console(notebook: OpenNotebook) -> None:
    """Show colours and Korean."""
    notebook.start(CONSOLE)
    terminal = notebook.output(CONSOLE).locator(".xterm")
    expect(terminal.locator("textarea")).to_be_focused(timeout=WITHIN_MS)
    rows, type_ = terminal.locator(".xterm-rows"), notebook.page.keyboard.type
    expect(rows).to_contain_text("/ #", timeout=WITHIN_MS)
    type_("clear; ls --color=always /\n")
    expect(rows).to_contain_text("tmp")
    type_("echo 안녕하세요, Docker!\n")
    expect(rows).to_contain_text("Docker!")
    type_('for c in 31 32 33 34 35 36 0; do printf "\\033[${c}m■■ "; done; echo; ps\n')
    expect(rows).to_contain_text("httpd")


def work_with_the_dashboard(notebook: OpenNotebook) -> None:
    """Open logs and start a container."""
    notebook.start(DASHBOARD)
    dashboard = notebook.output(DASHBOARD).locator(".dm-dashboard")
    dashboard.get_by_role("button", name="Logs web").click()
    expect(dashboard.locator(".dm-log")).to_contain_text("listening", timeout=WITHIN_MS)
    dashboard.get_by_role("button", name="Start worker").click()
    expect(dashboard.get_by_role("log")).to_contain_text("done", timeout=WITHIN_MS)


def watch_stats(notebook: OpenNotebook) -> None:
    """Let the charts grow for 12 seconds, then interrupt; the chart stays."""
    notebook.start(STATS)
    chart = notebook.output(STATS).get_by_role("img", name="use of web, db, queue")
    expect(chart).to_be_visible(timeout=WITHIN_MS)
    notebook.page.wait_for_timeout(12_000)
    notebook.page.keyboard.press("Escape")
    notebook.page.keyboard.press("i")
    notebook.page.keyboard.press("i")
    notebook.wait(STATS)
    expect(chart).to_be_visible()
