"""What a container has written: its log, read and followed.

source: Engine API, ContainerLogs; moby daemon/logs.go, daemon/logger/jsonfilelog.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from ...wire import frames
from .. import clock
from ..api.messages import Request, Stream
from ..errors import BadParameter
from . import log_options

if TYPE_CHECKING:
    from ..engine import Engine
    from ..records.container import Container

Entry = dict[str, Any]
#: How often a followed log is looked at, in seconds.
_LOOK_S = 0.05


def answer(engine: Engine, request: Request) -> Stream:
    """ContainerLogs."""
    container = engine.container_store.get(request.params["name"])
    stdout, stderr = request.flag("stdout"), request.flag("stderr")
    if not stdout and not stderr:
        raise BadParameter("Bad parameters: you must choose at least one stream")
    if log_options.log_spec(container) is None:
        raise BadParameter("configured logging driver does not support reading")
    since = clock.parse_client_time(request.get("since") or "0")
    until = clock.parse_client_time(request.get("until") or "0")
    reader = _Reader(container, since, until, _tail(request.get("tail")), follow=request.flag("follow"))  # fmt: skip  # noqa: E501
    tty = container.config["Tty"]
    form = _Form(
        streams={name for name, on in (("stdout", stdout), ("stderr", stderr)) if on},
        timestamps=request.flag("timestamps"),
        details=log_options.details(container) if request.flag("details") else "",
        framed=not tty,
    )
    kind = "raw" if tty or request.version < (1, 42) else "multiplexed"
    return Stream(form.pieces(reader.entries()), f"application/vnd.docker.{kind}-stream")


def _tail(text: str) -> int:
    """How many lines; -1 for all."""
    return int(text) if text.isdigit() else -1


class _Form:
    """How entries are written to a client."""

    def __init__(self, *, streams: set[str], timestamps: bool, details: str, framed: bool) -> None:
        self._streams = streams
        self._timestamps = timestamps
        self._details = details
        self._framed = framed

    def pieces(self, entries: Iterator[Entry | None]) -> Iterator[bytes]:
        for entry in entries:
            if entry is None:
                yield b""
            elif entry["stream"] in self._streams:
                yield self._piece(entry)

    def _piece(self, entry: Entry) -> bytes:
        stamp = f"{entry['time']} " if self._timestamps else ""
        data: bytes = (stamp + self._details + entry["log"]).encode("utf-8", "surrogateescape")
        if not self._framed:
            return data
        is_out = entry["stream"] == "stdout"
        return frames.encode(frames.Stream.STDOUT if is_out else frames.Stream.STDERR, data)


class _Reader:
    """Reads a container's log files, the oldest first."""

    def __init__(
        self, container: Container, since: int, until: int, tail: int, *, follow: bool
    ) -> None:
        self._container = container
        # Opened before the answer begins: who reads it late still reads it all, removed or not.
        self._file = _Tailed(container.log_path)
        self._files = [*_rotated(container.log_path), self._file]
        self._since = since
        self._until = until
        self._tail = tail
        self._follow = follow

    def entries(self) -> Iterator[Entry | None]:
        """Entries; None now and then while nothing comes."""
        with contextlib.ExitStack() as stack:
            for each in self._files:
                stack.callback(each.close)
            yield from self._entries()

    def _entries(self) -> Iterator[Entry | None]:
        past = (entry for each in self._files for entry in each.read())
        # The last ones are counted before times are looked at, as dockerd counts.
        kept: Iterable[Entry] = past if self._tail < 0 else deque(past, maxlen=self._tail)
        yield from (entry for entry in kept if self._wanted(entry))
        if self._follow:
            yield from self._followed(self._file)

    def _wanted(self, entry: Entry) -> bool:
        if not self._since and not self._until:
            return True
        at = clock.parse(entry["time"])
        return at >= self._since and (not self._until or at <= self._until)

    def _followed(self, file: _Tailed) -> Iterator[Entry | None]:
        looked = time.monotonic()
        while True:
            ended = self._container.process is None or self._container.removed
            found = False
            for entry in file.read():
                if self._until and clock.parse(entry["time"]) > self._until:
                    return
                found = True
                yield entry
            if ended and not found and not self._container.state["Restarting"]:
                return
            if self._until and clock.now_ns() > self._until:
                return
            if not found:
                time.sleep(_LOOK_S)
                if time.monotonic() - looked > 1:
                    looked = time.monotonic()
                    yield None


class _Tailed:
    """A file that grows, and that is followed by another when it is full."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._position = 0
        self._file: BinaryIO | None = None
        self._turn()

    def read(self) -> Iterator[Entry]:
        """The entries that are new since the last call."""
        yield from self._rest()
        while self._turn():
            yield from self._rest()

    def close(self) -> None:
        """Let the file go."""
        if self._file:
            self._file.close()

    def _rest(self) -> Iterator[Entry]:
        if self._file is None:
            return
        self._file.seek(self._position)
        for line in self._file:
            if not line.endswith(b"\n"):
                break  # the rest is being written
            self._position += len(line)
            # A machine that went down may have left half a line: the others are still read.
            with contextlib.suppress(ValueError):
                yield json.loads(line)

    def _turn(self) -> bool:
        """Go on with the file that stands at the path now; whether it is another one."""
        try:
            now = self._path.open("rb")
        except FileNotFoundError:
            return False
        if self._file and os.path.sameopenfile(self._file.fileno(), now.fileno()):
            now.close()
            return False
        self.close()
        self._file, self._position = now, 0
        return True


def _rotated(path: Path) -> list[_Tailed]:
    """The older files of a log, the oldest first."""
    numbered = []
    number = 1
    while (older := path.with_name(f"{path.name}.{number}")).exists():
        numbered.append(_Tailed(older))
        number += 1
    return numbered[::-1]


def frames_of(container: Container, *, stdout: bool, stderr: bool) -> Iterator[bytes]:
    """All that a container has written, as attach sends it with `logs`."""
    reader = _Reader(container, 0, 0, -1, follow=False)
    streams = {name for name, on in (("stdout", stdout), ("stderr", stderr)) if on}
    form = _Form(streams=streams, timestamps=False, details="", framed=not container.config["Tty"])
    return form.pieces(reader.entries())
