"""Recycles the root filesystems of removed containers for new ones.

Copying an image takes seconds (node's has 11,000 files). An existing copy differs from the wanted
one in few files: those that its container changed, found by their ctime, and those of the layers
that only one of the two images has.
"""

from __future__ import annotations

import errno
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
from .rootfs import Rootfs
from .tree_walk import walk
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
            except OSError:  # unreadable folders, long paths, or special files
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
    with Rootfs(cached.tree) as root:
        paths = set(_changed_paths(cached.tree, view))
        for layer in (*cached.layers[shared:], *layers[shared:]):
            paths |= set(_layer_paths(layer, root))
        for path in sorted(paths, key=lambda path: path.split("/")):
            if _is_folder(root, path.rpartition("/")[0]):
                _restore(cached.tree, path, view)
    copy_tree.mark_complete(cached.tree)


def _changed_paths(tree: Path, view: LayerView) -> Iterator[str]:
    """Yield the paths that changed since the copy was complete, deleted ones included."""
    since = copy_tree.completed_at(tree)
    for file in walk(tree, onerror=_raise):
        if file.stat.st_ctime_ns < since:
            continue
        if file.path:
            yield file.path
        if file.is_folder:
            deleted = set(view.names_in(file.path)) - set(file.names())
            yield from (f"{file.path}/{name}".lstrip("/") for name in deleted)


def _layer_paths(layer: str, tree: Rootfs) -> Iterator[str]:
    """Yield all paths of a layer; remove from the tree the folders that it makes opaque."""
    for file in walk(layer, onerror=_raise):
        if not file.path:
            continue
        yield file.path
        if file.is_folder and is_opaque(file.handle) and _is_folder(tree, file.path):
            remove_tree(tree.path / file.path)


def _raise(error: OSError) -> None:
    raise error


def _is_folder(tree: Rootfs, path: str) -> bool:
    """Whether every part of `path` is a folder: no symbolic link leads out of the tree."""
    try:
        return tree.resolve(f"{path}/.") == f"/{path}"
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        return False


def _mode(path: Path) -> int:
    try:
        return path.lstat().st_mode
    except FileNotFoundError:
        return 0


def _restore(tree: Path, path: str, view: LayerView) -> None:
    """Make one path of the tree what it is in the layers."""
    pending, made = [path], []
    while pending:
        path = pending.pop()
        entry, target = view.entry(path), tree / path
        mode = _mode(target)
        if entry is not None and entry.is_folder and stat.S_ISDIR(mode):
            shutil.copystat(entry.path, target)
            continue
        if mode:
            copy_tree.remove(target)
        if entry is None:
            continue
        if entry.is_folder:
            target.mkdir()
            made.append((entry.path, target))
            pending += [f"{path}/{name}" for name in view.names_in(path)]
        else:
            _copy_file(entry, target)
    for source, target in reversed(made):
        shutil.copystat(source, target)


def _copy_file(entry: Entry, target: Path) -> None:
    is_regular = stat.S_ISREG(entry.stat.st_mode)
    if not (is_regular or entry.is_link) or entry.stat.st_nlink > 1:
        raise OSError(f"cannot copy {entry.path} alone: it is a special file or a hard link")
    shutil.copy2(entry.path, target, follow_symlinks=False)
