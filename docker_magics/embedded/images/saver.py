"""docker save: images as an archive, for Docker (manifest.json) and OCI tools (index.json).

source: Engine API, ImageGet; OCI image layout specification; moby image/tarexport/save.go.
"""

from __future__ import annotations

import contextlib
import json
import tarfile
import tempfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...wire import digest, tarstream
from ...wire import reference as names
from ...wire.media_types import OCI_INDEX
from ...wire.reference import Reference
from ..errors import ApiError, NotFound
from . import manifest
from .image import Image
from .layers import named_in_error
from .oci import Descriptor, ImageIndex, blob_path
from .platforms import Platform
from .store import ImageStore


@dataclass
class _Selection:
    """An image to save, and the tags to save with it."""

    image: Image
    tags: list[Reference] = field(default_factory=list)


class ImageSaver:
    """Writes archives of images.

    Args:
        store: the images.
        tmp: a folder for temporary files.
    """

    def __init__(self, store: ImageStore, tmp: Path) -> None:
        self._store = store
        self._tmp = tmp

    def save(self, texts: list[str], platform: Platform | None = None) -> Iterator[bytes]:
        """Return an archive of images; those that are given by name keep it.

        Args:
            texts: names or IDs; a name without a tag selects all of its tags.
            platform: the one that the images must be built for.

        Raises:
            NotFound: no such image.
            ApiError: one is built for another platform.
        """
        selections: dict[str, _Selection] = {}
        for text in texts:
            for image, reference in self._select(text):
                if platform is not None and not platform.accepts(image.platform):
                    raise ApiError(f"no suitable export target found for platform {platform}")
                selection = selections.setdefault(image.id, _Selection(image))
                if reference is not None and reference.tag:
                    selection.tags.append(reference)
                self._store.publish("save", image)
        return _ArchiveWriter(self._store, self._tmp).write(list(selections.values()))

    def _select(self, text: str) -> list[tuple[Image, Reference | None]]:
        store = self._store
        if names.is_identity(text):
            return [(store.resolve(text), None)]
        with contextlib.suppress(names.ReferenceError):
            reference = names.parse(text)
            tags = store.references.tags(reference.name)
            if reference.tag is None and reference.digest is None and tags:
                return [(store.resolve(tag.familiar), tag) for tag in tags]
            if image_id := store.references.get(reference):
                return [(store.get(image_id), reference)]
            if reference.tag or reference.digest:
                raise NotFound("reference does not exist")
        try:
            return [(store.resolve(text), None)]
        except NotFound as error:
            raise NotFound(f"No such image: {text}") from error


class _ArchiveWriter:
    """Writes one archive, each blob once."""

    def __init__(self, store: ImageStore, tmp: Path) -> None:
        self._store = store
        self._tmp = tmp
        self._written: set[str] = set()

    def write(self, selections: list[_Selection]) -> Iterator[bytes]:
        images: list[dict[str, Any]] = []
        manifests: list[Descriptor] = []
        for selection in selections:
            image, tags = selection.image, selection.tags
            with named_in_error(f"save {tags[0].familiar if tags else image.id}"):
                descriptor = yield from self._image(image)
            images.append(
                {
                    "Config": blob_path(image.id),
                    "RepoTags": [tag.familiar for tag in tags] or None,
                    "Layers": [blob_path(diff_id) for diff_id in image.diff_ids],
                }
            )
            named: list[Descriptor] = [
                {**descriptor, "annotations": _annotations(tag)} for tag in tags
            ]
            manifests += named or [descriptor]
        index: ImageIndex = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests}
        yield from _member("index.json", _dump(index))
        yield from _member("manifest.json", _dump(images))
        yield from _member("oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
        yield from _member("repositories", _dump(_repositories(selections)))
        yield tarstream.END

    def _image(self, image: Image) -> Generator[bytes, None, Descriptor]:
        """Write an image's layers, configuration and manifest; return the manifest's descriptor."""
        sizes: list[int] = []
        for diff_id in image.diff_ids:
            size = yield from self._layer(diff_id)
            sizes.append(size)
        config = self._store.blobs.read(image.id)
        yield from self._blob(config)
        data = manifest.dump(image, config, sizes)
        yield from self._blob(data)
        return manifest.descriptor_of(data)

    def _blob(self, data: bytes) -> Iterator[bytes]:
        name = digest.of(data)
        if name not in self._written:
            self._written.add(name)
            yield from _member(blob_path(name), data)

    def _layer(self, diff_id: str) -> Generator[bytes, None, int]:
        """Write a layer's uncompressed archive; return its size.

        It goes through a file, because an archive states a member's size before its content.
        """
        layer = self._store.layers.get(diff_id)
        with tempfile.TemporaryFile(dir=self._tmp) as file:
            for piece in self._store.layers.packed(layer):
                file.write(piece)
            size = file.tell()
            if diff_id not in self._written:
                self._written.add(diff_id)
                file.seek(0)
                info = _info(blob_path(diff_id))
                info.size = size
                yield tarstream.header(info)
                yield from tarstream.content(file, size)
        return size


def _dump(value: Any) -> bytes:
    """Return JSON as Go writes it: without spaces."""
    return json.dumps(value, separators=(",", ":")).encode()


def _annotations(tag: Reference) -> dict[str, str]:
    return {
        "io.containerd.image.name": str(tag),
        "org.opencontainers.image.ref.name": tag.tag or "",
    }


def _repositories(selections: list[_Selection]) -> dict[str, dict[str, str]]:
    """Return the file `repositories` of old archives: the top layer of each tag."""
    repositories: dict[str, dict[str, str]] = {}
    for selection in selections:
        diff_ids = selection.image.diff_ids
        top = digest.hex_of(diff_ids[-1]) if diff_ids else ""
        for tag in selection.tags:
            repositories.setdefault(tag.familiar_name, {})[tag.tag or ""] = top
    return repositories


def _info(name: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.mode = 0o644
    return info


def _member(name: str, data: bytes) -> Iterator[bytes]:
    return tarstream.member(_info(name), data)
