"""Writes a container's log: a JSON object for each line of its output.

source: moby daemon/logger/jsonfilelog, daemon/logger/copier.go.
"""

from __future__ import annotations

import contextlib
import os
from json.encoder import encode_basestring
from pathlib import Path

from .. import clock

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
        pieces = [line + b"\n" for line in lines]
        if max(map(len, pieces), default=0) > MAX_LINE:
            pieces = [piece for line in pieces for piece in _split(line)]
        whole = len(rest) - len(rest) % MAX_LINE
        pieces += _split(rest[:whole])
        self._incomplete[stream] = rest[whole:]
        self._append(stream, pieces)

    def _append(self, stream: str, pieces: list[bytes]) -> None:
        """Write an entry for each piece, in one call unless the file is full before."""
        end = f',"stream":"{stream}","time":"{clock.sortable_stamp()}"}}\n'
        encoded: list[bytes] = []
        size = self._size
        for piece in pieces:
            if self._max_size and size >= self._max_size:  # exceeded by one line, as in dockerd
                self._write(b"".join(encoded))
                encoded.clear()
                self._rotate()
                size = self._size
            text = encode_basestring(piece.decode("utf-8", "replace"))
            encoded.append(f'{{"log":{text}{end}'.encode())
            size += len(encoded[-1])
        self._write(b"".join(encoded))

    def _write(self, data: bytes) -> None:
        """Write whole lines. On a full disk the log loses lines, and the container runs on."""
        written = 0
        with contextlib.suppress(OSError):
            while written < len(data):
                written += os.write(self._fd, data[written:])
        if written < len(data):
            written = data.rfind(b"\n", 0, written) + 1
            os.ftruncate(self._fd, self._size + written)
        self._size += written

    def _rotate(self) -> None:
        """Begin a new file. If that fails, as on a full disk, the old one is continued."""
        full = self._fd
        with contextlib.suppress(OSError):
            if self._path.exists():  # else a rotation has failed after this step
                self._rename()
            self._open()
            os.close(full)

    def _rename(self) -> None:
        for number in range(self._max_file - 1, 0, -1):
            older = self._path if number == 1 else self._numbered(number - 1)
            if older.exists():
                older.rename(self._numbered(number))
        if self._max_file <= 1:
            self._path.unlink()

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")

    def close(self) -> None:
        """Write the incomplete lines, and close the file."""
        for stream, rest in self._incomplete.items():
            if rest:
                self._append(stream, [rest])
        os.close(self._fd)


def _split(line: bytes) -> list[bytes]:
    return [line[start : start + MAX_LINE] for start in range(0, len(line), MAX_LINE)]
