"""The stream format of attach, exec and logs without a TTY: an 8-byte header, then a payload.

source: Engine API, "Attach to a container", section "Stream format".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

_HEADER = struct.Struct(">BxxxL")
#: No engine sends larger payloads (dockerd copies 32 KiB at a time): such a stream is none.
MAX_PAYLOAD = 16 * 1024 * 1024


class Stream(IntEnum):
    """Which of a process's streams a frame belongs to."""

    STDIN = 0
    STDOUT = 1
    STDERR = 2
    #: The engine's own error while it copies the others.
    SYSTEMERR = 3


class Frame(NamedTuple):
    """One piece of output: which stream, and its bytes."""

    stream: Stream
    data: bytes


class FrameError(ValueError):
    """The bytes are no stream of frames."""


def encode(stream: Stream, data: bytes) -> bytes:
    """One frame as the engine writes it."""
    return _HEADER.pack(stream, len(data)) + data


class FrameDecoder:
    """Takes bytes as they come and gives the frames that are whole, in their order.

    A payload is handed on as it arrives, so a frame of 16 MiB needs no 16 MiB of memory.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._stream = Stream.STDOUT
        self._left = 0

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield what `data` completes.

        Raises:
            FrameError: a header names no stream, or a payload larger than any engine sends.
        """
        self._buffer += data
        while self._buffer:
            if self._left == 0 and not self._read_header():
                return
            piece = bytes(self._buffer[: self._left])
            del self._buffer[: self._left]
            self._left -= len(piece)
            if piece:
                yield Frame(self._stream, piece)

    def _read_header(self) -> bool:
        if len(self._buffer) < _HEADER.size:
            return False
        kind, size = _HEADER.unpack_from(self._buffer)
        if kind > Stream.SYSTEMERR or size > MAX_PAYLOAD:
            msg = f"not a stream of frames: header {bytes(self._buffer[: _HEADER.size])!r}"
            raise FrameError(msg)
        del self._buffer[: _HEADER.size]
        self._stream, self._left = Stream(kind), size
        return True

    @property
    def pending(self) -> bool:
        """Whether the stream stopped inside a frame."""
        return bool(self._buffer or self._left)
