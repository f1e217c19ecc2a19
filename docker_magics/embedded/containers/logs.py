"""Reading and following the logs of containers.

A log is a file of JSON lines, `{"log": TEXT, "stream": "stdout", "time": RFC 3339}`; a full file is
renamed to `NAME.1` and continued in a new one.

source: Engine API, ContainerLogs; moby daemon/logs.go, daemon/logger/jsonfilelog.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypedDict, cast

from ...wire import frames
from .. import clock
from ..records.container import Container

#: Seconds between two reads of a followed log.
_POLL_S = 0.05
#: Seconds after which a quiet log is reported as quiet.
_QUIET_S = 1.0


class Entry(TypedDict):
    """One line of a log, or a piece of a long line, with its time as RFC 3339."""

    log: str
    stream: str
    time: str


@dataclass(frozen=True)
class LogRange:
    """The entries to read. Times are nanoseconds since 1970; 0 means no limit.

    Attributes:
        tail: how many of the last entries; -1 for all. They are counted before times are compared.
        follow: whether to go on until the container stops.
    """

    since: int = 0
    until: int = 0
    tail: int = -1
    follow: bool = False

    def contains(self, entry: Entry) -> bool:
        """Whether an entry is between the times."""
        if not self.since and not self.until:
            return True
        logged_at = clock.parse(entry["time"])
        return logged_at >= self.since and not self.is_after(logged_at)

    def is_after(self, moment: int) -> bool:
        """Whether a time is after the range."""
        return bool(self.until) and moment > self.until


@dataclass(frozen=True)
class LogFormat:
    """The form in which entries are sent to a client.

    Attributes:
        streams: stdout, stderr.
        timestamps: whether lines begin with their times.
        details: the text before each line (`--details`).
        framed: whether each piece is in a frame, which names its stream.
    """

    streams: frozenset[str]
    timestamps: bool = False
    details: str = ""
    framed: bool = True

    def encode(self, entries: Iterable[Entry | None]) -> Iterator[bytes]:
        """Yield a piece for each entry of the streams; an empty piece for None."""
        for entry in entries:
            if entry is None:
                yield b""
            elif entry["stream"] in self.streams:
                yield self._piece(entry)

    def _piece(self, entry: Entry) -> bytes:
        time_ = f"{entry['time']} " if self.timestamps else ""
        data = (time_ + self.details + entry["log"]).encode("utf-8", "surrogateescape")
        if not self.framed:
            return data
        is_stdout = entry["stream"] == "stdout"
        return frames.encode(frames.Stream.STDOUT if is_stdout else frames.Stream.STDERR, data)


class LogReader:
    """Reads the log of a container, the oldest file first.

    Files are opened at once: a reader that begins late still reads all of them, even if the
    container is removed meanwhile.

    Args:
        container: its log.
        range_: which entries.
    """

    def __init__(self, container: Container, range_: LogRange) -> None:
        self._container = container
        self._range = range_
        self._current = _TailedFile(container.log_path)
        self._files = [*_rotated(container.log_path), self._current]

    def entries(self) -> Iterator[Entry | None]:
        """Yield entries; None about once a second while a followed log is quiet."""
        with contextlib.ExitStack() as stack:
            for file in self._files:
                stack.callback(file.close)
            entries: Iterable[Entry] = (entry for file in self._files for entry in file.read())
            if self._range.tail >= 0:
                entries = deque(entries, maxlen=self._range.tail)
            yield from (entry for entry in entries if self._range.contains(entry))
            if self._range.follow:
                yield from self._follow()

    def _follow(self) -> Iterator[Entry | None]:
        reported = time.monotonic()
        while True:
            # Looked up before the file is read, so that the last lines are not missed.
            has_ended = self._container.process is None or self._container.removed
            is_quiet = True
            for entry in self._current.read():
                if self._range.is_after(clock.parse(entry["time"])):
                    return
                is_quiet = False
                yield entry
            if self._range.is_after(clock.now_ns()):
                return
            if not is_quiet:
                continue
            if has_ended and not self._container.state["Restarting"]:
                return
            time.sleep(_POLL_S)
            if time.monotonic() - reported > _QUIET_S:
                reported = time.monotonic()
                yield None


def all_output(container: Container, *, stdout: bool, stderr: bool) -> Iterator[bytes]:
    """Yield everything that a container has written, in frames unless it has a terminal."""
    streams = frozenset(name for name, on in (("stdout", stdout), ("stderr", stderr)) if on)
    format_ = LogFormat(streams, framed=not container.config["Tty"])
    return format_.encode(LogReader(container, LogRange()).entries())


class _TailedFile:
    """A log file that grows, and is replaced by another one when it is full."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._position = 0
        self._file: BinaryIO | None = None
        self._open_replacement()

    def read(self) -> Iterator[Entry]:
        """Yield the entries that are new since the last call."""
        yield from self._read_rest()
        while self._open_replacement():
            yield from self._read_rest()

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()

    def _read_rest(self) -> Iterator[Entry]:
        if self._file is None:
            return
        self._file.seek(self._position)
        for line in self._file:
            if not line.endswith(b"\n"):
                break  # the rest is being written
            self._position += len(line)
            entry = _parse(line)
            if entry is not None:
                yield entry

    def _open_replacement(self) -> bool:
        """Open the file that is at the path now; return whether it is another one than before."""
        try:
            file = self._path.open("rb")
        except FileNotFoundError:
            return False
        if self._file and os.path.sameopenfile(self._file.fileno(), file.fileno()):
            file.close()
            return False
        self.close()
        self._file, self._position = file, 0
        return True


def _parse(line: bytes) -> Entry | None:
    """Return the entry of a line; None for a damaged one, which a power failure may leave."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    is_entry = isinstance(entry, dict) and all(
        isinstance(entry.get(key), str) for key in Entry.__required_keys__
    )
    return cast("Entry", entry) if is_entry else None


def _rotated(path: Path) -> list[_TailedFile]:
    """Open the older files of a log, the oldest first."""
    files: list[_TailedFile] = []
    while (older := path.with_name(f"{path.name}.{len(files) + 1}")).exists():
        files.append(_TailedFile(older))
    return files[::-1]
