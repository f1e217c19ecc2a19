"""The parts of a layer's archive that its unpacked files lack, so that both need not be kept.

The archive is the concatenation of all records: bytes as they are, then a file's content. Headers,
padding and what cannot be read from the unpacked files again are stored as they are.

ROOT/images/layers/HEX/tar-split.gz    records, compressed: a head (see `_HEAD`), bytes, a path

source: vbatts/tar-split, as used by moby layer/layer_store.go; the format is ours.
"""

from __future__ import annotations

import gzip
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Self

from ..storage.rootfs import Rootfs

#: The lengths of the bytes and of the path; the size of the file, whose content follows the bytes.
_HEAD = struct.Struct(">LHQ")
#: The bytes that are stored in one record at most, but for a piece that is longer.
_MAX_BYTES = 1 << 20
_CHUNK = 1 << 20
_LEVEL = 1


class TarSplit:
    """Writes the records of one archive.

    Attributes:
        is_exact: whether the unpacked files still have every content that was left out.

    Args:
        path: the new file.
    """

    def __init__(self, path: Path) -> None:
        self.is_exact = True
        self._file = gzip.GzipFile(path, "wb", _LEVEL, mtime=0)
        self._bytes = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                self._flush()
        finally:
            self._file.close()

    def write(self, data: bytes) -> None:
        """Store bytes of the archive."""
        self._bytes += data
        if len(self._bytes) >= _MAX_BYTES:
            self._flush()

    def add_file(self, path: str, size: int) -> None:
        """Leave out a content, which is that of a file now.

        Args:
            path: from the root of the layer.
            size: the bytes of the content.
        """
        self._flush(os.fsencode(path), size)

    def _flush(self, path: bytes = b"", size: int = 0) -> None:
        self._file.write(_HEAD.pack(len(self._bytes), len(path), size) + self._bytes + path)
        self._bytes.clear()


def joined(path: Path, files: Path) -> Iterator[bytes]:
    """Yield the archive again. The caller checks its digest, as the files may have changed.

    Args:
        path: its records.
        files: the folder of the unpacked layer.

    Raises:
        OSError: a file is missing.
        EOFError: the records are cut off.
    """
    with gzip.open(path) as records, Rootfs(files) as root:
        while head := records.read(_HEAD.size):
            bytes_length, path_length, size = _HEAD.unpack(head)
            yield records.read(bytes_length)
            if path_length:
                with root.open_file(os.fsdecode(records.read(path_length))) as file:
                    yield from _content(file, size)


def _content(file: BinaryIO, size: int) -> Iterator[bytes]:
    while size and (piece := file.read(min(_CHUNK, size))):
        size -= len(piece)
        yield piece
