"""The console in real front ends."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import pytest
from browser.accessibility import outputs, violations
from browser.shared import ANSWER_MS, Docker, on_each_engine
from playwright.sync_api import Locator, Page, expect

from tools.front_ends import (
    WITHIN_MS,
    OpenNotebook,
    Server,
    notebook_with,
    open_notebook,
)


@pytest.fixture
def box(docker: Docker) -> Iterator[str]:
    """A running container without a network; new interfaces interrupt Chromium's requests."""
    name = f"console-{time.monotonic_ns()}"
    docker("run", "-d", "--init", "--network=none", "--name", name, "busybox", "sleep", "1000")
    yield name
    docker("rm", "-f", name)


def commands(docker: Docker, name: str) -> list[str]:
    """Return the command lines in a container, without its init and this listing."""
    lines = docker("exec", name, "ps", "-o", "args").splitlines()[1:]
    return [line for line in lines if not re.search("docker-init|sleep 1000|ps -o", line)]


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_MS / 1000
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def open_terminal(notebook: OpenNotebook, number: int = 1) -> Locator:
    """Run a console's cell; return the rows of its terminal when it has the focus."""
    notebook.start(number)
    terminal = notebook.output(number).locator(".xterm")
    expect(terminal.locator("textarea")).to_be_focused(timeout=WITHIN_MS)
    return terminal.locator(".xterm-rows")


def open_console(notebook: OpenNotebook, number: int = 1) -> Locator:
    """Open a terminal and wait for the shell's prompt."""
    rows = open_terminal(notebook, number)
    expect(rows).to_contain_text("/ #", timeout=WITHIN_MS)
    return rows


@on_each_engine
@pytest.mark.parametrize("front_end", ["lab", "notebook"])
def test_typing_into_a_shell_until_it_exits(
    page: Page, server: Server, docker: Docker, box: str, front_end: str
) -> None:
    name = f"console-{front_end}"
    notebook = notebook_with(page, server, name, f"%docker exec -it {box} sh", front_end=front_end)
    rows = open_console(notebook)
    page.keyboard.type("echo sum-$((40+2)) 한글\n")
    expect(rows).to_contain_text("sum-42 한글")
    page.keyboard.type("sleep 500\n")
    wait_for(lambda: "sleep 500" in commands(docker, box))
    page.keyboard.press("Control+c")
    page.keyboard.type("top\n")
    expect(rows).to_contain_text("Mem:")
    page.keyboard.type("q")
    page.keyboard.type("exit 3\n")
    expect(notebook.output(1)).to_contain_text("exited with code 3", timeout=WITHIN_MS)
    expect(notebook.output(1)).to_contain_text("# exit 3")
    expect(notebook.output(1).locator(".xterm")).to_have_count(0)
    assert violations(outputs(page)) == []


@on_each_engine
def test_ctrl_d_exits_and_the_detach_keys_detach(
    page: Page, server: Server, docker: Docker, box: str
) -> None:
    attached = f"{box}-tty"
    docker("run", "-dit", "--network=none", "--name", attached, "busybox", "sh")
    lines = (f"%docker exec -it {box} sh", f"%docker attach {attached}")
    notebook = notebook_with(page, server, "console-keys", *lines, front_end="notebook")
    open_console(notebook)
    page.keyboard.press("Control+d")
    expect(notebook.output(1)).to_contain_text("exited with code 0", timeout=WITHIN_MS)
    rows = open_terminal(notebook, 2)
    page.keyboard.press("Enter")
    expect(rows).to_contain_text("/ #", timeout=WITHIN_MS)
    page.keyboard.press("Control+p")
    page.keyboard.press("Control+q")
    expect(notebook.output(2)).to_contain_text("detached", timeout=WITHIN_MS)
    assert docker("inspect", "-f", "{{.State.Status}}", attached) == "running"
    docker("rm", "-f", attached)


def test_a_full_screen_program_and_composed_korean(page: Page, server: Server, box: str) -> None:
    notebook = notebook_with(
        page, server, "console-vi", f"%docker console {box}", front_end="notebook"
    )
    rows = open_console(notebook)
    page.keyboard.type("vi /tmp/note\n")
    expect(rows).to_contain_text("/tmp/note", timeout=WITHIN_MS)
    page.keyboard.type("i")
    input_method = page.context.new_cdp_session(page)
    for syllable in ("ㅎ하한", "ㄱ그글"):
        for composed in syllable:
            at = {"selectionStart": 1, "selectionEnd": 1}
            input_method.send("Input.imeSetComposition", {"text": composed, **at})
        input_method.send("Input.insertText", {"text": syllable[-1]})
    expect(rows).to_contain_text(re.compile("한 ?글"))  # busybox assumes other character widths
    page.keyboard.press("Escape")
    page.wait_for_timeout(500)  # otherwise vi combines Escape with the next key
    page.keyboard.type(":wq\n")
    page.keyboard.type("printf '\\033[31m%s\\033[0m\\n' $(cat /tmp/note)\n")
    red = rows.locator(".xterm-fg-1")
    expect(red).to_have_text("한글", timeout=WITHIN_MS)


def test_concurrent_consoles_receive_their_own_keys(page: Page, server: Server, box: str) -> None:
    lines = (f"%docker exec -it {box} sh", f"%docker exec -it -e PS1='two: ' {box} sh")
    notebook = notebook_with(page, server, "console-two", *lines, front_end="notebook")
    one = open_console(notebook, 1)
    two = open_terminal(notebook, 2)
    expect(two).to_contain_text("two:", timeout=WITHIN_MS)
    for rows, text in ((one, "first"), (two, "second"), (one, "third")):
        rows.click(force=True)
        page.keyboard.type(f"echo {text}-$((1+1))\n")
        expect(rows).to_contain_text(f"{text}-2", timeout=WITHIN_MS)
    assert "second-2" not in one.inner_text()
    assert "third-2" not in two.inner_text()


@on_each_engine
def test_closing_the_console_of_run_rm_removes_the_container(
    page: Page, server: Server, docker: Docker, box: str
) -> None:
    container = f"{box}-run"
    line = f"%docker run -it --rm --network none --name {container} busybox"
    notebook = notebook_with(page, server, "console-run", line, front_end="notebook")
    open_console(notebook)
    assert docker("ps", "-q", "--filter", f"name={container}")
    close_button(notebook)
    wait_for(lambda: not docker("ps", "-aq", "--filter", f"name={container}"))
    open_console(notebook)
    server.end_kernels()
    wait_for(lambda: not docker("ps", "-aq", "--filter", f"name={container}"))


@pytest.mark.parametrize("front_end", ["lab", "notebook"])
def test_the_console_works_while_another_cell_runs(
    page: Page, server: Server, box: str, front_end: str
) -> None:
    cells = (f"%docker exec -it {box} sh", "import time\ntime.sleep(20)")
    name = f"console-busy-{front_end}"
    notebook = notebook_with(page, server, name, *cells, front_end=front_end)
    rows = open_console(notebook)
    notebook.start(2)
    rows.click(force=True)
    page.keyboard.type("echo busy-$((40+3))\n")
    expect(rows).to_contain_text("busy-43", timeout=ANSWER_MS)
    assert "[*]" in notebook.cell(2).inner_text()


@on_each_engine
def test_the_terminal_size_follows_the_page(page: Page, server: Server, box: str) -> None:
    notebook = notebook_with(
        page, server, "console-size", f"%docker exec -it {box} sh", front_end="notebook"
    )
    rows = open_console(notebook)
    page.keyboard.type("stty size\n")
    expect(rows).to_contain_text(re.compile(r"24 \d+"))
    wide = int(re.findall(r"24 (\d+)", rows.inner_text())[-1])
    page.set_viewport_size({"width": 900, "height": 960})
    page.keyboard.type("clear; stty size\n")
    expect(rows).to_contain_text(re.compile(r"24 \d+"))
    wait_for(lambda: int((re.findall(r"24 (\d+)", rows.inner_text()) or [wide])[-1]) < wide)


def test_copy_and_paste(page: Page, server: Server, box: str) -> None:
    notebook = notebook_with(
        page, server, "console-paste", f"%docker exec -it {box} sh", front_end="notebook"
    )
    rows = open_console(notebook)
    page.evaluate("navigator.clipboard.writeText('echo pasted-$((1+1))')")
    page.keyboard.press("Control+v")
    expect(rows).to_contain_text("echo pasted")
    page.keyboard.press("Enter")
    expect(rows).to_contain_text("pasted-2")
    rows.get_by_text("pasted-2").dblclick(force=True)
    page.keyboard.press("Control+c")
    wait_for(lambda: "pasted-2" in page.evaluate("navigator.clipboard.readText()"))


def test_the_console_survives_a_reload(page: Page, server: Server, box: str) -> None:
    notebook = notebook_with(page, server, "console-reload", f"%docker exec -it {box} sh")
    rows = open_console(notebook)
    page.keyboard.type("echo before-$((1+1))\n")
    expect(rows).to_contain_text("before-2")
    notebook.save(server, "console-reload")
    page.reload()
    expect(rows).to_contain_text("before-2", timeout=WITHIN_MS * 2)
    rows.click(force=True)
    page.keyboard.type("echo after-$((1+2))\n")
    expect(rows).to_contain_text("after-3", timeout=WITHIN_MS)


def test_two_tabs_show_one_terminal(page: Page, server: Server, box: str) -> None:
    notebook = notebook_with(page, server, "console-tabs", f"%docker exec -it {box} sh")
    rows = open_console(notebook)
    notebook.save(server, "console-tabs")
    other = page.context.new_page()
    other_notebook = open_notebook(other, server, "console-tabs", front_end="notebook")
    other_rows = other_notebook.output(1).locator(".xterm-rows")
    expect(other_rows).to_contain_text("/ #", timeout=WITHIN_MS)
    other_rows.click(force=True)
    other.keyboard.type("echo both-$((1+1))\n")
    expect(other_rows).to_contain_text("both-2")
    page.bring_to_front()
    rows.click(force=True)
    expect(rows).to_contain_text("both-2", timeout=WITHIN_MS)


@on_each_engine
def test_ending_a_console_leaves_no_process(
    page: Page, server: Server, docker: Docker, box: str
) -> None:
    notebook = notebook_with(page, server, "console-ends", f"%docker exec -it {box} sh")
    for end in (close_button, run_again, restart_kernel):
        open_console(notebook)
        page.keyboard.type("sleep 500\n")
        wait_for(lambda: "sleep 500" in commands(docker, box))
        end(notebook)
        wait_for(lambda: "sleep 500" not in commands(docker, box))
    wait_for(lambda: commands(docker, box) == [])
    expect(notebook.output(1)).to_contain_text("the kernel has ended", timeout=WITHIN_MS)


def close_button(notebook: OpenNotebook) -> None:
    notebook.output(1).get_by_role("button", name=re.compile("^Close")).click()
    expect(notebook.output(1)).to_contain_text("closed", timeout=WITHIN_MS)


def run_again(notebook: OpenNotebook) -> None:
    notebook.start(1)


def restart_kernel(notebook: OpenNotebook) -> None:
    notebook.page.get_by_text("Kernel", exact=True).first.click()
    notebook.page.get_by_text("Restart Kernel…").first.click()
    notebook.page.get_by_role("button", name="Confirm Kernel Restart").click()


def test_endless_output_does_not_block_the_notebook(page: Page, server: Server, box: str) -> None:
    memory = "int(open('/proc/self/status').read().split('VmRSS:')[1].split()[0]) // 1024"
    cells = (f"%docker exec -it {box} sh", memory)
    notebook = notebook_with(page, server, "console-yes", *cells, front_end="notebook")
    rows = open_console(notebook)
    before = int(notebook.run(2).split()[-1])
    rows.click(force=True)
    page.keyboard.type("yes\n")
    time.sleep(5)
    assert int(notebook.run(2).split()[-1]) < before + 100
    rows.click(force=True)
    page.keyboard.press("Control+c")
    page.keyboard.type("echo still-$((1+1))\n")
    expect(rows).to_contain_text("still-2", timeout=WITHIN_MS)


def test_the_next_cell_waits_for_a_command_that_ends(server: Server, page: Page, box: str) -> None:
    made = f"%docker exec -it {box} sh -c 'sleep 2; echo made > /made'"
    notebook = notebook_with(page, server, "console-waits", made, f"%docker exec {box} cat /made")
    notebook.run_all()
    expect(notebook.output(2)).to_have_text(re.compile(r"^\s*made\s*$"))
