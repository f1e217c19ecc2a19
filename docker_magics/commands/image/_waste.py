"""What later layers hide of an image's layers: bytes that are stored and can no longer be seen.

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
#: Bytes: manifests and configurations are smaller.
_LARGEST_JSON = 4 * 1024 * 1024

#: What a layer has at a path, and its bytes; None for what is no file.
Entry = tuple[str, int | None]


def wasted(archive: Any) -> list[int]:
    """The hidden bytes of each step of an image's history, from the base up.

    Args:
        archive: what `docker save` writes of one image, with a `read`; once, from the front.

    Raises:
        ValueError: it is no such archive, or its layers are packed in a way not known here.
    """
    found = _Archive()
    try:
        with tarfile.open(fileobj=archive, mode="r|") as outer:
            for member in outer:
                found.take(member, outer)
    except tarfile.TarError as error:
        raise ValueError(f"no image's archive that is understood: {error}") from error
    return found.wasted()


@dataclass
class _Archive:
    """The members of an archive: their order tells nothing, so they are kept until its end."""

    layers: dict[str, list[Entry]] = field(default_factory=dict)
    texts: dict[str, Any] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def take(self, member: tarfile.TarInfo, outer: tarfile.TarFile) -> None:
        if member.issym():  # docker 20.10 saves a layer once, and links to it
            folder = posixpath.dirname(member.name)
            self.links[member.name] = posixpath.normpath(posixpath.join(folder, member.linkname))
        content = outer.extractfile(member) if member.isreg() else None
        if content is None:
            return
        first = content.peek(1)[:1]  # type: ignore[attr-defined]  # it is a BufferedReader
        if first in {b"{", b"["} and member.size <= _LARGEST_JSON:
            self.texts[member.name] = json.loads(content.read())
        elif member.size >= tarfile.BLOCKSIZE:
            self.layers[member.name] = list(_entries(content))

    def wasted(self) -> list[int]:
        try:
            manifest = self.texts["manifest.json"][0]
            history = self.texts[manifest["Config"]]["history"]
            layers = [self.layers[self.links.get(each, each)] for each in manifest["Layers"]]
        except (LookupError, TypeError) as error:
            raise ValueError(f"the archive lacks {error}") from error
        hidden = iter(hidden_bytes(layers))
        return [0 if step.get("empty_layer") else next(hidden, 0) for step in history]


def _entries(layer: IO[bytes]) -> Iterator[Entry]:
    with tarfile.open(fileobj=layer, mode="r|*") as files:
        for member in files:
            yield posixpath.normpath(f"/{member.name}"), member.size if member.isreg() else None


def hidden_bytes(layers: Sequence[Sequence[Entry]]) -> list[int]:
    """How much of each layer the layers above it hide: replaced and deleted files."""
    hidden = [0] * len(layers)
    root = _Folder()
    for place, layer in enumerate(layers):
        for path, size in layer:
            folder, name = root.below(posixpath.dirname(path)), posixpath.basename(path)
            if name == _OPAQUE:
                folder.hide(hidden, below=place)
            elif name.startswith(_WHITEOUT):
                folder.take_out(name.removeprefix(_WHITEOUT), hidden, below=place)
            elif size is not None:
                folder.take_out(name, hidden, below=place)
                folder.files[name] = (place, size)
    return hidden


@dataclass
class _Folder:
    """A folder of the file system that the layers make; files by their layer and bytes."""

    files: dict[str, tuple[int, int]] = field(default_factory=dict)
    folders: dict[str, _Folder] = field(default_factory=dict)

    def below(self, path: str) -> _Folder:
        folder = self
        for name in path.strip("/").split("/"):
            folder = folder.folders.setdefault(name, _Folder()) if name else folder
        return folder

    def take_out(self, name: str, hidden: list[int], *, below: int) -> None:
        """A file or folder of lower layers goes."""
        if name in self.files and self.files[name][0] < below:
            place, size = self.files.pop(name)
            hidden[place] += size
        if name in self.folders:
            self.folders[name].hide(hidden, below=below)

    def hide(self, hidden: list[int], *, below: int) -> None:
        """All of lower layers in it goes."""
        for name in [each for each, (place, _size) in self.files.items() if place < below]:
            place, size = self.files.pop(name)
            hidden[place] += size
        for folder in self.folders.values():
            folder.hide(hidden, below=below)
