"""The overlay storage driver: overlayfs mounts the layers, and nothing is copied.

source: kernel, Documentation/filesystems/overlayfs.rst.
"""

from __future__ import annotations

from pathlib import Path

from .driver import RootfsSpec, WritableLayer


class OverlayDriver:
    """Leaves the work to the runtime, which mounts an overlay for each container.

    Args:
        userxattr: whether the engine is root of a user namespace only.
    """

    def __init__(self, *, userxattr: bool) -> None:
        self._userxattr = userxattr

    def prepare(self, layer: WritableLayer, *, readonly: bool = False) -> RootfsSpec:
        """Return what to mount."""
        return {
            "lower": list(layer.lower),
            "upper": str(layer.upper),
            "work": str(layer.work),
            "merged": str(layer.merged),
            "readonly": readonly,
            "userxattr": self._userxattr,
        }

    def changes(self, layer: WritableLayer) -> Path:
        """Return overlayfs's upper folder."""
        return layer.upper

    def release(self, layer: WritableLayer, *, in_use: bool = False) -> None:
        """Do nothing: overlayfs keeps nothing beside the folder."""
