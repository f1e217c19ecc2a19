"""Content-addressed files: image configurations and layers' archives.

ROOT/images/blobs/sha256/HEX      0600, complete and verified
ROOT/images/blobs/drafts/         blobs that are being written; emptied at start

source: OCI image layout specification, "Blobs".
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Container, Iterator
from pathlib import Path
from typing import BinaryIO

from ...wire import digest


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

    def size(self, name: str) -> int:
        """Return a blob's bytes."""
        return self.path(name).stat().st_size

    def read(self, name: str) -> bytes:
        """Return the content of a small blob."""
        return self.path(name).read_bytes()

    def open(self, name: str) -> BinaryIO:
        """Open a blob for reading."""
        return self.path(name).open("rb")

    def remove(self, name: str) -> None:
        """Remove a blob, if it exists."""
        self.path(name).unlink(missing_ok=True)

    def add(self, data: bytes) -> str:
        """Store bytes, and return their digest."""
        name = digest.of(data)
        if not self.has(name):
            with self.writer() as writer:
                writer.write(data)
                writer.commit()
        return name

    @contextlib.contextmanager
    def writer(self) -> Iterator[BlobWriter]:
        """Write a blob, which is kept only if it is committed."""
        handle, name = tempfile.mkstemp(dir=self._drafts)
        with os.fdopen(handle, "wb") as file:
            writer = BlobWriter(file, Path(name), self._complete)
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

    def __init__(self, file: BinaryIO, path: Path, folder: Path) -> None:
        self._file = file
        self._path = path
        self._folder = folder
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        """Append bytes."""
        self._hash.update(data)
        self.size += len(data)
        return self._file.write(data)

    def restart(self) -> None:
        """Discard what was written."""
        self._file.seek(0)
        self._file.truncate()
        self._hash = hashlib.sha256()
        self.size = 0

    def commit(self, expected: str | None = None) -> str:
        """Keep what was written, and return its digest.

        Raises:
            DigestError: it is not the expected one.
        """
        name = digest.PREFIX + self._hash.hexdigest()
        if expected not in {None, name}:
            raise digest.DigestError(f"expected digest {expected}, got {name}")
        self._file.flush()
        self._path.rename(self._folder / digest.hex_of(name))
        return name
