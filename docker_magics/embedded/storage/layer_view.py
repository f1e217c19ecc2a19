"""Reads an image's files without mounting anything: its layers seen as one tree.

source: kernel, Documentation/filesystems/overlayfs.rst, "Directories".
"""

from __future__ import annotations

import errno
import os
import posixpath
import stat
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from .whiteouts import is_opaque, is_whiteout

_MAX_LINKS = 40
_MAX_TEXT = 1 << 20


class Entry(NamedTuple):
    """A file, folder or link: the path of its topmost version on the host, and its lstat(2)."""

    path: str
    stat: os.stat_result

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return stat.S_ISDIR(self.stat.st_mode)

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link."""
        return stat.S_ISLNK(self.stat.st_mode)


class LayerView:
    """Layers seen as one tree. Paths are from the image's root: `/etc/passwd`.

    Args:
        layers: their folders, bottom first.
    """

    def __init__(self, layers: Sequence[str | Path]) -> None:
        self._folders = [os.fspath(layer) for layer in reversed(layers)]
        self._all = list(range(len(self._folders)))
        #: The names to the last folder, and by number the layers that make it up at each level:
        #: without it, each look-up in a deep folder would begin at the top.
        self._last: list[tuple[str, list[int]]] = []

    def lstat(self, path: str) -> Entry | None:
        """Return the entry of a path, the last link not followed; None if it does not exist."""
        above, name = posixpath.split(path.rstrip("/"))
        if name in {"", ".", ".."}:
            return self.stat(path)
        parent = self.resolve(above)
        return None if parent is None else self._entry(_parts(parent), name)

    def stat(self, path: str) -> Entry | None:
        """Return the entry of a path, all links followed; None if it does not exist."""
        real = self.resolve(path)
        if real is None:
            return None
        if real == "/":
            top = self._folders[0]
            return Entry(top, os.lstat(top))
        above, name = posixpath.split(real)
        return self._entry(_parts(above), name)

    def resolve(self, path: str, *, missing: bool = False) -> str | None:
        """Return the path without links, `.` and `..`; None if it does not exist.

        Args:
            path: from the root.
            missing: resolve a path that does not exist too, as far as it does.
        """
        pending = deque(_parts(path))
        done: list[str] = []
        links = 0
        while pending:
            part = pending.popleft()
            if part == "..":
                del done[-1:]
                continue
            entry = self._entry(done, part)
            if entry is None and not missing:
                return None
            if entry is None or not entry.is_link:
                done.append(part)
                continue
            links += 1
            if links > _MAX_LINKS:
                return None
            target = os.readlink(entry.path)
            if target.startswith("/"):
                done = []
            pending.extendleft(reversed(_parts(target)))
        return "/" + "/".join(done)

    def names(self, path: str) -> list[str]:
        """Return the names in a folder, sorted; [] if it is not a folder."""
        real = self.resolve(path)
        return [] if real is None else self.names_in(real)

    def entry(self, path: str) -> Entry | None:
        """Return the entry of a path; None if it does not exist, or is below a link."""
        above, _, name = path.strip("/").rpartition("/")
        return self._entry(_parts(above), name)

    def names_in(self, path: str) -> list[str]:
        """Return the names in a folder, sorted; [] if it is not a folder, or is below a link."""
        exists: dict[str, bool] = {}
        for folder in self._stack(_parts(path)):
            for entry in os.scandir(folder):
                if entry.name not in exists:
                    status = entry.stat(follow_symlinks=False)
                    exists[entry.name] = not is_whiteout(entry.path, status)
        return sorted(name for name in exists if exists[name])

    def read(self, path: str) -> str:
        """Read a small text file; return "" if it does not exist."""
        entry = self.stat(path)
        if entry is None or not stat.S_ISREG(entry.stat.st_mode):
            return ""
        with open(entry.path, encoding="utf-8", errors="replace") as file:
            return file.read(_MAX_TEXT)

    def _entry(self, folder: list[str], name: str) -> Entry | None:
        for above in self._stack(folder):
            path = f"{above}/{name}"
            status = _lstat(path)
            if status is not None:
                return None if is_whiteout(path, status) else Entry(path, status)
        return None

    def _stack(self, parts: list[str]) -> list[str]:
        """Return the layers' folders that together make up one folder, top first."""
        known = 0
        while known < min(len(parts), len(self._last)) and self._last[known][0] == parts[known]:
            known += 1
        del self._last[known:]
        for depth in range(known, len(parts)):
            self._last.append((parts[depth], self._layers_with("/".join(parts[: depth + 1]))))
        layers = self._last[-1][1] if self._last else self._all
        inside = "".join(f"/{part}" for part in parts)
        return [f"{self._folders[number]}{inside}" for number in layers]

    def _layers_with(self, inside: str) -> list[int]:
        """Return those of the last folder's layers that have a folder of the next name."""
        layers = []
        for number in self._last[-1][1] if self._last else self._all:
            path = f"{self._folders[number]}/{inside}"
            status = _lstat(path)
            if status is None:
                continue
            if not stat.S_ISDIR(status.st_mode):
                break
            layers.append(number)
            if is_opaque(path):
                break
        return layers


def _lstat(path: str) -> os.stat_result | None:
    """Return lstat(2) of a path; None if it does not exist, or is too long to."""
    try:
        return os.lstat(path)
    except OSError as error:
        if error.errno not in {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG}:
            raise
        return None


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in {"", "."}]
