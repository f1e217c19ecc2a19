"""Starting the engine in the background, with scripts in its place."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from docker_magics.embedded import background

SERVE = """#!{python}
import socket, sys, time
path = sys.argv[sys.argv.index("--host") + 1].removeprefix("unix://")
listener = socket.socket(socket.AF_UNIX)
listener.bind(path)
listener.listen()
print("listening", flush=True)
sock, _ = listener.accept()
sock.recv(1000)
sock.sendall(b"HTTP/1.1 200 OK\\r\\n\\r\\n")
"""
FAIL = "#!{python}\nimport sys\nprint('first')\nsys.exit('the reason')\n"
IN_USE = "#!{python}\nimport sys\nsys.exit(75)\n"


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """Return a root folder; engines that the test has started are reaped."""
    yield tmp_path / "root"
    for engine in background._started:  # noqa: SLF001
        engine.kill()
        engine.wait()
    background._started.clear()  # noqa: SLF001


def engine(patch: pytest.MonkeyPatch, folder: Path, text: str) -> None:
    """Have a script run as the engine."""
    program = folder / "engine"
    program.write_text(text.format(python=sys.executable))
    program.chmod(0o755)
    patch.setattr(sys, "executable", str(program))


def test_the_engine_starts_and_answers(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine(monkeypatch, tmp_path, SERVE)
    background.start(root, tmp_path / "s")
    assert root.stat().st_mode & 0o777 == 0o700
    assert (root / "engine.log").stat().st_mode & 0o777 == 0o600
    assert (root / "engine.log").read_text() == "listening\n"


def test_the_engine_exits_before_it_answers(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine(monkeypatch, tmp_path, FAIL)
    with pytest.raises(background.DidNotStart) as caught:
        background.start(root, tmp_path / "s")
    assert str(caught.value) == "the reason"


def test_the_engine_does_not_answer_in_time(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine(monkeypatch, tmp_path, IN_USE)  # and the other engine does not answer either
    monkeypatch.setattr(background, "_START_S", 0.2)
    with pytest.raises(background.DidNotStart, match=r"no answer within 0 s; see .*engine\.log"):
        background.start(root, tmp_path / "s")


def test_a_root_that_cannot_be_created(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="Not a directory"):
        background.start(tmp_path / "file/root", tmp_path / "s")


@pytest.mark.parametrize(
    ("reply", "expected"),
    [(b"HTTP/1.1 200 OK\r\n\r\nOK", True), (b"HTTP/1.1 503 x\r\n", False), (b"", False)],
)
def test_a_ping(tmp_path: Path, reply: bytes, *, expected: bool) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()

        def serve() -> None:
            sock, _ = listener.accept()
            with sock:
                assert sock.recv(1000).startswith(b"GET /_ping HTTP/1.0\r\n")
                sock.sendall(reply)

        thread = threading.Thread(target=serve)
        thread.start()
        assert background.answers(tmp_path / "s") is expected
        thread.join(10)


def test_nothing_listens(tmp_path: Path) -> None:
    assert not background.answers(tmp_path / "missing")
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(tmp_path / "stale"))
    assert not background.answers(tmp_path / "stale")
    assert (tmp_path / "stale").exists()
