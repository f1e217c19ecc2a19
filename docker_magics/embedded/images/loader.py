"""docker load: take in the images of an archive.

source: Engine API, ImageLoad; moby image/tarexport/load.go.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from ...wire import digest
from ...wire.reference import Reference
from ...wire.tarstream import Readable
from ..errors import BadParameter
from ..state import remove_leftover
from . import references
from .archive import ArchivedImage, ImageArchive, read_json
from .config import parse_config
from .image import Image
from .platforms import Platform, of_config
from .store import ImageStore

_CHUNK = 1 << 20
#: A line of the API's progress: `stream`, or `status` with `progressDetail` and `id`.
Message = dict[str, Any]


class ImageLoader:
    """Loads archives of images.

    Args:
        store: receives the images.
        tmp: a folder for temporary files.
    """

    def __init__(self, store: ImageStore, tmp: Path) -> None:
        self._store = store
        self._tmp = tmp

    def load(
        self, source: Readable, platform: Platform | None = None, *, quiet: bool
    ) -> Iterator[Message]:
        """Add the images of an archive; yield the API's messages.

        Args:
            source: the archive, compressed or not.
            platform: images for others are left out; None for no such restriction.
            quiet: leave out the progress of layers.

        Raises:
            BadParameter: not an archive of images, or damaged.
        """
        folder = Path(tempfile.mkdtemp(prefix="load-", dir=self._tmp))
        try:
            archive = ImageArchive(source, folder)
            ids: list[str] = []
            tags: list[str] | None = []
            for archived in archive.images():
                if platform and not platform.accepts(_platform(archive, archived)):
                    continue
                ids.append((yield from self._load_image(archive, archived, quiet=quiet)))
                tags = archived.get("RepoTags")
            if ids and not tags:  # moby shows all IDs if the last image has no name
                yield {"stream": "".join(f"Loaded image ID: {image_id}\n" for image_id in ids)}
        finally:
            remove_leftover(folder)

    def _load_image(
        self, archive: ImageArchive, archived: ArchivedImage, *, quiet: bool
    ) -> Generator[Message, None, str]:
        """Load an image; yield messages, and return its ID."""
        config, paths = _parts(archive, archived)
        diff_ids = _diff_ids(config)
        if len(paths) != len(diff_ids):
            raise BadParameter(
                f"invalid manifest, layers length mismatch: expected {len(paths)},"
                f" got {len(diff_ids)}"
            )
        with self._store.held(diff_ids):
            for path, diff_id in zip(paths, diff_ids, strict=True):
                if self._store.layers.has(diff_id):
                    continue
                for message in self._load_layer(archive.path(path), diff_id):
                    if not quiet:
                        yield message
            image = self._store.add(config)
        for tag in archived.get("RepoTags") or []:
            yield from self._tag(image, references.read(tag).tagged)
        self._store.publish("load", image)
        return image.id

    def _load_layer(self, path: Path, diff_id: str) -> Iterator[Message]:
        size = path.stat().st_size
        yield _progress(diff_id, 0, size)
        self._add_layer(path, diff_id)
        yield _progress(diff_id, size, size)

    def _add_layer(self, path: Path, diff_id: str) -> None:
        with path.open("rb") as file, self._store.blobs.writer() as archive:
            shutil.copyfileobj(file, archive, _CHUNK)
            try:
                self._store.layers.add(archive, diff_id)
            except digest.DigestError as error:
                raise BadParameter(f"invalid diffID for layer: {error}") from error

    def _tag(self, image: Image, reference: Reference) -> Iterator[Message]:
        before = self._store.references.get(reference)
        if before is not None and before != image.id:
            yield {
                "stream": f"The image {reference.familiar} already exists, renaming the old one"
                f" with ID {before} to empty string\n"
            }
        self._store.tag(image, reference, event=False)
        yield {"stream": f"Loaded image: {reference.familiar}\n"}


def _parts(archive: ImageArchive, archived: ArchivedImage) -> tuple[bytes, list[str]]:
    """Return an image's configuration and the paths of its layers."""
    try:
        return archive.path(archived["Config"]).read_bytes(), archived["Layers"]
    except KeyError as error:
        raise BadParameter(f"invalid archive: {error}") from error


def _platform(archive: ImageArchive, archived: ArchivedImage) -> Platform:
    config, _ = _parts(archive, archived)
    return of_config(parse_config(config))


def _diff_ids(config: bytes) -> list[str]:
    try:
        rootfs = read_json(config).get("rootfs")
        if rootfs is None:
            raise BadParameter("invalid image JSON, no RootFS key")
        return [digest.check(diff_id) for diff_id in rootfs["diff_ids"] or []]
    except (AttributeError, KeyError, TypeError, digest.DigestError) as error:
        raise BadParameter(f"invalid archive: {error}") from error


def _progress(diff_id: str, current: int, total: int) -> Message:
    return {
        "status": "Loading layer",
        "progressDetail": {"current": current, "total": total},
        "id": digest.hex_of(diff_id)[:12],
    }
