"""Pieces of bytes as a stream that can be read from."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from .compression import Readable

_BUFFER = 1 << 20


def stream_of(pieces: Iterator[bytes]) -> Readable:
    """Pieces as something that can be read from."""
    return io.BufferedReader(_Pieces(pieces), _BUFFER)


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
