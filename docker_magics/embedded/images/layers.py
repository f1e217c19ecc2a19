"""Unpacked layers: each one exists once, however many images share it.

ROOT/images/layers/HEX/fs/           the files, HEX being the digits of the layer's diff ID
ROOT/images/layers/HEX/tar-split.gz  what the archive it came as has beyond the files
ROOT/images/layers/HEX/archive       the archive it came as, if it cannot be joined
ROOT/images/layers/HEX/layer.json    {"size": bytes, "archive_size": bytes, "blobs": [...]}

A layer that was pulled or loaded is joined from its files and tar-split.gz when its archive is
needed, so that its diff ID stays. That is not possible if the archive has a file twice. A layer
that was made here is packed from its files.
"""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from ...wire import digest
from ...wire.tarstream import Readable
from ..errors import ApiError, full_disk_as_api_error
from ..state import read_json, remove_leftover, remove_tree, write_json
from . import pack, tar_split
from .blobs import Blobs, BlobWriter
from .compression import decompressed, format_of
from .oci import LAYER_KINDS, Descriptor
from .streams import ahead
from .tar_split import TarSplit
from .unpack import unpack

_FILES = "fs"
_RECORD = "layer.json"
_SPLIT = "tar-split.gz"
_ARCHIVE = "archive"
_CHUNK = 1 << 20
#: How many archives of one layer are recorded.
_MAX_BLOBS = 20


@dataclass(frozen=True)
class Layer:
    """An unpacked layer.

    Attributes:
        diff_id: the digest of its uncompressed archive.
        files: the folder.
        size: the bytes of its regular files and its links' targets, as dockerd counts.
        archive_size: the bytes of its uncompressed archive; None if an older version stored it.
        blobs: its compressed archives that registries have, the latest first.
    """

    diff_id: str
    files: Path
    size: int
    archive_size: int | None = None
    blobs: tuple[Descriptor, ...] = ()


class LayerChanged(ApiError):
    """A layer has no archive any more: someone changed its files, or an older version stored it."""

    def __init__(self, layer: Layer, detail: str = "") -> None:
        super().__init__(f"layer {layer.diff_id} has been changed on the disk{detail}")


@contextlib.contextmanager
def named_in_error(action: str) -> Iterator[None]:
    """Say what cannot be done without a layer's archive, such as `save busybox`, and what helps."""
    try:
        yield
    except LayerChanged as error:
        raise ApiError(f"cannot {action}: {error}; pull or build it again") from error


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
        return self._measured.digest

    @property
    def size(self) -> int:
        """The bytes of its files."""
        return self._measured.content_size

    @property
    def archive_size(self) -> int:
        """The bytes of its archive."""
        return self._measured.size

    @cached_property
    def _measured(self) -> pack.Measured:
        return pack.measure(self.files)


class Layers:
    """The layers below a folder.

    Args:
        folder: created (0700) if it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
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
        return Layer(
            diff_id,
            path / _FILES,
            record["size"],
            record.get("archive_size"),
            tuple(record.get("blobs", ())),
        )

    def diff_ids(self) -> list[str]:
        """Return the diff IDs of all layers."""
        return [digest.PREFIX + path.name for path in self._folder.iterdir() if _is_layer(path)]

    def remove(self, diff_id: str) -> None:
        """Remove a layer."""
        trash = self._folder / f"gone-{diff_id[-16:]}"
        self._path(diff_id).rename(trash)
        remove_tree(trash)

    def adopt_archives(self, blobs: Blobs) -> None:
        """Take over the archives of layers that an older version kept among the blobs."""
        for diff_id in self.diff_ids():
            folder = self._path(diff_id)
            with contextlib.suppress(FileNotFoundError, KeyError):
                blobs.path(read_json(folder / _RECORD)["blob"]).rename(folder / _ARCHIVE)

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
        return self._install(
            draft, Layer(draft.diff_id, draft.files, draft.size, draft.archive_size)
        )

    def add(self, archive: BlobWriter, expected: str | None = None) -> Layer:
        """Unpack an archive; keep it only if it cannot be joined again.

        Args:
            archive: complete, compressed or not.
            expected: the diff ID that an image states.

        Raises:
            BadParameter: a damaged archive.
            ApiError: the disk is full.
            DigestError: it has another diff ID.
        """
        with self.draft() as draft, archive.open() as file:
            folder = draft.files.parent
            kind = LAYER_KINDS.get(format_of(file.peek()))
            hashing = _HashingReader(decompressed(file))
            with (
                full_disk_as_api_error(),
                ahead(hashing) as source,
                TarSplit(folder / _SPLIT) as split,
            ):
                size = unpack(source, draft.files, layer=True, split=split)
            diff_id = hashing.digest
            if expected not in {None, diff_id}:
                raise digest.DigestError(f"expected diff ID {expected}, got {diff_id}")
            if not split.is_exact:
                (folder / _SPLIT).unlink()
                archive.move(folder / _ARCHIVE)
            layer = Layer(diff_id, draft.files, size, hashing.size)
            if kind:
                blob: Descriptor = {
                    "mediaType": kind,
                    "digest": archive.digest,
                    "size": archive.size,
                }
                layer = replace(layer, blobs=(blob,))
            return self._install(draft, layer)

    def add_blob(self, layer: Layer, blob: Descriptor) -> None:
        """Record that a registry has a compressed archive of a layer."""
        others = [other for other in layer.blobs if other["digest"] != blob["digest"]]
        folder = self._path(layer.diff_id)
        _write_record(folder, replace(layer, blobs=(blob, *others[: _MAX_BLOBS - 1])))

    def packed(self, layer: Layer) -> Iterator[bytes]:
        """Yield the layer's uncompressed archive, whose digest is its diff ID.

        Raises:
            LayerChanged: the layer's files are not those of the archive any more.
        """
        hashed = hashlib.sha256()
        try:
            for piece in self._pieces(layer):
                hashed.update(piece)
                yield piece
        except (OSError, EOFError, zlib.error) as error:
            raise LayerChanged(layer, f": {error}") from error
        if digest.PREFIX + hashed.hexdigest() != layer.diff_id:
            raise LayerChanged(layer)

    def _pieces(self, layer: Layer) -> Iterator[bytes]:
        folder = self._path(layer.diff_id)
        if (folder / _SPLIT).exists():
            yield from tar_split.joined(folder / _SPLIT, layer.files)
        elif (folder / _ARCHIVE).exists():
            with (folder / _ARCHIVE).open("rb") as file:
                source = decompressed(file)
                while piece := source.read(_CHUNK):
                    yield piece
        else:
            yield from pack.packed(layer.files)

    def _install(self, draft: Draft, layer: Layer) -> Layer:
        folder = draft.files.parent
        _write_record(folder, layer)
        with contextlib.suppress(OSError):  # an equal layer exists
            folder.rename(self._path(layer.diff_id))
        return self.get(layer.diff_id)

    def _path(self, diff_id: str) -> Path:
        return self._folder / digest.hex_of(diff_id)


def _write_record(folder: Path, layer: Layer) -> None:
    record = {"size": layer.size, "archive_size": layer.archive_size, "blobs": layer.blobs}
    write_json(folder / _RECORD, record)


def _is_layer(path: Path) -> bool:
    return len(path.name) == 64


class _HashingReader:
    """Hashes and counts what is read through it.

    Attributes:
        size: how many bytes were read.
    """

    def __init__(self, source: Readable) -> None:
        self.size = 0
        self._source = source
        self._hash = hashlib.sha256()

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes."""
        data = self._source.read(size)
        self._hash.update(data)
        self.size += len(data)
        return data

    @property
    def digest(self) -> str:
        """The digest of what was read."""
        return digest.PREFIX + self._hash.hexdigest()
