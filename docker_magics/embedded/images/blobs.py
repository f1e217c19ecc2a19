"""Content-addressed files: image configurations.

ROOT/images/blobs/sha256/HEX      0600, complete and verified
ROOT/images/blobs/drafts/         what is being downloaded or written; emptied at start

source: OCI image layout specification, "Blobs".
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import tempfile
from collections.abc import Container, Iterator
from pathlib import Path
from typing import BinaryIO

from ...wire import digest
from .disk_room import Disk


class Blobs:
    """The blobs below a folder.

    Args:
        folder: created (0700) if it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self._complete = folder / "sha256"
        self._drafts = folder / "drafts"
        for path in (self._complete, self._drafts):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def path(self, name: str) -> Path:
        """Return the path of a blob, whether or not it exists.

        Raises:
            DigestError: the name is not a digest.
        """
        return self._complete / digest.hex_of(name)

    def has(self, name: str) -> bool:
        """Whether the blob exists."""
        return self.path(name).exists()

    def read(self, name: str) -> bytes:
        """Return the content of a small blob."""
        return self.path(name).read_bytes()

    def remove(self, name: str) -> None:
        """Remove a blob, if it exists."""
        self.path(name).unlink(missing_ok=True)

    def add(self, data: bytes) -> str:
        """Store bytes, and return their digest."""
        name = digest.of(data)
        if not self.has(name):
            with self.writer() as writer:
                writer.write(data)
                writer.move(self.path(name))
        return name

    @contextlib.contextmanager
    def writer(self) -> Iterator[BlobWriter]:
        """Write a blob, which is kept only if it is moved."""
        handle, name = tempfile.mkstemp(dir=self._drafts)
        with os.fdopen(handle, "wb") as file:
            writer = BlobWriter(file, Path(name))
            try:
                yield writer
            finally:
                Path(name).unlink(missing_ok=True)

    def sweep(self, used: Container[str]) -> None:
        """Remove incomplete blobs, and those whose digest is not in `used`."""
        for path in self._drafts.iterdir():
            path.unlink()
        for path in self._complete.iterdir():
            if digest.PREFIX + path.name not in used:
                path.unlink()


class BlobWriter:
    """Writes and hashes one blob.

    Attributes:
        size: the bytes written so far.
    """

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file = file
        self._path = path
        self._disk = Disk(path.parent)
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        """Append bytes.

        Raises:
            DiskFull: the disk is full.
        """
        self._disk.count(len(data))
        self._hash.update(data)
        self.size += len(data)
        return self._file.write(data)

    def restart(self) -> None:
        """Discard what was written."""
        self._file.seek(0)
        self._file.truncate()
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def digest(self) -> str:
        """The digest of what was written."""
        return digest.PREFIX + self._hash.hexdigest()

    def open(self) -> io.BufferedReader:
        """Open what was written for reading."""
        self._file.flush()
        return self._path.open("rb")

    def move(self, path: Path) -> None:
        """Keep what was written as a file."""
        self._file.flush()
        self._path.rename(path)
