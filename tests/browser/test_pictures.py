"""The README's pictures, taken of what works in a real JupyterLab, in its light and dark theme."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tools.front_ends import WITHIN_MS, OpenNotebook, Server, notebook_with

Docker = Callable[..., str]
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


@pytest.fixture(scope="module")
def containers(docker: Docker) -> Iterator[None]:
    """What a small project might have."""
    docker("run", "-d", "-p", "8080:80", "--name", "web", "busybox", "sh", "-c", SERVE)
    web = docker("inspect", "-f", "{{.NetworkSettings.IPAddress}}", "web")
    docker("run", "-d", "--name", "db", "--network=none", "busybox", "sh", "-c", WORK)
    docker("run", "-d", "--name", "queue", "-e", f"WEB={web}", "busybox", "sh", "-c", READ)
    docker("run", "--name", "migrate", "--network=none", "busybox", "true")
    docker("create", "--name", "worker", "--network=none", "busybox", "true")
    yield
    docker("rm", "-f", "web", "db", "queue", "migrate", "worker")


def wide(page: Page, server: Server, name: str, *cells: str) -> OpenNotebook:
    """A notebook without the side bar, higher than a screen."""
    page.set_viewport_size({"width": 1100, "height": 1400})
    notebook = notebook_with(page, server, name, *cells)
    page.keyboard.press("Control+b")
    return notebook


@pytest.mark.usefixtures("containers")
def test_the_console(page: Page, server: Server) -> None:
    notebook = wide(page, server, "picture-console", "%docker exec -it web sh")
    notebook.start(1)
    rows = notebook.output(1).locator(".xterm-rows")
    expect(rows).to_contain_text("/ #", timeout=WITHIN_MS)
    page.keyboard.type("clear; ls --color=always /\n")
    expect(rows).to_contain_text("tmp")
    page.keyboard.type("echo 안녕하세요, Docker!\n")
    expect(rows).to_contain_text("Docker!")
    page.keyboard.type('for c in 31 32 33 34 35 36 0; do printf "\\033[${c}m■■ "; done; echo; ps\n')
    expect(rows).to_contain_text("httpd")
    notebook.pictures("console", 1, 1)


@pytest.mark.usefixtures("containers")
def test_the_dashboard(page: Page, server: Server, docker: Docker) -> None:
    notebook = wide(page, server, "picture-dashboard", "%docker ui")
    notebook.start(1)
    dashboard = notebook.output(1).locator(".dm-dashboard")
    dashboard.get_by_role("button", name="Logs web").click()
    expect(dashboard.locator(".dm-log")).to_contain_text("listening", timeout=WITHIN_MS)
    dashboard.get_by_role("button", name="More for db").click()
    dashboard.get_by_role("button", name="Pause db").click()
    expect(dashboard.get_by_role("log")).to_contain_text("done", timeout=WITHIN_MS)
    page.wait_for_timeout(10_000)  # for sparklines worth the name
    notebook.pictures("dashboard", 1, 1)
    docker("unpause", "db")


def test_a_build(page: Page, server: Server, docker: Docker) -> None:
    notebook = wide(page, server, "picture-build", BUILD, "%docker history me/greeter:1 --plot")
    notebook.start(1)
    steps = notebook.output(1).get_by_role("list", name="Build steps")
    expect(steps).to_contain_text("running", timeout=WITHIN_MS)
    notebook.wait(1)
    expect(steps).to_contain_text("DONE")
    page.evaluate("document.querySelector('.jp-Notebook').scrollTo(0, 0)")
    changed = notebook.cell(1).locator(".cm-line").filter(has_text="checking")
    changed.click()
    page.keyboard.press("End")
    page.keyboard.type("!")
    notebook.run(1)
    expect(steps).to_contain_text("CACHED")
    notebook.run(2)
    notebook.pictures("build", 1, 2)
    docker("rmi", "me/greeter:1")


@pytest.mark.usefixtures("containers")
def test_stats(page: Page, server: Server) -> None:
    notebook = wide(page, server, "picture-stats", "%docker stats web db queue")
    notebook.start(1)
    output = notebook.output(1)
    expect(output.get_by_role("img", name="use of web, db, queue")).to_be_visible(timeout=WITHIN_MS)
    page.wait_for_timeout(10_000)  # for lines worth the name
    page.keyboard.press("Escape")
    page.keyboard.press("i")
    page.keyboard.press("i")
    notebook.wait(1)
    expect(output.get_by_role("img").first).to_be_visible()
    notebook.pictures("stats", 1, 1)
