"""A file that goes out to the engine: load, import."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from docker_magics.cli.terminal import Terminal
from docker_magics.errors import Interrupted, UsageError

_CHUNK = 1024 * 1024


class FileUpload:
    """A file's content, a chunk at a time, and how far it is.

    Args:
        source: opens it.
        size: its bytes; 0 where that is not known.

    Attributes:
        sent: the bytes that have gone out.
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
                    raise Interrupted("it was cancelled")
                yield data
                self.sent += len(data)

    def cancel(self) -> None:
        """Send no more: whoever sends it gets Interrupted."""
        self._cancelled = True


def of_file(name: str) -> FileUpload:
    """A file that is there.

    Raises:
        UsageError: it is not, or is no file.
    """
    file = Path(name)
    if not file.exists():
        raise UsageError(f"open {name}: no such file or directory")
    if file.is_dir():
        raise UsageError(f"open {name}: is a directory")
    return FileUpload(lambda: file.open("rb"), file.stat().st_size)


def of_input(terminal: Terminal) -> FileUpload:
    """The standard input."""
    stdin = terminal.stdin
    size = len(stdin.getbuffer()) if isinstance(stdin, io.BytesIO) else 0
    return FileUpload(lambda: stdin, size)
