"""Unpacked layers: each one exists once, however many images share it.

ROOT/images/layers/HEX/fs/           the files, HEX being the digits of the layer's diff ID
ROOT/images/layers/HEX/layer.json    {"size": bytes, "blob": digest, "kind": media type}

A layer that was pulled or loaded keeps the archive it came as, so that a push sends the same
digest. A layer that was made here has no archive: it is packed from its folder when it is needed.
"""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ...wire import digest
from ...wire.tarstream import Readable
from ..errors import ApiError
from ..state import read_json, remove_leftover, remove_tree, write_json
from . import pack
from .blobs import Blobs
from .compression import decompressed
from .streams import ahead
from .unpack import unpack

_FILES = "fs"
_RECORD = "layer.json"
_CHUNK = 1 << 20
TAR = "application/vnd.docker.image.rootfs.diff.tar"


@dataclass(frozen=True)
class Layer:
    """An unpacked layer.

    Attributes:
        diff_id: the digest of its uncompressed archive.
        files: the folder.
        size: the bytes of its regular files and its links' targets, as dockerd counts.
        blob: the digest of the archive it came as; None if it was made here.
        kind: the media type of that archive.
    """

    diff_id: str
    files: Path
    size: int
    blob: str | None = None
    kind: str = TAR


@dataclass
class Draft:
    """A folder to fill, which becomes a layer.

    Attributes:
        files: the folder; not to be changed once `diff_id` or `size` was read.
    """

    files: Path

    @property
    def diff_id(self) -> str:
        """The diff ID that the layer will have."""
        return self._measured[0]

    @property
    def size(self) -> int:
        """The bytes of its files."""
        return self._measured[1]

    @cached_property
    def _measured(self) -> tuple[str, int]:
        return pack.digest_of(self.files)


class Layers:
    """The layers below a folder.

    Args:
        folder: created (0700) if it is missing.
        blobs: has the archives that layers came as.
    """

    def __init__(self, folder: Path, blobs: Blobs) -> None:
        self._folder = folder
        self._blobs = blobs
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def has(self, diff_id: str) -> bool:
        """Whether the layer exists."""
        return self._path(diff_id).exists()

    def get(self, diff_id: str) -> Layer:
        """Return a layer.

        Raises:
            ApiError: it is missing.
        """
        path = self._path(diff_id)
        try:
            record = read_json(path / _RECORD)
        except FileNotFoundError:
            raise ApiError(f"layer {diff_id} is missing from the store") from None
        return Layer(diff_id, path / _FILES, record["size"], record["blob"], record["kind"])

    def diff_ids(self) -> list[str]:
        """Return the diff IDs of all layers."""
        return [digest.PREFIX + path.name for path in self._folder.iterdir() if _is_layer(path)]

    def remove(self, diff_id: str) -> None:
        """Remove a layer, with the archive it came as."""
        layer = self.get(diff_id)
        trash = self._folder / f"gone-{diff_id[-16:]}"
        self._path(diff_id).rename(trash)
        remove_tree(trash)
        if layer.blob is not None:
            self._blobs.remove(layer.blob)

    def sweep(self) -> None:
        """Remove incomplete layers."""
        for path in self._folder.iterdir():
            if not _is_layer(path):
                remove_leftover(path)

    @contextlib.contextmanager
    def draft(self) -> Iterator[Draft]:
        """Yield a folder to fill; it is removed unless it becomes a layer by `keep`."""
        folder = Path(tempfile.mkdtemp(prefix="draft-", dir=self._folder))
        (folder / _FILES).mkdir(mode=0o755)
        (folder / _FILES).chmod(0o755)
        try:
            yield Draft(folder / _FILES)
        finally:
            if folder.exists():
                remove_tree(folder)

    def keep(self, draft: Draft) -> Layer:
        """Turn a filled folder into a layer; return the existing one if it is equal."""
        return self._install(draft, draft.diff_id, draft.size)

    def add(self, blob: str, kind: str = TAR, expected: str | None = None) -> Layer:
        """Unpack an archive that is a blob of the store.

        Args:
            blob: its digest.
            kind: its media type.
            expected: the diff ID that an image states.

        Raises:
            BadParameter: a damaged archive.
            DigestError: it has another diff ID.
        """
        with self.draft() as draft, self._blobs.open(blob) as file:
            hashing = _HashingReader(decompressed(file))
            with ahead(hashing) as source:
                size = unpack(source, draft.files, layer=True)
            diff_id = hashing.digest
            if expected not in {None, diff_id}:
                raise digest.DigestError(f"expected diff ID {expected}, got {diff_id}")
            return self._install(draft, diff_id, size, blob, kind)

    def packed(self, layer: Layer) -> Iterator[bytes]:
        """Yield the layer's uncompressed archive, whose digest is its diff ID.

        Raises:
            ApiError: the layer's files have changed on the disk.
        """
        hashed = hashlib.sha256()
        for piece in self._pieces(layer):
            hashed.update(piece)
            yield piece
        if digest.PREFIX + hashed.hexdigest() != layer.diff_id:
            raise ApiError(f"layer {layer.diff_id} has been changed on the disk")

    def _pieces(self, layer: Layer) -> Iterator[bytes]:
        if layer.blob is None:
            yield from pack.packed(layer.files)
            return
        with self._blobs.open(layer.blob) as file:
            source = decompressed(file)
            while piece := source.read(_CHUNK):
                yield piece

    def _install(
        self, draft: Draft, diff_id: str, size: int, blob: str | None = None, kind: str = TAR
    ) -> Layer:
        folder = draft.files.parent
        write_json(folder / _RECORD, {"size": size, "blob": blob, "kind": kind})
        with contextlib.suppress(OSError):  # an equal layer exists
            folder.rename(self._path(diff_id))
        return self.get(diff_id)

    def _path(self, diff_id: str) -> Path:
        return self._folder / digest.hex_of(diff_id)


def _is_layer(path: Path) -> bool:
    return len(path.name) == 64


class _HashingReader:
    """Hashes what is read through it."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self._hash = hashlib.sha256()

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes."""
        data = self._source.read(size)
        self._hash.update(data)
        return data

    @property
    def digest(self) -> str:
        """The digest of what was read."""
        return digest.PREFIX + self._hash.hexdigest()
