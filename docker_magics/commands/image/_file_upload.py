"""Uploads of files to the engine: load, import."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from docker_magics.cli.terminal import Terminal
from docker_magics.errors import Interrupted, UsageError

_CHUNK = 1024 * 1024


class FileUpload:
    """Yields a file's content in chunks and counts the bytes sent.

    Args:
        source: opens the file.
        size: the size in bytes, 0 if unknown.

    Attributes:
        sent: the bytes sent so far.
    """

    def __init__(self, source: Callable[[], BinaryIO], size: int) -> None:
        self._source = source
        self._cancelled = False
        self.size = size
        self.sent = 0

    def __iter__(self) -> Iterator[bytes]:
        with self._source() as file:
            while data := file.read(_CHUNK):
                if self._cancelled:
                    raise Interrupted("the upload was cancelled")
                yield data
                self.sent += len(data)

    def cancel(self) -> None:
        """Stop the upload: the sender gets Interrupted."""
        self._cancelled = True


def of_file(name: str) -> FileUpload:
    """Return the upload of a file.

    Raises:
        UsageError: the file does not exist, or is a directory.
    """
    file = Path(name)
    if not file.exists():
        raise UsageError(f"open {name}: no such file or directory")
    if file.is_dir():
        raise UsageError(f"open {name}: is a directory")
    return FileUpload(lambda: file.open("rb"), file.stat().st_size)


def of_input(terminal: Terminal) -> FileUpload:
    """Return the upload of the standard input."""
    stdin = terminal.stdin
    size = len(stdin.getbuffer()) if isinstance(stdin, io.BytesIO) else 0
    return FileUpload(lambda: stdin, size)
