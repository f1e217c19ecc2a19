"""The files of a container's log: they are read in blocks, from any line on, while they grow.

A log is a file of JSON lines, `{"log": TEXT, "stream": "stdout", "time": RFC 3339}`; a full file is
renamed to `NAME.1` and continued in a new one.

source: moby daemon/logger/jsonfilelog, daemon/logger/loggerutils/logfile.go.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypedDict, TypeGuard

_BLOCK = 256 * 1024


#: Device and inode of a file. No other file has them while it is open.
_Identity = tuple[int, int]


class Entry(TypedDict):
    """One line of a log, or a piece of a long line, with its time as RFC 3339."""

    log: str
    stream: str
    time: str


class LogFiles:
    """The files of one log, the oldest first.

    They are opened at once: a reader that begins late still reads all of them, even if the
    container is removed meanwhile.

    Args:
        path: of the newest file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._files = _open_newer(path, None)

    def skip_to_tail(self, count: int) -> None:
        """Skip all entries but the last ones. The files are read from their ends."""
        for file in reversed(self._files):
            count -= file.seek_back(count)

    def read(self) -> Iterator[list[Entry]]:
        """Yield the entries that are new since the last call, a block at a time."""
        is_complete = False
        while not is_complete:
            # Looked up before the last file is read: nothing is written to it after a newer one.
            newer = _open_newer(self._path, self._files[-1] if self._files else None)
            self._files += newer
            while self._files:
                yield from self._files[0].read()
                if len(self._files) == 1:
                    break
                self._files.pop(0).close()
            is_complete = not newer

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            file.close()


class _LogFile:
    """One file, and how far it has been read."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._position = 0
        status = os.fstat(fd)
        self.identity: _Identity = (status.st_dev, status.st_ino)

    def read(self) -> Iterator[list[Entry]]:
        """Yield the entries from the position on."""
        size = _BLOCK
        if os.fstat(self._fd).st_size < self._position:
            self._position = 0  # someone has truncated it
        while data := os.pread(self._fd, size, self._position):
            end = data.rfind(b"\n") + 1
            if end:
                self._position += end
                size = _BLOCK
                yield _parse(data[: end - 1])
            elif len(data) < size:
                return  # the rest is being written
            else:
                size *= 2

    def seek_back(self, count: int) -> int:
        """Move to before the last `count` entries; return how many follow, maybe fewer."""
        passed = 0
        self._position = 0
        for index, (start, line) in enumerate(self._lines_backwards()):
            if index == 0:
                self._position = start + len(line) + 1
            if passed == count:
                break
            if _parse(line):
                self._position = start
                passed += 1
        return passed

    def _lines_backwards(self) -> Iterator[tuple[int, bytes]]:
        """Yield the complete lines, the last one first, each with its position."""
        start, rest, size = os.fstat(self._fd).st_size, b"", _BLOCK
        while start > 0:
            length = min(size, start)
            start -= length
            data = os.pread(self._fd, length, start) + rest
            # The line at a block's beginning is completed by the block before.
            first = data.find(b"\n") + 1 if start else 0
            *lines, incomplete = data[first:].split(b"\n")
            end = start + len(data) - len(incomplete)
            for line in reversed(lines):
                end -= len(line) + 1
                yield end, line
            rest = data[:first] if first else data
            size = _BLOCK if lines else 2 * size

    def has_name(self) -> bool:
        """Whether the file has not been removed."""
        return os.fstat(self._fd).st_nlink > 0

    def close(self) -> None:
        """Close the file. Idempotent."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __del__(self) -> None:
        """Close the file of a reader that never began: its client has disconnected before."""
        self.close()


def _open_newer(path: Path, known: _LogFile | None) -> list[_LogFile]:
    """Open the files of a log that are newer than a known one (None: all), the oldest first.

    The log may be rotated meanwhile. A file gets higher numbers only, and older files get theirs
    before it. So the numbers are tried in ascending order: no file is missed, but some may be
    opened again, and the last time counts for the order. Removed files were the oldest.
    """
    files: dict[_Identity, _LogFile] = {}
    for candidate in _ascending(path):
        with contextlib.suppress(FileNotFoundError):
            file = _LogFile(os.open(candidate, os.O_RDONLY | os.O_CLOEXEC))
            if same := files.pop(file.identity, None):
                same.close()
            if known is not None and file.identity == known.identity:
                file.close()
                break
            files[file.identity] = file
    oldest_first = [*reversed(files.values())]
    return sorted(oldest_first, key=_LogFile.has_name)


def _ascending(path: Path) -> Iterator[Path]:
    """Yield the names of a log's files, the newest first, as far as there are any now."""
    yield path
    for number in itertools.count(1):
        name = path.with_name(f"{path.name}.{number}")
        if not name.exists() and number >= _highest_number(path):
            return
        yield name


def _highest_number(path: Path) -> int:
    """Return the number of the oldest file of a log; 0 if none was rotated."""
    prefix = f"{path.name}."
    try:
        names = os.listdir(path.parent)
    except FileNotFoundError:  # the container has been removed
        return 0
    numbers = [name.removeprefix(prefix) for name in names if name.startswith(prefix)]
    return max((int(number) for number in numbers if number.isdecimal()), default=0)


def _parse(block: bytes) -> list[Entry]:
    """Return the entries of some lines, without damaged ones, which a power failure may leave."""
    lines = block.count(b"\n") + 1
    try:
        values = json.loads(b"[" + block.replace(b"\n", b",") + b"]")
    except ValueError:
        values = []
    if len(values) != lines:
        values = [_value(line) for line in block.split(b"\n")]
    return [value for value in values if _is_entry(value)]


def _value(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _is_entry(value: Any) -> TypeGuard[Entry]:
    return (
        isinstance(value, dict)
        and isinstance(value.get("log"), str)
        and isinstance(value.get("stream"), str)
        and isinstance(value.get("time"), str)
    )
