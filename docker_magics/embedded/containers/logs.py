"""Reading and following the logs of containers.

source: Engine API, ContainerLogs; moby daemon/logs.go.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ...wire import frames
from .. import clock
from ..errors import BadParameter
from ..records.container import Container
from .log_files import Entry, LogFiles

#: Seconds between two reads of a followed log.
_POLL_S = 0.05
#: Seconds after which a quiet log is reported as quiet.
_QUIET_S = 1.0
#: After all times.
_NEVER = "9999-12-31T23:59:59.999999999Z"


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

    def select(self, entries: list[Entry]) -> list[Entry]:
        """Return the entries between the times."""
        if not self.since and not self.until:
            return entries
        since = clock.sortable_stamp(self.since)
        until = clock.sortable_stamp(self.until) if self.until else _NEVER
        return [entry for entry in entries if since <= _sortable(entry["time"]) <= until]

    def is_before(self, moment: str) -> bool:
        """Whether the range ends before a time."""
        return bool(self.until) and _sortable(moment) > clock.sortable_stamp(self.until)


def _sortable(text: str) -> str:
    """Return an entry's time as `clock.sortable_stamp` has it, as the engine's own entries do."""
    if len(text) == len(_NEVER):
        return text
    with contextlib.suppress(BadParameter):
        return clock.sortable_stamp(clock.parse(text))
    return text


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

    def encode(self, batches: Iterable[list[Entry]]) -> Iterator[bytes]:
        """Yield a piece for each batch: its entries of the streams, maybe none."""
        for batch in batches:
            yield b"".join(
                [self._piece(entry) for entry in batch if entry["stream"] in self.streams]
            )

    def _piece(self, entry: Entry) -> bytes:
        time_ = f"{entry['time']} " if self.timestamps else ""
        data = (time_ + self.details + entry["log"]).encode("utf-8", "surrogateescape")
        if not self.framed:
            return data
        is_stdout = entry["stream"] == "stdout"
        return frames.encode(frames.Stream.STDOUT if is_stdout else frames.Stream.STDERR, data)


class LogReader:
    """Reads the log of a container.

    Args:
        container: its log.
        range_: which entries.
    """

    def __init__(self, container: Container, range_: LogRange) -> None:
        self._container = container
        self._range = range_
        self._files = LogFiles(container.log_path)

    def batches(self) -> Iterator[list[Entry]]:
        """Yield entries; an empty list about once a second while a followed log is quiet."""
        with contextlib.closing(self._files):
            if self._range.tail >= 0:
                self._files.skip_to_tail(self._range.tail)
            for batch in self._files.read():
                yield self._range.select(batch)
            if self._range.follow:
                yield from self._follow()

    def _follow(self) -> Iterator[list[Entry]]:
        reported = time.monotonic()
        while True:
            # Looked up before the files are read, so that the last lines are not missed.
            has_ended = self._container.process is None or self._container.removed
            is_quiet = True
            for batch in self._files.read():
                is_quiet = False
                yield self._range.select(batch)
                if batch and self._range.is_before(batch[-1]["time"]):
                    return
            if self._range.is_before(clock.sortable_stamp()):
                return
            if not is_quiet:
                continue
            if has_ended and not self._container.state["Restarting"]:
                return
            time.sleep(_POLL_S)
            if time.monotonic() - reported > _QUIET_S:
                reported = time.monotonic()
                yield []


def all_output(container: Container, *, stdout: bool, stderr: bool) -> Iterator[bytes]:
    """Yield everything that a container has written, in frames unless it has a terminal."""
    streams = frozenset(name for name, on in (("stdout", stdout), ("stderr", stderr)) if on)
    format_ = LogFormat(streams, framed=not container.config["Tty"])
    return format_.encode(LogReader(container, LogRange()).batches())
