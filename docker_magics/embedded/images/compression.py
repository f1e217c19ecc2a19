"""Compressed archives: gzip, zstd, bzip2 or xz, detected by their first bytes.

source: OCI image specification, layer.md, "Layer media types"; RFC 1952, RFC 8878.
"""

from __future__ import annotations

import io
import zlib
from typing import IO, cast

from ...wire.tarstream import Readable
from ..errors import BadParameter

CHUNK = 1 << 18
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
#: The first bytes of a frame without content, which may come first; the lowest is 0x50 to 0x5f.
_SKIPPABLE = b"\x2a\x4d\x18"
_BZIP2 = b"BZh"
_XZ = b"\xfd7zXZ\x00"


def format_of(head: bytes) -> str:
    """Return `gzip`, `zstd`, `bzip2`, `xz`, or empty for what is not compressed."""
    if head[:1] and head[0] & 0xF0 == 0x50 and head.startswith(_SKIPPABLE, 1):
        return "zstd"
    formats = (("gzip", _GZIP), ("zstd", _ZSTD), ("bzip2", _BZIP2), ("xz", _XZ))
    return next((name for name, magic in formats if head.startswith(magic)), "")


def decompressed(source: Readable) -> Readable:
    """Return a stream of the uncompressed bytes.

    Reading from it raises BadParameter where the source is damaged.
    """
    head = _read_exactly(source, len(_XZ))
    stream = Prefixed(head, source)
    match format_of(head):
        case "gzip":
            return Inflating(stream)
        case "zstd":
            import zstandard

            file = cast("IO[bytes]", stream)
            reader = zstandard.ZstdDecompressor().stream_reader(
                file, read_size=CHUNK, read_across_frames=True
            )
            return _Checked(reader, zstandard.ZstdError)
        case "bzip2":
            import bz2

            return _Checked(bz2.BZ2File(io.BufferedReader(stream)), OSError)
        case "xz":
            import lzma

            return _Checked(lzma.LZMAFile(io.BufferedReader(stream)), lzma.LZMAError)
    return stream


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


class Inflating:
    """Inflates gzip of one or more members in large pieces: the gzip module reads small ones."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self._inflate = zlib.decompressobj(wbits=31)
        self._ended = False

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; empty at the end."""
        while not self._ended:
            data = self._inflate.unconsumed_tail or self._source.read(CHUNK)
            if not data:
                raise BadParameter("unexpected end of a gzip stream")
            try:
                piece = self._inflate.decompress(data, size)
            except zlib.error as error:
                raise BadParameter(f"damaged gzip stream: {error}") from error
            if self._inflate.eof:
                self._next_member()
            if piece:
                return piece
        return b""

    def _next_member(self) -> None:
        rest = self._inflate.unused_data or self._source.read(CHUNK)
        if rest.startswith(_GZIP):
            self._inflate = zlib.decompressobj(wbits=31)
            self._source = Prefixed(rest, self._source)
        else:
            self._ended = True  # zeros after the end are padding


class _Checked:
    """Turns a decompressor's errors into BadParameter."""

    def __init__(self, source: Readable, *errors: type[Exception]) -> None:
        self._source = source
        self._errors: tuple[type[Exception], ...] = (*errors, EOFError)

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; empty at the end."""
        try:
            return self._source.read(size)
        except self._errors as error:
            raise BadParameter(f"damaged archive: {error}") from error
