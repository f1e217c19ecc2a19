"""Fake processes, a fake supervisor and an API client, without an engine."""

from __future__ import annotations

import contextlib
import io
import json
import socket
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from docker_magics.embedded.api.messages import Request, Response
from docker_magics.embedded.api.router import Route, Router
from docker_magics.embedded.runtime.process import Exit, StartFailed
from docker_magics.embedded.server.connection import Raw
from docker_magics.embedded.storage.rootfs import Rootfs


class FakeProcess:
    """A fake process that runs until `finish`; `ends` are the other ends of attached sockets."""

    def __init__(self, pid: int = 100, failure: StartFailed | None = None) -> None:
        self.pid = pid
        self.started = False
        self.ends: list[socket.socket] = []
        self.attached: list[tuple[bool, tuple[str, ...]]] = []
        self.sizes: list[tuple[int, int]] = []
        self.signals: list[int] = []
        self._failure = failure
        self._exited = threading.Event()
        self._exit = Exit(0, 0)

    def start(self) -> None:
        if self._failure is not None:
            raise self._failure
        self.started = True

    def attach(
        self, *, stdin: bool, streams: tuple[str, ...] = ("stdout", "stderr")
    ) -> socket.socket:
        ours, theirs = socket.socketpair()
        self.attached.append((stdin, streams))
        self.ends.append(theirs)
        theirs.settimeout(5)
        return ours

    def signal(self, number: int) -> None:
        self.signals.append(number)

    def resize(self, height: int, width: int) -> None:
        self.sizes.append((height, width))

    def wait(self) -> Exit:
        assert self._exited.wait(10), "the process was not ended"
        return self._exit

    def finish(self, code: int = 0, finished: int = 1) -> None:
        """Write output, then end the process; at the time 0 its shim was killed."""
        for end in self.ends:
            end.close()
        self._exit = Exit(code, finished)
        self._exited.set()


class FakeSupervisor:
    """A `Supervisor` that creates processes in a given order.

    Attributes:
        specs: the created processes, as (folder, spec, name).
        trees: the file trees that were mounted.

    Args:
        next_: the results or errors of `create`, in order.
        enters_namespaces: whether its driver enters namespaces.
    """

    def __init__(self, *next_: FakeProcess | Exception, enters_namespaces: bool = True) -> None:
        self.trees: list[Mapping[str, Any]] = []
        self.driver = SimpleNamespace(
            enters_namespaces=enters_namespaces, running_root=lambda _pid: None
        )
        self.orphaned: list[tuple[str, int]] = []
        self.specs: list[tuple[Path, dict[str, Any], str]] = []
        self._next = list(next_)

    def end_orphans(self, _folder: Path, name: str, pid: int) -> None:
        self.orphaned.append((name, pid))

    def create(self, folder: Path, spec: dict[str, Any], name: str = "shim") -> FakeProcess:
        self.specs.append((folder, spec, name))
        process = self._next.pop(0)
        if isinstance(process, Exception):
            raise process
        return process

    def processes(self, process: Any) -> list[int]:
        return [process.pid]

    @contextlib.contextmanager
    def files(self, _folder: Path, spec: Mapping[str, Any]) -> Iterator[Rootfs]:
        self.trees.append(spec)
        with Rootfs(spec["rootfs"]["merged"]) as root:
            yield root


class FakeSpecs:
    """A `SpecBuilder` with the files of a folder for all containers."""

    def __init__(self, folder: Path = Path("/nowhere")) -> None:
        self.folder = folder
        self.refusal: Exception | None = None

    def build(self, _container: Any) -> dict[str, Any]:
        layers = {"lower": ["/layer"], "upper": "/upper", "work": "/work"}
        return {
            "rootfs": {**layers, "merged": str(self.folder)},
            "mounts": ["a mount"],
            "devices": ["a device"],
            "namespaces": {"net": "new"},
            "hostname": "web",
            "loopback": {"number": 7, "reach": "all"},
            "seccomp": "the driver's filter",
        }

    def environment(self, _container: Any, *, tty: bool, extra: Iterable[str] = ()) -> list[str]:
        if self.refusal is not None:
            raise self.refusal
        return ["PATH=/bin", *(["TERM=xterm"] if tty else []), *extra]


class Connection:
    """A client's hijacked connection; `raw` is the engine's side."""

    def __init__(self, early: bytes = b"") -> None:
        self.sock, self._theirs = socket.socketpair()
        self.sock.settimeout(5)
        self.raw = Raw(self._theirs, early)

    def received(self) -> bytes:
        """Return everything until the engine closes its side."""
        pieces = []
        while data := self.sock.recv(65536):
            pieces.append(data)
        return b"".join(pieces)

    def close(self) -> None:
        self.sock.close()
        self._theirs.close()


class Client:
    """Sends requests to route tables."""

    def __init__(self, *tables: list[Route]) -> None:
        self._router = Router(tables)

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        /,
        *,
        headers: Mapping[str, str] | None = None,
        **query: Any,
    ) -> Response:
        """Return the answer.

        Args:
            method: GET, POST, ...
            path: with or without a version.
            body: bytes, or a value to encode as JSON.
            headers: in lower case.
            query: parameters; lists and dicts are encoded as JSON.
        """
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        values = {
            name: [value if isinstance(value, str) else json.dumps(value)]
            for name, value in query.items()
        }
        stream: Any = io.BytesIO(b"" if body is None else data)
        peer: Any = None
        return self._router.answer(
            Request(
                method,
                path,
                values,
                {"content-type": "application/json", **(headers or {})},
                stream,
                peer,
            )
        )
