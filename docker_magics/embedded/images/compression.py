"""Compressed archives: gzip, zstd, bzip2 or xz, detected by their first bytes.

source: OCI image specification, layer.md, "Layer media types"; RFC 1952, RFC 8878; moby
pkg/archive/compression: zstdMatcher.
"""

from __future__ import annotations

import io
import re
import zlib
from typing import Protocol

from ...wire.tarstream import Readable
from ..errors import BadParameter

CHUNK = 1 << 16
#: The first bytes of each format; zstd's skippable frames too.
_MAGICS = {
    "gzip": re.compile(rb"\x1f\x8b"),
    "zstd": re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"),
    "bzip2": re.compile(rb"BZh"),
    "xz": re.compile(rb"\xfd7zXZ\x00"),
}
_LONGEST_MAGIC = 6
#: What a stream may have its decompressor remember: `xz -9` needs 65 MiB.
_MAX_MEMORY = 1 << 27
#: Bytes of zstd that are decompressed at once: a block of 3 bytes can expand to 128 KiB.
_ZSTD_PIECE = 512


def format_of(head: bytes) -> str:
    """Return `gzip`, `zstd`, `bzip2`, `xz`, or empty for what is not compressed."""
    return next((name for name, magic in _MAGICS.items() if magic.match(head)), "")


def decompressed(source: Readable) -> Readable:
    """Return a stream of the uncompressed bytes.

    Reading from it raises BadParameter where the source is damaged or cut off.
    """
    head = _read_exactly(source, _LONGEST_MAGIC)
    stream = Prefixed(head, source)
    name = format_of(head)
    return _Decompressing(stream, name) if name else stream


def _read_exactly(source: Readable, size: int) -> bytes:
    data = b""
    while len(data) < size and (piece := source.read(size - len(data))):
        data += piece
    return data


class Prefixed(io.RawIOBase):
    """Some bytes that were already read, then the rest of their stream."""

    def __init__(self, head: bytes, rest: Readable) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes; empty at the end."""
        if size < 0:
            size = CHUNK
        if self._head:
            data, self._head = self._head[:size], self._head[size:]
            return data
        return self._rest.read(size)

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class _Decompressor(Protocol):
    """Decompresses one member, as bz2's and lzma's decompressors do."""

    @property
    def eof(self) -> bool:
        """Whether the member is complete."""

    @property
    def needs_input(self) -> bool:
        """Whether it can go on only with more data."""

    @property
    def unused_data(self) -> bytes:
        """The data after the member's end."""

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Return up to `max_length` bytes, or what they need."""


class _Gzip:
    """zlib, which returns what it has not consumed."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def needs_input(self) -> bool:
        return not self._zlib.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        return self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)


class _Zstd:
    """zstandard, whose results have no bound: it is given small pieces."""

    def __init__(self) -> None:
        import zstandard

        decompressor = zstandard.ZstdDecompressor(max_window_size=_MAX_MEMORY)
        self._zstd = decompressor.decompressobj()
        self._rest = memoryview(b"")

    @property
    def eof(self) -> bool:
        return self._zstd.eof

    @property
    def needs_input(self) -> bool:
        return not self._rest

    @property
    def unused_data(self) -> bytes:
        return self._zstd.unused_data + bytes(self._rest)

    def decompress(self, data: bytes, _max_length: int, /) -> bytes:
        self._rest = self._rest or memoryview(data)
        piece, self._rest = self._rest[:_ZSTD_PIECE], self._rest[_ZSTD_PIECE:]
        return self._zstd.decompress(piece)


def _decompressor(name: str) -> tuple[_Decompressor, type[Exception]]:
    """Return a decompressor of a format, and the errors that it raises."""
    match name:
        case "zstd":
            import zstandard

            return _Zstd(), zstandard.ZstdError
        case "bzip2":
            import bz2

            return bz2.BZ2Decompressor(), OSError
        case "xz":
            import lzma

            return lzma.LZMADecompressor(memlimit=_MAX_MEMORY), lzma.LZMAError
    return _Gzip(), zlib.error


class _Decompressing:
    """Decompresses one or more members; what follows them is ignored."""

    def __init__(self, source: Readable, name: str) -> None:
        self._source = source
        self._name = name
        self._member, self._error = _decompressor(name)
        self._ended = False
        self._compressed = b""
        self._rest = memoryview(b"")

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; empty at the end."""
        while not self._rest:
            if self._ended:
                return b""
            self._rest = memoryview(self._decompress(size))
        data, self._rest = self._rest[:size], self._rest[size:]
        return bytes(data)

    def _decompress(self, size: int) -> bytes:
        data = b""
        if self._member.needs_input:
            data = self._compressed or self._source.read(CHUNK)
            self._compressed = b""
            if not data:
                raise BadParameter(f"unexpected end of a {self._name} stream")
        try:
            piece = self._member.decompress(data, size)
        except self._error as error:
            raise BadParameter(f"damaged {self._name} stream: {error}") from error
        if self._member.eof:
            self._begin_next()
        return piece

    def _begin_next(self) -> None:
        self._compressed = self._member.unused_data
        while len(self._compressed) < _LONGEST_MAGIC and (piece := self._source.read(CHUNK)):
            self._compressed += piece
        if format_of(self._compressed) == self._name:
            self._member, self._error = _decompressor(self._name)
        else:
            self._ended = True
