"""Wasted space of images: bytes in layers that later layers hide (replace or delete).

source: OCI image spec, layer.md: whiteouts.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ._saved_image import Entry, read_steps

WHITEOUT = ".wh."
OPAQUE = ".wh..wh..opq"


def wasted_bytes(archive: Any) -> list[int]:
    """Return the hidden bytes of each step of an image's history, from the base up.

    Args:
        archive: a readable stream of `docker save` of one image.

    Raises:
        ValueError: the archive is not an image, or the layers' compression is unknown.
    """
    steps = read_steps(archive)
    hidden = iter(hidden_bytes([step.entries for step in steps if step.layer]))
    return [next(hidden) if step.layer else 0 for step in steps]


def hidden_bytes(layers: Sequence[Sequence[Entry]]) -> list[int]:
    """Return how many bytes of each layer are hidden by the layers above it."""
    hidden = [0] * len(layers)
    root = _Folder()
    for index, layer in enumerate(layers):
        for path, size in layer:
            folder, name = root.subfolder(posixpath.dirname(path)), posixpath.basename(path)
            if name == OPAQUE:
                folder.hide(hidden, below=index)
            elif name.startswith(WHITEOUT):
                folder.hide_entry(name.removeprefix(WHITEOUT), hidden, below=index)
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
