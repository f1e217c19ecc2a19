"""Starts the engine in the background; it outlives the process that started it.

An engine locks its root folder. If several processes start one at the same time, one engine stays,
and all of them use it.
"""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

#: An engine that reattaches to many containers takes longer.
_START_S = 30.0
_POLL_S = 0.01
#: The exit code of `python -m docker_magics.embedded` if another engine runs (EX_TEMPFAIL).
IN_USE = 75

#: Popen objects warn when they are garbage collected while their process runs.
_started: list[subprocess.Popen[bytes]] = []


class DidNotStart(RuntimeError):
    """The engine ended before it answered; the message is the last line of its log."""


def start(root: Path, path: Path) -> None:
    """Start the engine, and wait until it answers.

    Args:
        root: its root folder; its log is engine.log there.
        path: of its socket.

    Raises:
        DidNotStart: it cannot run here, or does not answer.
        OSError: the root folder cannot be created.
    """
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = root / "engine.log"
    engine = _spawn(root, path, log)
    deadline = time.monotonic() + _START_S
    while not answers(path):
        if engine.poll() not in {None, IN_USE}:
            last = log.read_text(errors="replace").strip().rpartition("\n")[2]
            raise DidNotStart(last.removeprefix("docker_magics.embedded: "))
        if time.monotonic() > deadline:
            raise DidNotStart(f"no answer within {_START_S:.0f} s; see {log}")
        time.sleep(_POLL_S)


def _spawn(root: Path, path: Path, log: Path) -> subprocess.Popen[bytes]:
    log.touch(mode=0o600)
    command = [sys.executable, "-m", "docker_magics.embedded"]
    command += ["--host", f"unix://{path}", "--root", str(root)]
    with log.open("ab") as output:
        engine = subprocess.Popen(  # noqa: S603 - the engine itself, as this user
            command,
            cwd=root,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    _started.append(engine)
    return engine


def answers(path: Path) -> bool:
    """Whether /_ping answers on a socket. It is a raw socket: usually nothing listens."""
    with contextlib.suppress(OSError):
        return b" 200 " in _get(path, "/_ping").partition(b"\r\n")[0]
    return False


def info(path: Path) -> Any:
    """Return the engine's information (Engine API, GET /info).

    Raises:
        OSError: no engine answers on the socket.
        ValueError: the answer is not JSON.
    """
    return json.loads(_get(path, "/info").partition(b"\r\n\r\n")[2])


def _get(path: Path, resource: str) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_START_S)
        connection.connect(str(path))
        connection.sendall(f"GET {resource} HTTP/1.0\r\nHost: engine\r\n\r\n".encode())
        with connection.makefile("rb") as answer:
            return answer.read()
