"""The files of an image: the layers of a saved image as one tar.

source: docker save's manifest.json; OCI image spec, layer.md (whiteouts).
"""

from __future__ import annotations

import copy
import json
import os
import posixpath
import tarfile
from typing import Any, BinaryIO

_WHITEOUT, _OPAQUE = ".wh.", ".wh..wh..opq"


def flatten(archive: BinaryIO, target: BinaryIO) -> None:
    """Write the files of an image to a tar, the upper layers' first.

    Args:
        archive: a seekable archive of `docker save` of one image.
        target: the file for the tar.
    """
    with tarfile.open(fileobj=archive) as outer, tarfile.open(fileobj=target, mode="w") as tar:
        manifest = outer.extractfile("manifest.json")
        assert manifest is not None
        files = _Files(tar)
        for name in reversed(json.load(manifest)[0]["Layers"] or ()):
            with tarfile.open(fileobj=outer.extractfile(name)) as layer:
                files.add(layer)


class _Files:
    """A tar that gets layers from the top down: what it has hides files of the layers below."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._folders: set[str] = set()
        self._hidden: set[str] = set()  # paths that are no folders, or are removed
        self._opaque: set[str] = set()  # folders that hide all below them

    def add(self, layer: tarfile.TarFile) -> None:
        """Add the visible files of a layer."""
        removed, opaque = set(), set()
        for member in layer:
            path = posixpath.normpath(f"/{member.name}")
            folder, name = posixpath.split(path)
            if name == _OPAQUE:
                opaque.add(folder)
            elif name.startswith(_WHITEOUT):
                removed.add(posixpath.join(folder, name.removeprefix(_WHITEOUT)))
            elif path != "/" and self._is_visible(path):
                self._write(layer, member, path)
        self._hidden |= removed
        self._opaque |= opaque

    def _is_visible(self, path: str) -> bool:
        if path in self._hidden or path in self._folders:
            return False
        while path != "/":
            path = posixpath.dirname(path)
            if path in self._hidden or path in self._opaque:
                return False
        return True

    def _write(self, layer: tarfile.TarFile, member: tarfile.TarInfo, path: str) -> None:
        """Write a file; a hard link as a copy, as an upper layer may hide its target."""
        (self._folders if member.isdir() else self._hidden).add(path)
        content = layer.extractfile(member) if member.isreg() or member.islnk() else None
        written: Any = copy.copy(member)
        written.name = path.lstrip("/")
        if content is not None:
            written.type, written.size = tarfile.REGTYPE, content.seek(0, os.SEEK_END)
            content.seek(0)
        self._tar.addfile(written, content)
