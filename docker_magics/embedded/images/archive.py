"""Archives of images, as docker save and OCI tools write them.

source: OCI image layout specification; moby image/tarexport/load.go.
"""

from __future__ import annotations

import itertools
import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypedDict

from ...wire import digest
from ...wire.tarstream import Readable
from ..api.go_types import decoded
from ..api.untrusted_json import parse_json
from ..errors import BadParameter
from .compression import decompressed
from .disk_room import Disk
from .oci import Descriptor, blob_path, platform_of
from .platforms import Platform, host_platform
from .unpack import opened

_MAX_JSON = 8 << 20
_MAX_NESTED = 8
#: Indexes may list one another again and again.
_MAX_MANIFESTS = 1000
_MAX_LINKS = 8
_CHUNK = 1 << 20
#: The bytes of all names in an archive, each with what it costs besides.
_MAX_NAMES = 64 << 20
_NAME_COST = 500
#: What hostile JSON raises where it has another shape.
_MALFORMED = (KeyError, TypeError, AttributeError, digest.DigestError)


class ArchivedImage(TypedDict):
    """An image in an archive: paths of its configuration and layers, and its names."""

    Config: str
    Layers: list[str]
    RepoTags: list[str] | None


class ImageArchive:
    """The members of an archive, in a flat folder of numbered files.

    Args:
        source: the archive, compressed or not.
        folder: exists and is empty.

    Raises:
        BadParameter: not an archive, or damaged.
        DiskFull: the disk is full.
    """

    def __init__(self, source: Readable, folder: Path) -> None:
        disk = Disk(folder)
        self._files: dict[str, Path] = {}
        self._links: dict[str, str] = {}
        self._manifests = 0
        numbers = itertools.count()
        room = _MAX_NAMES
        with opened(decompressed(source)) as archive:
            for member in archive:
                room -= _NAME_COST + len(member.name) + len(member.linkname)
                if room < 0:
                    raise BadParameter("invalid archive: too many members")
                name = posixpath.normpath(member.name)
                if member.issym() or member.islnk():
                    base = posixpath.dirname(name) if member.issym() else ""
                    self._links[name] = posixpath.normpath(posixpath.join(base, member.linkname))
                    self._files.pop(name, None)
                elif member.isreg():
                    disk.check(member.size)
                    path = folder / str(next(numbers))
                    with path.open("wb") as file:
                        while data := archive.read(_CHUNK):
                            file.write(data)
                    self._files[name] = path
                    self._links.pop(name, None)

    def path(self, name: str) -> Path:
        """Return the file of a member; links are followed inside the archive.

        Raises:
            BadParameter: no such member.
        """
        name = posixpath.normpath(name)
        for _ in range(_MAX_LINKS):
            if name in self._files:
                return self._files[name]
            if name not in self._links:
                raise BadParameter(f"invalid archive: {name} is missing")
            name = self._links[name]
        raise BadParameter(f"invalid archive: too many links at {name}")

    def has(self, name: str) -> bool:
        """Whether there is such a member."""
        return name in self._files or name in self._links

    def images(self) -> list[ArchivedImage]:
        """Return the archive's images: those of manifest.json, or else those of index.json.

        Of an image for several platforms only this machine's is returned.

        Raises:
            BadParameter: not an archive of images.
        """
        if self.has("manifest.json"):
            images = self._json("manifest.json")
            return decoded(images, "[]tarexport.manifestItem") or []
        if self.has("index.json"):
            try:
                entries = self._json("index.json").get("manifests") or []
                return [image for entry in entries for image in self._of_index(entry, entry)]
            except _MALFORMED as error:
                raise BadParameter(f"invalid archive: {error}") from error
        raise BadParameter("invalid archive: no manifest.json and no index.json in it")

    def _of_index(
        self, entry: Descriptor, top: Descriptor, depth: int = 0
    ) -> Iterator[ArchivedImage]:
        """Yield the image of an entry, named by the entry of the top index."""
        if depth > _MAX_NESTED:  # an index may contain itself
            raise BadParameter("invalid archive: too many indexes in each other")
        self._manifests += 1
        if self._manifests > _MAX_MANIFESTS:
            raise BadParameter("invalid archive: too many manifests")
        manifest = self._json(blob_path(entry["digest"]))
        if "manifests" in manifest:
            for child in manifest["manifests"]:
                if _is_for_host(child) and self.has(blob_path(child["digest"])):
                    yield from self._of_index(child, top, depth + 1)
            return
        annotations = top.get("annotations") or {}
        name = annotations.get("io.containerd.image.name") or annotations.get(
            "org.opencontainers.image.ref.name"
        )
        yield {
            "Config": blob_path(manifest["config"]["digest"]),
            "Layers": [blob_path(layer["digest"]) for layer in manifest["layers"]],
            "RepoTags": [name] if name else [],
        }

    def _json(self, name: str) -> Any:
        path = self.path(name)
        if path.stat().st_size > _MAX_JSON:
            raise BadParameter(f"invalid archive: {name} is too large")
        return read_json(path.read_bytes())


def _is_for_host(descriptor: Descriptor) -> bool:
    platform = platform_of(descriptor)
    return host_platform().accepts(Platform(platform.os, platform.architecture))


def read_json(data: bytes) -> Any:
    """Parse a member.

    Raises:
        BadParameter: not JSON; with the message of Go's encoding/json.
    """
    try:
        return parse_json(data)
    except ValueError as error:
        raise BadParameter(str(error)) from error
