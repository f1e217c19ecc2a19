"""Pieces of bytes as a stream that can be read from."""

from __future__ import annotations

import contextlib
import io
import queue
import threading
from collections.abc import Iterator
from typing import Any

from .compression import Readable

_BUFFER = 1 << 20
#: How many pieces are read ahead.
_AHEAD = 4


def stream_of(pieces: Iterator[bytes]) -> Readable:
    """Pieces as something that can be read from."""
    return io.BufferedReader(_Pieces(pieces), _BUFFER)


@contextlib.contextmanager
def ahead(source: Readable) -> Iterator[Readable]:
    """The same stream, read by a thread: what inflates and hashes it works beside what writes."""
    pieces: queue.Queue[bytes | Exception] = queue.Queue(_AHEAD)
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
        yield stream_of(_taken(pieces))
    finally:
        stopped.set()
        while thread.is_alive():  # it may wait for room
            with contextlib.suppress(queue.Empty):
                pieces.get(timeout=0.01)


def _taken(pieces: queue.Queue[bytes | Exception]) -> Iterator[bytes]:
    while piece := pieces.get():
        if isinstance(piece, Exception):
            raise piece
        yield piece


class _Pieces(io.RawIOBase):
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
