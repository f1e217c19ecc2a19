"""Iterators of bytes as readable streams, and read-ahead in a thread."""

from __future__ import annotations

import contextlib
import io
import queue
import threading
from collections.abc import Iterator
from typing import Any

from ...wire.tarstream import Readable

_BUFFER = 1 << 20
#: How many buffers are read ahead.
_QUEUED = 4


def stream_of(pieces: Iterator[bytes]) -> Readable:
    """Return a readable stream of the pieces."""
    return io.BufferedReader(_Pieces(pieces), _BUFFER)


@contextlib.contextmanager
def ahead(source: Readable) -> Iterator[Readable]:
    """Read a stream in a thread, so that inflating and hashing overlap with writing.

    Yields:
        The same stream. What fails while it is read fails in the reader.
    """
    pieces: queue.Queue[bytes | Exception] = queue.Queue(_QUEUED)
    stopped = threading.Event()

    def read() -> None:
        piece: bytes | Exception = b"."
        while piece and not isinstance(piece, Exception) and not stopped.is_set():
            try:
                piece = source.read(_BUFFER)
            except Exception as error:
                piece = error
            pieces.put(piece)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        yield stream_of(_queued(pieces))
    finally:
        stopped.set()
        while thread.is_alive():  # it may wait for space in the queue
            with contextlib.suppress(queue.Empty):
                pieces.get(timeout=0.01)


def _queued(pieces: queue.Queue[bytes | Exception]) -> Iterator[bytes]:
    while piece := pieces.get():
        if isinstance(piece, Exception):
            raise piece
        yield piece


class _Pieces(io.RawIOBase):
    """Reads the bytes of an iterator."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
