"""The console's kernel side with a real process in a real terminal, without a front end."""

from __future__ import annotations

import os
import pty
import queue
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from docker_magics.commands.container._script import ends_by_itself
from docker_magics.results.live import Interactive
from docker_magics.widgets import console as console_module
from docker_magics.widgets.console import Console
from docker_magics.wire.frames import Frame, Stream


class Local(Interactive):
    """A local process in a terminal."""

    def __init__(self, *command: str) -> None:
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)
        self.read = 0

    def arrivals(self) -> Iterator[Frame]:
        while data := self._read():
            self.read += len(data)
            yield Frame(Stream.STDOUT, data)
        self.process.wait()

    def _read(self) -> bytes:
        try:
            return os.read(self._ours, 65536)
        except OSError:
            return b""

    def write(self, data: bytes) -> None:
        os.write(self._ours, data)

    def close_write(self) -> None:
        self.write(b"\x04")

    def resize(self, rows: int, columns: int) -> None:
        import fcntl
        import struct
        import termios

        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def hang_up(self) -> None:
        os.killpg(self.process.pid, signal.SIGHUP)
        self.process.wait(5)

    def interrupt(self, times: int) -> None:
        """Do nothing: Ctrl-C is sent as a key."""

    def close(self) -> None:
        """Do nothing: the process ends with the test."""

    def result(self) -> int | None:
        return self.process.returncode


class Shown(Console):
    """A console that records its messages to the page."""

    def __init__(self, process: Local) -> None:
        self.sent: queue.Queue[tuple[dict[str, Any], list[bytes]]] = queue.Queue()
        super().__init__(process, "docker exec -it web sh")

    def send(self, content: Any, buffers: Any = None) -> None:
        self.sent.put((content, buffers or []))

    def say(self, kind: str, **fields: Any) -> None:
        """Deliver a message from the page."""
        self._on_message(self, {"kind": kind, "view": "page", **fields}, [])

    def until(self, condition: Callable[[bytes], bool]) -> bytes:
        """Return the output up to the point where the condition holds."""
        output = b""
        while not condition(output):
            message, buffers = self.sent.get(timeout=10)
            if message["kind"] == "output":
                output += buffers[0]
        return output


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No page is there to send its transcript, and output goes out at once."""
    monkeypatch.setattr(console_module, "_TRANSCRIPT_TIMEOUT_S", 0.02)
    monkeypatch.setattr(console_module, "_PACE_S", 0.0002)


@pytest.fixture
def shell() -> Iterator[Shown]:
    console = Shown(Local("sh"))
    yield console
    console.end()
    console.join(5)


def test_nothing_runs_before_a_page_opens(shell: Shown) -> None:
    time.sleep(0.1)
    assert shell.sent.empty()


def test_input_and_output(shell: Shown) -> None:
    shell.say("hello", rows=30, columns=90)
    shell.say("input", text="stty size; echo 한글\n")
    assert "한글".encode() in shell.until(lambda output: output.count("한글".encode()) > 1)
    shell.say("input", text="stty size\n")
    assert b"30 90" in shell.until(lambda output: b"30 90" in output)


def test_the_end_is_reported(shell: Shown) -> None:
    shell.say("hello", rows=24, columns=80)
    shell.say("input", text="exit 3\n")
    shell.say("transcript", rows=[])
    while shell.sent.get(timeout=10)[0]["kind"] != "ended":
        pass
    assert shell.ending == "exited with code 3"


def test_a_reloaded_page_receives_recent_output(shell: Shown) -> None:
    shell.say("hello", rows=24, columns=80)
    shell.say("input", text="echo kept-$((1+1))\n")
    shell.until(lambda output: b"kept-2" in output)
    shell.say("hello", rows=24, columns=80)
    message, buffers = shell.sent.get(timeout=10)
    while message["kind"] != "replay":
        message, buffers = shell.sent.get(timeout=10)
    assert b"kept-2" in buffers[0]


def test_a_slow_page_blocks_the_process() -> None:
    process = Local("yes")
    console = Shown(process)
    console.say("hello", rows=24, columns=80)
    read = -1
    while read != process.read:
        read = process.read
        time.sleep(0.1)
    assert read < 1024 * 1024
    console.say("seen", end=read)
    deadline = time.monotonic() + 5
    while process.read == read and time.monotonic() < deadline:
        time.sleep(0.01)
    assert process.read > read
    console.end()
    console.join(5)
    assert process.process.wait(5) == -signal.SIGHUP


def test_invalid_messages_are_ignored(shell: Shown) -> None:
    shell.say("resize", rows="many", columns=80)
    shell.say("input")
    shell.say("seen", end="x")
    shell.say("unheard of")
    shell.say("hello", rows=24, columns=80)
    shell.say("input", text="echo still-$((1+1))\n")
    assert b"still-2" in shell.until(lambda output: b"still-2" in output)


def test_closing_before_the_start_leaves_no_thread() -> None:
    before = threading.active_count()
    console = Shown(Local("sleep", "100"))
    console.end()
    console.join(5)
    assert threading.active_count() == before


def test_a_cell_waits_for_a_command_that_ends() -> None:
    console = Shown(Local("sh", "-c", "sleep 0.3; echo done"))
    assert console.wait(quiet_s=5, most_s=5)
    assert console.ending == "exited with code 0"


def test_a_cell_does_not_wait_for_a_silent_process(shell: Shown) -> None:
    shell.say("hello", rows=24, columns=80)
    start = time.monotonic()
    assert not shell.wait(quiet_s=0.3, most_s=5)
    assert 0.3 <= time.monotonic() - start < 3
    assert shell.ending == ""


@pytest.mark.parametrize(
    ("line", "ends"),
    [
        ("", False),
        ("sh", False),
        ("/bin/bash -l", False),
        ("bash -c 'make all'", True),
        ("sh -ec 'make all'", True),
        ("python", False),
        ("python3.12 -i", False),
        ("python main.py", True),
        ("node -e 1", True),
        ("psql -U postgres", False),
        ("psql -U postgres -c 'select 1'", True),
        ("mongosh --eval 1", True),
        ("redis-cli -h db", False),
        ("top -d 1", False),
        ("vi file", False),
        ("npm install", True),
        ("ls", True),
    ],
)
def test_which_commands_end_by_themselves(line: str, ends: bool) -> None:  # noqa: FBT001
    assert ends_by_itself(shlex.split(line)) == ends
