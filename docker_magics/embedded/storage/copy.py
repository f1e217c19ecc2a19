"""The copy storage driver: each container has a copy of its image's files.

For runtime drivers that cannot mount anything. The copies have short paths, as a program binds its
unix sockets to paths on the host, which may have 107 bytes:

ROOT/r/NAME/m      a container's files; NAME is a hash of its folder's name
ROOT/r/NAME/i/*/m  the files of images that it mounts
ROOT/spares/       shared root filesystems for the next containers (`spare_trees.py`)
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from pathlib import Path

from ..state import remove_leftover, remove_tree
from . import copy_tree, shared_tree
from .copy_cache import RootfsCache
from .driver import RootfsSpec, WritableLayer, read_only
from .spare_trees import SpareTrees


def short_name(folder: Path) -> str:
    """Return the name of the copy that belongs to the folder of a writable layer."""
    return hashlib.sha256(folder.name.encode()).hexdigest()[:12]


class CopyDriver:
    """Copies layers, and finds changes by their ctime.

    Args:
        cache_folder: an empty folder on the containers' filesystem, for copies to recycle.
        folder: for the copies.
        owners: has the containers' folders. Copies that belong to none of them are removed.
        spares: if the runtime driver lets containers write to files of their own alone: then files
            are linked instead of copied (`shared_tree.py`).
    """

    def __init__(
        self, cache_folder: Path, folder: Path, owners: Path, spares: SpareTrees | None = None
    ) -> None:
        self._spares = spares
        self.works_ahead = spares is not None
        self._cache = RootfsCache(cache_folder)
        self._folder = folder
        used = {short_name(path) for path in owners.iterdir()}
        for path in folder.iterdir():
            if path.name not in used:
                remove_leftover(path)

    def prepare(self, layer: WritableLayer, *, readonly: bool = False) -> RootfsSpec:
        """Copy the layers' files, unless that was done before."""
        tree = self._tree(layer)
        if not self._take_spare(layer.lower, tree.parent):
            tree.mkdir(mode=0o755, parents=True, exist_ok=True)
            self._fill(layer.lower, tree)
        return {
            "lower": list(layer.lower),
            "upper": str(layer.upper),
            "work": str(layer.work),
            "merged": str(tree),
            "readonly": readonly,
            "userxattr": True,
        }

    def prepare_image(self, owner: WritableLayer, layers: Sequence[str], at: Path) -> RootfsSpec:
        """Copy the image's files for this container alone, unless that was done before."""
        tree = self._tree(owner).parent / "i" / at.name / "m"
        tree.mkdir(mode=0o755, parents=True, exist_ok=True)
        self._fill(layers, tree)
        return read_only(layers, tree, userxattr=True)

    def changes(self, layer: WritableLayer) -> Path:
        """Fill the upper folder anew with what differs from the layers."""
        remove_tree(layer.upper)
        layer.upper.mkdir(mode=0o755)
        tree = self._tree(layer)
        shared = shared_tree.record(tree)
        if shared:
            copy_tree.changes(layer.lower, tree, layer.upper, shared.has)
        else:
            copy_tree.changes(layer.lower, tree, layer.upper)
        return layer.upper

    def release(self, layer: WritableLayer, *, in_use: bool = False) -> None:
        """Keep the files for the next container, or remove them."""
        tree = self._tree(layer)
        if not in_use and self._spares is None:
            self._cache.keep(layer.lower, tree)
        elif not in_use and self._spares is not None and shared_tree.is_shared(tree):
            with contextlib.suppress(OSError):
                self._spares.recycle(layer.lower, tree.parent)
        self._remove(tree.parent)

    def expect(self, layers: Sequence[str]) -> None:
        """Make a root filesystem ahead, where they are shared."""
        if self._spares is not None:
            self._spares.expect(layers)

    def forget(self) -> None:
        """Remove what was made ahead of layers that do not exist any more."""
        if self._spares is not None:
            self._spares.forget()

    def _take_spare(self, layers: Sequence[str], folder: Path) -> bool:
        """Make a root that is ready the container's, if it has none yet."""
        if self._spares is None or folder.exists():
            return False
        return self._spares.take(layers, folder)

    def _remove(self, folder: Path) -> None:
        """Remove a folder, in the background where that takes long."""
        if self._spares is not None and folder.exists():
            with contextlib.suppress(OSError):
                self._spares.remove(folder)
        remove_leftover(folder)

    def _fill(self, layers: Sequence[str], tree: Path) -> None:
        if self._spares is not None:
            shared_tree.make(layers, tree)
            shared_tree.own_if_moved(tree)
        else:
            self._cache.copy(layers, tree)
            shared_tree.own(tree)

    def _tree(self, layer: WritableLayer) -> Path:
        return self._folder / short_name(layer.folder) / "m"
