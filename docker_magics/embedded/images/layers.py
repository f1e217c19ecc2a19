"""Unpacked layers: each once, whatever number of images share it.

ROOT/layers/HEX/fs/            the files, HEX being the layer's diff ID
ROOT/layers/HEX/layer.json     {"size": bytes of the files, "blob": digest, "kind": media type}

A layer has a blob where it came as one (pull, load): so it can go out again with the same digest.
One that was made here is packed from its folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...wire import digest
from ..errors import ApiError
from ..state import read_json, remove_tree, write_json
from . import pack
from .blobs import Blobs
from .compression import Readable, decompressed
from .streams import ahead
from .unpack import unpack

_FILES = "fs"
_ABOUT = "layer.json"
_COPY = 1 << 20
TAR = "application/vnd.docker.image.rootfs.diff.tar"


@dataclass(frozen=True)
class Layer:
    """An unpacked layer.

    Attributes:
        diff_id: the digest of its uncompressed archive.
        files: the folder.
        size: of its regular files and its links' targets, in bytes, as dockerd counts.
        blob: the digest of the archive it came as; None where it was made here.
        kind: the media type of that archive.
    """

    diff_id: str
    files: Path
    size: int
    blob: str | None = None
    kind: str = TAR


class Layers:
    """The layers below a folder."""

    def __init__(self, folder: Path, blobs: Blobs) -> None:
        self._folder = folder
        self._blobs = blobs
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def has(self, diff_id: str) -> bool:
        """Whether the layer is there."""
        return self._at(diff_id).exists()

    def get(self, diff_id: str) -> Layer:
        """A layer.

        Raises:
            ApiError: it is not there.
        """
        try:
            about = read_json(self._at(diff_id) / _ABOUT)
        except FileNotFoundError:
            raise ApiError(f"layer {diff_id} is missing from the store") from None
        files = self._at(diff_id) / _FILES
        return Layer(diff_id, files, about["size"], about["blob"], about["kind"])

    def names(self) -> list[str]:
        """The diff IDs of all layers."""
        return [
            digest.PREFIX + path.name for path in self._folder.iterdir() if len(path.name) == 64
        ]

    def remove(self, diff_id: str) -> None:
        """Take a layer away, with the archive it came as."""
        layer = self.get(diff_id)
        going = self._folder / f"gone-{diff_id[-16:]}"
        self._at(diff_id).rename(going)
        remove_tree(going)
        if layer.blob is not None:
            self._blobs.remove(layer.blob)

    def sweep(self) -> None:
        """Take away what was left half-written."""
        for path in self._folder.iterdir():
            if len(path.name) != 64:
                remove_tree(path)

    @contextlib.contextmanager
    def draft(self) -> Iterator[Draft]:
        """A folder to fill, which becomes a layer when it is kept."""
        folder = Path(tempfile.mkdtemp(prefix="draft-", dir=self._folder))
        (folder / _FILES).mkdir(mode=0o755)
        (folder / _FILES).chmod(0o755)
        try:
            yield Draft(folder / _FILES)
        finally:
            if folder.exists():
                remove_tree(folder)

    def keep(self, draft: Draft) -> Layer:
        """Make a filled folder a layer; an equal one that is there already is kept instead."""
        diff_id, size = pack.digest_of(draft.files)
        return self._install(draft, Layer(diff_id, self._at(diff_id) / _FILES, size))

    def add(self, blob: str, kind: str = TAR, expected: str | None = None) -> Layer:
        """Unpack a blob that is in the store.

        Args:
            blob: its digest.
            kind: its media type.
            expected: the diff ID that an image says it has.

        Raises:
            BadParameter: a damaged archive.
            DigestError: it has another diff ID.
        """
        with self.draft() as draft, self._blobs.open(blob) as file:
            hashed = _Hashed(decompressed(file))
            with ahead(hashed) as source:
                size = unpack(source, draft.files, layer=True)
                while source.read(_COPY):  # there may be padding after its last member
                    pass
            diff_id = hashed.digest
            if expected not in {None, diff_id}:
                raise digest.DigestError(f"expected diff ID {expected}, got {diff_id}")
            return self._install(
                draft, Layer(diff_id, self._at(diff_id) / _FILES, size, blob, kind)
            )

    def packed(self, layer: Layer) -> Iterator[bytes]:
        """The layer's uncompressed archive, which has its diff ID.

        Raises:
            ApiError: the layer's files are no longer what they were.
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
            while piece := source.read(1 << 20):
                yield piece

    def _install(self, draft: Draft, layer: Layer) -> Layer:
        folder = draft.files.parent
        write_json(folder / _ABOUT, {"size": layer.size, "blob": layer.blob, "kind": layer.kind})
        try:
            folder.rename(self._at(layer.diff_id))
        except OSError:  # it is there already
            return self.get(layer.diff_id)
        return layer

    def _at(self, diff_id: str) -> Path:
        return self._folder / digest.hex_of(diff_id)


@dataclass(frozen=True)
class Draft:
    """A layer in the making: the folder to fill."""

    files: Path


class _Hashed:
    """Hashes what is read through it."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self._hash = hashlib.sha256()

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes."""
        data = self._source.read(size)
        self._hash.update(data)
        return data

    @property
    def digest(self) -> str:
        """Of what was read."""
        return digest.PREFIX + self._hash.hexdigest()
