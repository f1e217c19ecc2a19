"""The copy storage driver: each container has a copy of its image's files.

For runtime drivers that cannot mount anything.
"""

from __future__ import annotations

from pathlib import Path

from ..state import remove_tree
from . import copy_tree
from .copy_cache import RootfsCache
from .driver import RootfsSpec, WritableLayer


class CopyDriver:
    """Copies layers into `merged`, and finds changes by their ctime.

    Args:
        cache_folder: an empty folder on the containers' filesystem, for copies to recycle.
    """

    def __init__(self, cache_folder: Path) -> None:
        self._cache = RootfsCache(cache_folder)

    def prepare(self, layer: WritableLayer, *, readonly: bool = False) -> RootfsSpec:
        """Copy the layers' files, unless that was done before."""
        self._cache.copy(layer.lower, layer.merged)
        return {
            "lower": list(layer.lower),
            "upper": str(layer.upper),
            "work": str(layer.work),
            "merged": str(layer.merged),
            "readonly": readonly,
            "userxattr": True,
        }

    def changes(self, layer: WritableLayer) -> Path:
        """Fill the upper folder anew with what differs from the layers."""
        remove_tree(layer.upper)
        layer.upper.mkdir(mode=0o755)
        copy_tree.changes(layer.lower, layer.merged, layer.upper)
        return layer.upper

    def release(self, layer: WritableLayer, *, in_use: bool = False) -> None:
        """Keep the copy for the next container."""
        if not in_use:
            self._cache.keep(layer.lower, layer.merged)
