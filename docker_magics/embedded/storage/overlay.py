"""The overlay storage driver: overlayfs mounts the layers, and nothing is copied.

source: kernel, Documentation/filesystems/overlayfs.rst.
"""

from __future__ import annotations

from pathlib import Path

from ..errors import BadParameter
from .driver import RootfsSpec, WritableLayer

#: The kernel's OVL_MAX_STACK.
_MAX_LAYERS = 500


class OverlayDriver:
    """Leaves the work to the runtime, which mounts an overlay for each container.

    Args:
        userxattr: whether the engine is root of a user namespace only.
    """

    def __init__(self, *, userxattr: bool) -> None:
        self._userxattr = userxattr

    def prepare(self, layer: WritableLayer, *, readonly: bool = False) -> RootfsSpec:
        """Return what to mount.

        Raises:
            BadParameter: overlayfs does not take so many layers.
        """
        if (count := len(set(layer.lower))) > _MAX_LAYERS:
            raise BadParameter(
                f"cannot mount the image's {count} layers: overlayfs takes {_MAX_LAYERS}."
                " Rebuild the image with fewer layers"
            )
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
