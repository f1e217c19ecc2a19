"""The relay of a container's input and output survives all requests."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from docker_magics.embedded.runtime import messages, pty
from docker_magics.embedded.runtime import relay as relay_module
from docker_magics.embedded.runtime.relay import Relay
from docker_magics.embedded.runtime.stdio import Stdio


def refuse(request: dict[str, Any]) -> dict[str, Any]:
    """Answer the operations of the shim with an error."""
    raise RuntimeError(request["op"])


@contextmanager
def relaying(folder: Path, *, closes: bool) -> Iterator[Path]:
    """Run a relay of a sleeping process, with or without a terminal; yield the socket's folder."""
    master, slave = pty.open_pair()
    stdio = Stdio(tty=True, stdin=True, once=False)
    stdio.take_terminal(master)
    waiters: list[list[socket.socket]] = []
    with subprocess.Popen(["sleep", "60"]) as process, messages.listen(folder, "s") as listener:
        relay = Relay(listener, process.pid, stdio, None, refuse)
        thread = threading.Thread(target=lambda: waiters.append(relay.run()))
        thread.start()
        if closes:
            os.close(slave)
        try:
            yield folder
            assert thread.is_alive(), "the relay ended before its process"
        finally:
            process.kill()
            process.wait()
            thread.join(10)
    if not closes:
        os.close(slave)
    assert waiters == [[]], "the relay ends with its process"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The folder of a relay; its process has closed its terminal."""
    with relaying(tmp_path, closes=True) as folder:
        yield folder


def ask(folder: Path, line: bytes) -> dict[str, Any]:
    """Send one line and read the answer."""
    with messages.connect(folder, "s") as sock:
        sock.settimeout(5)
        sock.sendall(line + b"\n")
        return messages.receive_line(sock)


def test_a_resize_after_the_program_has_closed_its_terminal(folder: Path) -> None:
    for _ in range(3):
        assert ask(folder, b'{"op": "resize", "height": 20, "width": 80}') == {}


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b"[]",
        b"7",
        b"not JSON",
        b"\xff\xfe",
        b'{"op": ["resize"]}',
        b'{"op": "attach"}',
        b'{"op": "attach", "stdin": true, "streams": 7}',
        b'{"op": "signal"}',
    ],
)
def test_invalid_requests(folder: Path, line: bytes) -> None:
    assert "error" in ask(folder, line)
    assert ask(folder, b'{"op": "resize", "height": 20, "width": 80}') == {}


def test_clients_that_disconnect_during_a_request(folder: Path) -> None:
    for _ in range(3):
        with messages.connect(folder, "s") as sock:
            sock.sendall(b'{"op": "resi')
    assert ask(folder, b'{"op": "resize", "height": 20, "width": 80}') == {}


@pytest.mark.parametrize("size", [{"height": -1, "width": 80}, {"height": "x", "width": None}, {}])
def test_invalid_terminal_sizes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: dict[str, Any]
) -> None:
    monkeypatch.setattr(relay_module, "_DRAIN_MS", 50)
    with relaying(tmp_path, closes=False) as folder:
        assert "error" in ask(folder, json.dumps({"op": "resize", **size}).encode())
        assert ask(folder, b'{"op": "resize", "height": 20, "width": 80}') == {}
