"""Content-addressed files: image configurations, manifests and layers as they came.

ROOT/blobs/sha256/HEX      0600, whole and verified
ROOT/blobs/drafts/         what is being written; emptied at start

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

CHUNK = 1 << 20


class Blobs:
    """The blobs below a folder."""

    def __init__(self, folder: Path) -> None:
        self._whole = folder / "sha256"
        self._drafts = folder / "drafts"
        for path in (self._whole, self._drafts):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def path(self, name: str) -> Path:
        """Where a blob lies, whether or not it is there."""
        return self._whole / digest.hex_of(name)

    def has(self, name: str) -> bool:
        """Whether it is there."""
        return self.path(name).exists()

    def read(self, name: str) -> bytes:
        """A small blob's bytes."""
        return self.path(name).read_bytes()

    def open(self, name: str) -> BinaryIO:
        """A blob as a file."""
        return self.path(name).open("rb")

    def remove(self, name: str) -> None:
        """Take it away, if it is there."""
        self.path(name).unlink(missing_ok=True)

    def add(self, data: bytes) -> str:
        """Keep some bytes; gives their digest."""
        name = digest.of(data)
        if not self.has(name):
            with self.writer() as writer:
                writer.write(data)
                writer.commit()
        return name

    @contextlib.contextmanager
    def writer(self) -> Iterator[BlobWriter]:
        """A blob that is kept only if it is committed."""
        handle, name = tempfile.mkstemp(dir=self._drafts)
        with os.fdopen(handle, "wb") as file:
            writer = BlobWriter(file, Path(name), self._whole)
            try:
                yield writer
            finally:
                Path(name).unlink(missing_ok=True)

    def sweep(self, used: Container[str]) -> None:
        """Take away what was left half-written, and the blobs that nothing uses."""
        for path in self._drafts.iterdir():
            path.unlink()
        for path in self._whole.iterdir():
            if digest.PREFIX + path.name not in used:
                path.unlink()


class BlobWriter:
    """Writes one blob and hashes it on the way."""

    def __init__(self, file: BinaryIO, path: Path, folder: Path) -> None:
        self._file = file
        self._path = path
        self._folder = folder
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        """Add bytes."""
        self._hash.update(data)
        self.size += len(data)
        return self._file.write(data)

    def restart(self) -> None:
        """Forget what was written."""
        self._file.seek(0)
        self._file.truncate()
        self._hash = hashlib.sha256()
        self.size = 0

    def commit(self, expected: str | None = None) -> str:
        """Keep what was written; gives its digest.

        Raises:
            DigestError: it is not the expected one.
        """
        name = digest.PREFIX + self._hash.hexdigest()
        if expected not in {None, name}:
            raise digest.DigestError(f"expected digest {expected}, got {name}")
        self._file.flush()
        self._path.rename(self._folder / digest.hex_of(name))
        return name
