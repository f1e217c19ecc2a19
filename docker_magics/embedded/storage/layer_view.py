"""The files of an image without mounting anything: its layers seen as one tree.

source: kernel, Documentation/filesystems/overlayfs.rst, "Directories".
"""

from __future__ import annotations

import os
import posixpath
import stat
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from .whiteouts import is_opaque, is_whiteout

_MAX_LINKS = 40
_MAX_TEXT = 1 << 20


class Entry(NamedTuple):
    """A file or folder: where on the disk its topmost version lies, and what it is."""

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
    """Layers' folders, bottom first, seen as one tree. Paths are as inside: `/etc/passwd`."""

    def __init__(self, layers: Sequence[str | Path]) -> None:
        self._folders = [os.fspath(layer) for layer in reversed(layers)]

    def lstat(self, path: str) -> Entry | None:
        """What `path` names, links followed except the last; None where there is nothing."""
        above, name = posixpath.split(path.rstrip("/"))
        if name in {"", ".", ".."}:
            return self.stat(path)
        parent = self.resolve(above)
        return None if parent is None else self._entry(_parts(parent), name)

    def stat(self, path: str) -> Entry | None:
        """What `path` names, all links followed; None where there is nothing."""
        real = self.resolve(path)
        if real is None:
            return None
        if real == "/":
            top = self._folders[0]
            return Entry(top, os.lstat(top))
        above, name = posixpath.split(real)
        return self._entry(_parts(above), name)

    def resolve(self, path: str, *, missing: bool = False) -> str | None:
        """The path without links and dots.

        Args:
            path: from the root.
            missing: give the path where nothing is as well: its parts that are there resolved.
        """
        waiting = deque(_parts(path))
        done: list[str] = []
        links = 0
        while waiting:
            part = waiting.popleft()
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
            waiting.extendleft(reversed(_parts(target)))
        return "/" + "/".join(done)

    def names(self, path: str) -> list[str]:
        """The names in a folder, sorted; none where it is no folder."""
        real = self.resolve(path)
        if real is None:
            return []
        found: dict[str, bool] = {}
        for folder in self._stack(_parts(real)):
            for each in os.scandir(folder):
                if each.name not in found:
                    there = each.stat(follow_symlinks=False)
                    found[each.name] = not is_whiteout(each.path, there)
        return sorted(name for name, there in found.items() if there)

    def walk(self, path: str) -> Iterator[tuple[str, Entry]]:
        """Everything below a folder, each folder before what is in it: names from there."""
        base = path.rstrip("/")
        waiting = list(reversed(self.names(path)))
        while waiting:
            relative = waiting.pop()
            entry = self.lstat(f"{base}/{relative}")
            if entry is None:
                continue
            yield relative, entry
            if entry.is_folder:
                inside = self.names(f"{base}/{relative}")
                waiting += [f"{relative}/{name}" for name in reversed(inside)]

    def read(self, path: str) -> str:
        """A small text file; empty where there is none."""
        entry = self.stat(path)
        if entry is None or not stat.S_ISREG(entry.stat.st_mode):
            return ""
        with open(entry.path, encoding="utf-8", errors="replace") as file:
            return file.read(_MAX_TEXT)

    def _entry(self, folder: list[str], name: str) -> Entry | None:
        for above in self._stack(folder):
            path = f"{above}/{name}"
            try:
                found = os.lstat(path)
            except (FileNotFoundError, NotADirectoryError):
                continue
            return None if is_whiteout(path, found) else Entry(path, found)
        return None

    def _stack(self, parts: list[str]) -> list[str]:
        """The folders on the disk that together make up one folder, top first."""
        stack = self._folders
        for part in parts:
            below: list[str] = []
            for folder in stack:
                path = f"{folder}/{part}"
                try:
                    found = os.lstat(path)
                except (FileNotFoundError, NotADirectoryError):
                    continue
                if not stat.S_ISDIR(found.st_mode):
                    break
                below.append(path)
                if is_opaque(path):
                    break
            stack = below
        return stack


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in {"", "."}]
