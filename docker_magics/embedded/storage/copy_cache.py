"""Recycles the root filesystems of removed containers for new ones.

Copying an image takes seconds (node's has 11,000 files). An existing copy differs from the wanted
one in few files: those that its container changed, found by their ctime, and those of the layers
that only one of the two images has.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from ..state import remove_tree
from . import copy_tree
from .layer_view import Entry, LayerView
from .whiteouts import is_opaque

#: A build and a container beside it need two; more would only take space.
_MAX_KEPT = 2


@dataclass(frozen=True)
class _CachedRootfs:
    folder: Path
    layers: Sequence[str]

    @property
    def tree(self) -> Path:
        return self.folder / "merged"

    def shared_layers(self, layers: Sequence[str]) -> int:
        """Return how many layers both have in common, from the bottom."""
        if not all(map(os.path.isdir, self.layers)):  # one was removed with its image
            return 0
        pairs = zip(self.layers, layers, strict=False)
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


class RootfsCache:
    """The newest root filesystems of removed containers; they end with the engine.

    Args:
        folder: an empty folder on the containers' filesystem.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._entries: list[_CachedRootfs] = []

    def keep(self, layers: Sequence[str], copied: Path) -> None:
        """Take a copy over, and evict the oldest. Does nothing where the copy is not complete."""
        if not copy_tree.is_complete(copied):
            return
        cached = _CachedRootfs(Path(tempfile.mkdtemp(dir=self._folder)), layers)
        copy_tree.move(copied, cached.tree)
        with self._lock:
            self._entries.append(cached)
            evicted = self._entries[:-_MAX_KEPT]
            del self._entries[:-_MAX_KEPT]
        for entry in evicted:
            remove_tree(entry.folder)

    def copy(self, layers: Sequence[str], target: Path) -> None:
        """Do as `copy_tree.copy`, from a cached copy where one shares a layer.

        Raises:
            ApiError: the copy failed; the disk may be full.
        """
        cached = None if copy_tree.is_complete(target) else self._take_nearest(layers)
        if cached is not None:
            try:
                _convert(cached, layers)
                copy_tree.move(cached.tree, target)
            except (OSError, RecursionError):  # unreadable or deep folders, or special files
                pass
            remove_tree(cached.folder)
        copy_tree.copy(layers, target)

    def _take_nearest(self, layers: Sequence[str]) -> _CachedRootfs | None:
        with self._lock:
            nearest = max(
                self._entries, key=lambda entry: entry.shared_layers(layers), default=None
            )
            if nearest is None or not nearest.shared_layers(layers):
                return None
            self._entries.remove(nearest)
            return nearest


def _convert(cached: _CachedRootfs, layers: Sequence[str]) -> None:
    """Turn a copy of one stack of layers into a copy of another."""
    view = LayerView(layers)
    shared = cached.shared_layers(layers)
    paths = set(_changed_paths(cached.tree, view))
    for layer in (*cached.layers[shared:], *layers[shared:]):
        paths |= set(_layer_paths(layer, cached.tree))
    for path in sorted(paths, key=lambda path: path.split("/")):
        if _is_folder(cached.tree, path.rpartition("/")[0]):
            _restore(cached.tree, path, view)
    copy_tree.mark_complete(cached.tree)


def _changed_paths(tree: Path, view: LayerView) -> Iterator[str]:
    """Yield the paths that changed since the copy was complete, deleted ones included."""
    since = copy_tree.completed_at(tree)
    pending = [""]
    while pending:
        prefix = pending.pop()
        names = set()
        for entry in os.scandir(tree / prefix):
            names.add(entry.name)
            path = f"{prefix}{entry.name}"
            if entry.stat(follow_symlinks=False).st_ctime_ns >= since:
                yield path
            if entry.is_dir(follow_symlinks=False):
                pending.append(f"{path}/")
        if (tree / prefix).stat().st_ctime_ns >= since:
            yield from (f"{prefix}{name}" for name in view.names(prefix) if name not in names)


def _layer_paths(layer: str, tree: Path) -> Iterator[str]:
    """Yield all paths of a layer; remove from the tree the folders that it makes opaque."""
    for folder, subfolders, files in os.walk(layer, onerror=_raise):
        inside = os.path.relpath(folder, layer)
        prefix = "" if inside == "." else f"{inside}/"
        if prefix and is_opaque(folder) and _is_folder(tree, inside):
            remove_tree(tree / inside)
        yield from (f"{prefix}{name}" for name in (*subfolders, *files))


def _raise(error: OSError) -> None:
    raise error


def _is_folder(tree: Path, path: str) -> bool:
    """Whether every part of `path` is a folder: no symbolic link leads out of the tree."""
    parts = [part for part in path.split("/") if part]
    prefixes = ("/".join(parts[: count + 1]) for count in range(len(parts)))
    return all(stat.S_ISDIR(_mode(tree / prefix)) for prefix in prefixes)


def _mode(path: Path) -> int:
    try:
        return path.lstat().st_mode
    except FileNotFoundError:
        return 0


def _restore(tree: Path, path: str, view: LayerView) -> None:
    """Make one path of the tree what it is in the layers."""
    entry, target = view.lstat(f"/{path}"), tree / path
    mode = _mode(target)
    if entry is not None and entry.is_folder and stat.S_ISDIR(mode):
        shutil.copystat(entry.path, target)
        return
    if mode:
        copy_tree.remove(target)
    if entry is None:
        return
    if not entry.is_folder:
        _copy_file(entry, target)
        return
    target.mkdir()
    for name in view.names(f"/{path}"):
        _restore(tree, f"{path}/{name}", view)
    shutil.copystat(entry.path, target)


def _copy_file(entry: Entry, target: Path) -> None:
    is_regular = stat.S_ISREG(entry.stat.st_mode)
    if not (is_regular or entry.is_link) or entry.stat.st_nlink > 1:
        raise OSError(f"cannot copy {entry.path} alone: it is a special file or a hard link")
    shutil.copy2(entry.path, target, follow_symlinks=False)
