"""Writes a container's log: a JSON object for each line of its output.

source: moby daemon/logger/jsonfilelog, daemon/logger/copier.go.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

#: Bytes of an entry. Longer lines are split, as dockerd does.
MAX_LINE = 16 * 1024


class LogFile:
    """A log file with rotation.

    Args:
        path: the current file; rotated ones are PATH.1, PATH.2, ..., the oldest last.
        max_size: bytes of one file; 0 for no limit.
        max_file: how many files are kept.

    Raises:
        OSError: the file cannot be opened.
    """

    def __init__(self, path: str, max_size: int = 0, max_file: int = 1) -> None:
        self._path = Path(path)
        self._max_size = max_size
        self._max_file = max_file
        self._incomplete = {"stdout": b"", "stderr": b""}
        self._open()

    def _open(self) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        self._fd = os.open(self._path, flags, 0o600)
        self._size = os.fstat(self._fd).st_size

    def write(self, stream: str, data: bytes) -> None:
        """Append output of a stream. A line is written once it is complete, or too long."""
        *lines, rest = (self._incomplete[stream] + data).split(b"\n")
        for line in lines:
            self._line(stream, line + b"\n")
        while len(rest) >= MAX_LINE:
            self._entry(stream, rest[:MAX_LINE])
            rest = rest[MAX_LINE:]
        self._incomplete[stream] = rest

    def _line(self, stream: str, line: bytes) -> None:
        while len(line) > MAX_LINE:
            self._entry(stream, line[:MAX_LINE])
            line = line[MAX_LINE:]
        self._entry(stream, line)

    def _entry(self, stream: str, text: bytes) -> None:
        entry: dict[str, Any] = {
            "log": text.decode("utf-8", "replace"),
            "stream": stream,
            "time": _now(),
        }
        line = json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        if (
            self._max_size and self._size >= self._max_size
        ):  # a file may exceed it by one line, as in dockerd
            self._rotate()
        try:
            os.write(self._fd, line)
        except OSError:  # a full disk: the log loses the line, and the container runs on
            return
        self._size += len(line)

    def _rotate(self) -> None:
        os.close(self._fd)
        for number in range(self._max_file - 1, 0, -1):
            older = self._path if number == 1 else self._numbered(number - 1)
            if older.exists():
                older.rename(self._numbered(number))
        if self._max_file <= 1:
            self._path.unlink(missing_ok=True)
        self._open()

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")

    def close(self) -> None:
        """Write the incomplete lines, and close the file."""
        for stream, rest in self._incomplete.items():
            if rest:
                self._entry(stream, rest)
        os.close(self._fd)


def _now() -> str:
    seconds, rest = divmod(time.time_ns(), 1_000_000_000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{rest:09d}Z"
