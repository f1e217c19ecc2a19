"""The multiplexed stream format of attach, exec and logs without a TTY: 8-byte headers, payloads.

source: Engine API, "Attach to a container", section "Stream format".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

_HEADER = struct.Struct(">BxxxL")
#: A larger payload means that the bytes are not frames: dockerd sends 32 KiB at a time.
MAX_PAYLOAD = 16 * 1024 * 1024


class Stream(IntEnum):
    """The stream of a process that a frame belongs to."""

    STDIN = 0
    STDOUT = 1
    STDERR = 2
    #: An error of the engine while it copies the other streams.
    SYSTEMERR = 3


class Frame(NamedTuple):
    """A piece of output: the stream and the bytes."""

    stream: Stream
    data: bytes


class FrameError(ValueError):
    """The bytes are not a stream of frames."""


def encode(stream: Stream, data: bytes) -> bytes:
    """Encode one frame."""
    return _HEADER.pack(stream, len(data)) + data


class FrameDecoder:
    """Decodes frames incrementally.

    The payload of a frame is yielded as it arrives, so that large frames are never buffered.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._stream = Stream.STDOUT
        self._left = 0

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Decode further bytes and yield the output in them.

        Raises:
            FrameError: a header has an unknown stream, or a payload of more than 16 MiB.
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
