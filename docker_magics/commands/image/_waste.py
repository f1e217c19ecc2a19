"""Wasted space of images: bytes in layers that later layers hide (replace or delete).

source: docker save's manifest.json; OCI image spec, layer.md: whiteouts.
"""

from __future__ import annotations

import json
import posixpath
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
#: An upper bound of the size of manifests and image configs, in bytes.
_MAX_JSON = 4 * 1024 * 1024

#: The first bytes of gzip and zstd: Docker 29's layers, which may be smaller than a tar's block.
_COMPRESSED = {b"\x1f", b"\x28"}
#: A path in a layer, and the file's size; None for other entries.
Entry = tuple[str, int | None]


def wasted_bytes(archive: Any) -> list[int]:
    """Return the hidden bytes of each step of an image's history, from the base up.

    Args:
        archive: a readable stream of `docker save` of one image.

    Raises:
        ValueError: the archive is not an image, or the layers' compression is unknown.
    """
    contents = _Archive()
    try:
        with tarfile.open(fileobj=archive, mode="r|") as outer:
            for member in outer:
                contents.add(member, outer)
    except tarfile.TarError as error:
        raise ValueError(f"cannot read the image archive: {error}") from error
    return contents.wasted_bytes()


@dataclass
class _Archive:
    """The relevant members of an archive, collected until its end, as their order is undefined."""

    layers: dict[str, list[Entry]] = field(default_factory=dict)
    texts: dict[str, Any] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def add(self, member: tarfile.TarInfo, outer: tarfile.TarFile) -> None:
        if member.issym():  # docker 20.10 writes duplicate layers as links
            folder = posixpath.dirname(member.name)
            self.links[member.name] = posixpath.normpath(posixpath.join(folder, member.linkname))
        content = outer.extractfile(member) if member.isreg() else None
        if content is None:
            return
        first = content.peek(1)[:1]  # type: ignore[attr-defined]  # a BufferedReader
        if first in {b"{", b"["} and member.size <= _MAX_JSON:
            self.texts[member.name] = json.loads(content.read())
        elif member.size >= tarfile.BLOCKSIZE or first in _COMPRESSED:
            self.layers[member.name] = list(_entries(content))

    def wasted_bytes(self) -> list[int]:
        try:
            manifest = self.texts["manifest.json"][0]
            history = self.texts[manifest["Config"]]["history"]
            layers = [self.layers[self.links.get(name, name)] for name in manifest["Layers"]]
        except (LookupError, TypeError) as error:
            raise ValueError(f"cannot find {error} in the image archive") from error
        hidden = iter(hidden_bytes(layers))
        return [0 if step.get("empty_layer") else next(hidden, 0) for step in history]


def _entries(layer: IO[bytes]) -> Iterator[Entry]:
    with tarfile.open(fileobj=layer, mode="r|*") as files:
        for member in files:
            yield posixpath.normpath(f"/{member.name}"), member.size if member.isreg() else None


def hidden_bytes(layers: Sequence[Sequence[Entry]]) -> list[int]:
    """Return how many bytes of each layer are hidden by the layers above it."""
    hidden = [0] * len(layers)
    root = _Folder()
    for index, layer in enumerate(layers):
        for path, size in layer:
            folder, name = root.subfolder(posixpath.dirname(path)), posixpath.basename(path)
            if name == _OPAQUE:
                folder.hide(hidden, below=index)
            elif name.startswith(_WHITEOUT):
                folder.hide_entry(name.removeprefix(_WHITEOUT), hidden, below=index)
            elif size is not None:
                folder.hide_entry(name, hidden, below=index)
                folder.files[name] = (index, size)
    return hidden


@dataclass
class _Folder:
    """A folder of the merged file system; files with the index of their layer and their size."""

    files: dict[str, tuple[int, int]] = field(default_factory=dict)
    folders: dict[str, _Folder] = field(default_factory=dict)

    def subfolder(self, path: str) -> _Folder:
        folder = self
        for name in path.strip("/").split("/"):
            folder = folder.folders.setdefault(name, _Folder()) if name else folder
        return folder

    def hide_entry(self, name: str, hidden: list[int], *, below: int) -> None:
        """Hide a file or folder of lower layers."""
        if name in self.files and self.files[name][0] < below:
            index, size = self.files.pop(name)
            hidden[index] += size
        if name in self.folders:
            self.folders[name].hide(hidden, below=below)

    def hide(self, hidden: list[int], *, below: int) -> None:
        """Hide everything of lower layers in this folder (an opaque whiteout)."""
        for name in [name for name, (index, _size) in self.files.items() if index < below]:
            index, size = self.files.pop(name)
            hidden[index] += size
        for folder in self.folders.values():
            folder.hide(hidden, below=below)
