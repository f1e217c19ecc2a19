"""The listening socket: what passes does not end it."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from unit.embedded.fakes import fail

from docker_magics.embedded import descriptors
from docker_magics.embedded.api.messages import Json, Request, Response
from docker_magics.embedded.server import server as module
from docker_magics.embedded.server.server import Server


def answer(_request: Request) -> Response:
    """Answer every request alike."""
    return Json({"ok": True})


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The socket of a server that runs."""
    monkeypatch.setattr(descriptors, "_MAX_PAUSE_S", 0.01)
    path = tmp_path / "run/docker.sock"
    before = threading.stack_size()
    module.make_folder(path)
    server = Server(path, answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield path
    server.close()
    thread.join(10)
    threading.stack_size(before)
    assert not thread.is_alive()


def ask(path: Path) -> bytes:
    """Return the answer's status line."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(10)
        sock.connect(str(path))
        sock.sendall(b"GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n")
        return sock.recv(100).partition(b"\r\n")[0]


@pytest.mark.parametrize("name", ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "ECONNABORTED"])
def test_the_server_accepts_again_after_a_shortage(
    path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    failures = fail(monkeypatch, "accept", getattr(errno, name), times=5)
    ask(path)  # by the call of accept that waits already
    assert ask(path) == b"HTTP/1.1 200 OK"
    assert next(failures, None) is None


def test_a_client_is_turned_away_where_no_thread_can_be_started(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask(path) == b"HTTP/1.1 200 OK"

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(10)
            sock.connect(str(path))
            assert sock.recv(1) == b""
    assert ask(path) == b"HTTP/1.1 200 OK"


def test_a_socket_is_not_created_where_others_could_replace_it(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o777)
    with pytest.raises(PermissionError, match="other users may write to it: pass another folder"):
        module.make_folder(tmp_path / "shared/docker.sock")
    assert list((tmp_path / "shared").iterdir()) == []
