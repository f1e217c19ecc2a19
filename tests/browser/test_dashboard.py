"""The dashboard in real front ends: actions by clicks, and the command lines that they run."""

from __future__ import annotations

import re

import pytest
from browser.shared import ANSWER_MS, Docker, on_each_engine, open_dashboard, row
from playwright.sync_api import Locator, Page, expect

from tools.front_ends import (
    WITHIN_MS,
    Server,
    notebook_with,
    open_notebook,
)


def click(dashboard: Locator, name: str, verb: str) -> None:
    """Click a button of a row, or the item of its menu."""
    button = row(dashboard, name).get_by_role("button", name=f"{verb} {name}", exact=True)
    if not button.count():
        row(dashboard, name).locator("[aria-haspopup=menu]").click()
        button = row(dashboard, name).get_by_role("menuitem", name=f"{verb} {name}", exact=True)
    button.click()


@pytest.mark.parametrize(
    ("front_end", "host"),
    [("lab", "docker"), ("notebook", "embedded")],
    indirect=["host"],
    scope="session",
)
def test_a_container_s_lifecycle_by_clicks(
    page: Page, server: Server, web: str, front_end: str
) -> None:
    name = f"life-{front_end}"
    dashboard = open_dashboard(notebook_with(page, server, name, "%docker ui", front_end=front_end))
    expect(row(dashboard, web)).to_contain_text("running", timeout=WITHIN_MS)
    for verb, state in [("Pause", "paused"), ("Unpause", "running"), ("Restart", "running")]:
        click(dashboard, web, verb)
        expect(dashboard.get_by_text(f"docker {verb.lower()} {web}", exact=True)).to_be_visible()
        expect(dashboard.get_by_role("log").locator("> div").last).to_contain_text(
            "done", timeout=WITHIN_MS
        )
        expect(row(dashboard, web)).to_contain_text(state, timeout=WITHIN_MS)
    click(dashboard, web, "Stop")
    expect(dashboard.get_by_text(f"docker stop {web}", exact=True)).to_be_visible()
    expect(row(dashboard, web)).to_contain_text("SIGKILL in")
    expect(row(dashboard, web)).to_contain_text("exited with code 137", timeout=WITHIN_MS)
    assert row(dashboard, web).get_by_role("button", name=f"Exec {web}").is_disabled()
    assert row(dashboard, web).get_by_role("button", name=f"Stop {web}").count() == 0
    click(dashboard, web, "Start")
    expect(row(dashboard, web)).to_contain_text("running", timeout=WITHIN_MS)
    click(dashboard, web, "Kill")
    expect(row(dashboard, web)).to_contain_text("exited", timeout=WITHIN_MS)
    click(dashboard, web, "Rename")
    page.get_by_role("dialog").get_by_role("textbox").fill(f"{web}-renamed")
    page.keyboard.press("Enter")
    expect(row(dashboard, f"{web}-renamed")).to_be_visible(timeout=WITHIN_MS)
    click(dashboard, f"{web}-renamed", "Remove")
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(row(dashboard, f"{web}-renamed")).to_have_count(0, timeout=WITHIN_MS)
    line = f"docker rm {web}-renamed"
    expect(dashboard.get_by_text(line, exact=True)).to_be_visible()
    dashboard.get_by_role("button", name=f"Copy {line}").click()
    assert page.evaluate("navigator.clipboard.readText()") == line


def test_the_create_dialog_creates_a_container(
    page: Page, server: Server, docker: Docker, web: str
) -> None:
    dashboard = open_dashboard(
        notebook_with(page, server, "create", "%docker ui", front_end="notebook")
    )
    created = f"{web}-renamed"
    dashboard.get_by_role("button", name="Create", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Image").fill("busybox")
    dialog.get_by_label("Name").fill(created)
    dialog.get_by_label("Environment").fill("GREETING=hi")
    dialog.get_by_label("Command").fill("sh -c 'echo $GREETING; sleep 100'")
    line = (
        f"docker create --name {created} -e GREETING=hi busybox sh -c 'echo $GREETING; sleep 100'"
    )
    dialog.get_by_role("button", name="Create").click()
    expect(dashboard.get_by_text(line, exact=True)).to_be_visible()
    expect(row(dashboard, created)).to_contain_text("created", timeout=WITHIN_MS)
    click(dashboard, created, "Start")
    expect(row(dashboard, created)).to_contain_text("running", timeout=WITHIN_MS)
    assert docker("logs", created) == "hi"


@on_each_engine
def test_logs_console_inspect_and_files(page: Page, server: Server, web: str) -> None:
    alerts: list[str] = []
    page.on("dialog", lambda dialog: alerts.append(dialog.message))
    dashboard = open_dashboard(
        notebook_with(page, server, "detail", f"%docker ui {web}", front_end="notebook")
    )
    log = dashboard.locator(".dm-log")
    expect(log).to_contain_text("<img src=x onerror=alert(2)>", timeout=WITHIN_MS)
    expect(log).to_contain_text("tick")
    dashboard.get_by_label("Search the logs").fill("onerror")
    expect(log).not_to_contain_text("tick")
    detail = dashboard.locator(".dm-detail")
    detail.get_by_role("button", name="Inspect").click()
    expect(detail).to_contain_text("<script>alert(1)</script>", timeout=WITHIN_MS)
    detail.get_by_role("button", name="Files").click()
    detail.get_by_role("button", name="etc/").click()
    with page.expect_download(timeout=WITHIN_MS) as download:
        detail.get_by_role("button", name="Download hostname").click()
    assert download.value.suggested_filename == "hostname"
    assert re.fullmatch(r"[0-9a-f]{12}\n", download.value.path().read_text())
    detail.get_by_role("button", name="Exec").click()
    rows = detail.locator(".xterm-rows")
    expect(detail.locator(".xterm textarea")).to_be_focused(timeout=WITHIN_MS)
    expect(rows).to_contain_text("/ #", timeout=WITHIN_MS)
    page.keyboard.type("echo inside-$((1+1))\n")
    expect(rows).to_contain_text("inside-2")
    assert alerts == []


def test_images_volumes_and_networks(page: Page, server: Server, docker: Docker, web: str) -> None:
    dashboard = open_dashboard(
        notebook_with(page, server, "tabs", "%docker ui", front_end="notebook")
    )
    dashboard.get_by_role("tab", name="Images").click()
    docker("tag", "busybox", f"{web}:spare")
    dashboard.get_by_label("Search images").fill("spare")
    expect(dashboard.get_by_role("row").filter(has_text="busybox")).to_be_visible(timeout=WITHIN_MS)
    dashboard.locator(".dm-list-images [data-verb=history]").click()
    # the image's first name is another one if other tests have given it more
    expect(dashboard.get_by_text(re.compile(r"^docker history \S+:\S+$"))).to_be_visible()
    expect(dashboard.locator(".dm-layers li").first).to_contain_text("MB", timeout=WITHIN_MS)
    expect(dashboard.locator(".dm-detail")).to_contain_text("nothing wasted")
    docker("rmi", f"{web}:spare")
    dashboard.get_by_role("tab", name="Volumes").click()
    dashboard.get_by_role("button", name="Create", exact=True).click()
    page.get_by_role("dialog").get_by_role("textbox").fill(f"{web}-data")
    page.keyboard.press("Enter")
    volume = dashboard.get_by_role("row").filter(has_text=f"{web}-data")
    expect(volume).to_be_visible(timeout=WITHIN_MS)
    dashboard.get_by_role("tab", name="Networks").click()
    expect(dashboard.get_by_role("row").filter(has_text="bridge").first).to_be_visible()
    dashboard.get_by_role("tab", name="Volumes").click()
    dashboard.get_by_role("button", name=f"Inspect {web}-data").click()
    expect(dashboard.locator(".dm-detail")).to_contain_text("Mountpoint", timeout=WITHIN_MS)
    docker("volume", "rm", f"{web}-data")
    expect(volume).to_have_count(0, timeout=WITHIN_MS)
    expect(dashboard.locator(".dm-detail")).to_be_hidden()


def test_a_pull_shows_its_progress(
    page: Page, server: Server, docker: Docker, registry: str, web: str
) -> None:
    image = f"{registry}/{web}"
    container = docker("create", "busybox", "sh", "-c", "head -c 9000000 /dev/urandom > /some")
    docker("start", "-a", container)
    docker("commit", container, image)
    docker("rm", container)
    docker("push", "-q", image)
    docker("rmi", image)
    dashboard = open_dashboard(
        notebook_with(page, server, "pull", "%docker ui", front_end="notebook")
    )
    dashboard.get_by_role("tab", name="Images").click()
    dashboard.get_by_role("button", name="Pull", exact=True).click()
    page.get_by_role("dialog").get_by_role("textbox").fill(image)
    page.keyboard.press("Enter")
    expect(dashboard.get_by_role("progressbar")).to_be_visible(timeout=WITHIN_MS)
    expect(dashboard.get_by_role("row").filter(has_text=image)).to_be_visible(timeout=WITHIN_MS)
    expect(dashboard.get_by_role("log")).to_contain_text("done in")
    docker("rmi", image)


def test_ports_link_through_jupyter_server_proxy_if_installed(
    page: Page, server: Server, docker: Docker, web: str
) -> None:
    name = f"{web}-renamed"
    serve = ("busybox", "sh", "-c", "echo served > /index.html; httpd -f -h / -p 80")
    docker("run", "-d", "-p", "127.0.0.1::80", "--name", name, *serve)
    port = docker("port", name, "80").rpartition(":")[2]
    disable_proxy = "import sys; sys.modules['jupyter_server_proxy'] = None"
    notebook = notebook_with(page, server, "ports", f"%docker ui {name}", disable_proxy)
    with page.expect_popup() as popup:
        open_dashboard(notebook).get_by_role("link", name=f"{port}→80").click()
    expect(popup.value.locator("body")).to_have_text("served", timeout=WITHIN_MS)
    assert popup.value.url == f"{server.url}/proxy/{port}/"
    notebook.run(2)
    link = open_dashboard(notebook).get_by_role("link", name=f"{port}→80")
    expect(link).to_have_attribute("href", f"http://127.0.0.1:{port}/", timeout=WITHIN_MS)


@pytest.mark.parametrize("front_end", ["lab", "notebook"])
def test_ps_links_to_the_dashboard(page: Page, server: Server, web: str, front_end: str) -> None:
    notebook = notebook_with(
        page, server, f"link-{front_end}", "%docker ps", "1 + 1", front_end=front_end
    )
    notebook.run(1)
    notebook.output(1).get_by_role("link", name="%docker ui").click()
    expect(notebook.cell(2).locator(".cm-content")).to_have_text("%docker ui")
    dashboard = notebook.output(2).locator(".dm-dashboard")
    expect(row(dashboard, web)).to_be_visible(timeout=WITHIN_MS)


def test_two_tabs_and_a_reload(page: Page, server: Server, docker: Docker, web: str) -> None:
    notebook = notebook_with(page, server, "tabs-two", "%docker ui")
    dashboard = open_dashboard(notebook)
    expect(row(dashboard, web)).to_be_visible(timeout=WITHIN_MS)
    notebook.save(server, "tabs-two")
    other = page.context.new_page()
    other_dashboard = open_notebook(other, server, "tabs-two", front_end="notebook").output(1)
    other_dashboard = other_dashboard.locator(".dm-dashboard")
    expect(row(other_dashboard, web)).to_be_visible(timeout=WITHIN_MS)
    expect(row(other_dashboard, web).locator(".dm-spark").first).to_be_visible(timeout=WITHIN_MS)
    click(other_dashboard, web, "Pause")
    expect(row(dashboard, web)).to_contain_text("paused", timeout=WITHIN_MS)
    expect(row(other_dashboard, web).locator(".dm-spark")).to_have_count(0)
    other.close()
    page.reload()
    expect(row(dashboard, web)).to_contain_text("paused", timeout=WITHIN_MS * 2)
    docker("unpause", web)
    expect(row(dashboard, web).locator(".dm-spark").first).to_be_visible(timeout=WITHIN_MS)
    server.end_kernels()
    expect(dashboard.get_by_role("alert").first).to_contain_text(
        re.compile("The kernel (does not answer|has ended)"), timeout=WITHIN_MS * 2
    )


@on_each_engine
def test_the_dashboard_updates_while_a_cell_runs(
    page: Page, server: Server, docker: Docker, web: str
) -> None:
    cells = ("%docker ui", "import time\ntime.sleep(20)")
    notebook = notebook_with(page, server, "busy", *cells)
    dashboard = open_dashboard(notebook)
    expect(row(dashboard, web)).to_be_visible(timeout=WITHIN_MS)
    notebook.start(2)
    docker("pause", web)
    expect(row(dashboard, web)).to_contain_text("paused", timeout=ANSWER_MS)
    click(dashboard, web, "Unpause")
    expect(row(dashboard, web)).to_contain_text("running", timeout=ANSWER_MS)
    assert "[*]" in notebook.cell(2).inner_text()


def test_only_visible_rows_are_rendered(
    page: Page, server: Server, docker: Docker, web: str
) -> None:
    containers = [docker("create", "--network=none", "--label", web, "busybox") for _ in range(60)]
    dashboard = open_dashboard(
        notebook_with(page, server, "many", "%docker ui", front_end="notebook")
    )
    expect(dashboard.locator(".dm-count").first).to_contain_text(re.compile(r"6\d containers"))
    assert dashboard.get_by_role("row").count() < 40
    dashboard.get_by_label("Search containers").fill(web)
    expect(row(dashboard, web)).to_be_visible()
    docker("rm", *containers)
    expect(dashboard.locator(".dm-count").first).to_contain_text("1 of", timeout=WITHIN_MS)


def test_keyboard_navigation(page: Page, server: Server, web: str) -> None:
    dashboard = open_dashboard(
        notebook_with(page, server, "keys", f"%docker ui {web}", front_end="notebook")
    )
    menu_button = row(dashboard, web).locator("[aria-haspopup=menu]")
    menu_button.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(menu_button).to_be_focused()
    dashboard.get_by_role("tab", name="Containers").focus()
    page.keyboard.press("ArrowRight")
    expect(dashboard.get_by_role("tab", name="Logs")).to_have_attribute("aria-selected", "true")


def test_running_the_cell_again_ends_the_old_threads(page: Page, server: Server, web: str) -> None:
    names = "import threading\nsorted(t.name for t in threading.enumerate() if 'magics' in t.name)"
    notebook = notebook_with(
        page, server, "threads", f"%docker ui {web}", names, front_end="notebook"
    )
    open_dashboard(notebook)
    expect(notebook.output(1).locator(".dm-spark").first).to_be_visible(timeout=WITHIN_MS)
    before = notebook.run(2).partition("\n")[2]
    notebook.start(1)
    expect(notebook.output(1).locator(".dm-spark").first).to_be_visible(timeout=WITHIN_MS)
    assert notebook.run(2).partition("\n")[2] == before
