"""The overlay storage driver: overlayfs mounts the layers, and nothing is copied.

source: kernel, Documentation/filesystems/overlayfs.rst.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..errors import BadParameter
from .driver import RootfsSpec, WritableLayer, read_only

#: The kernel's OVL_MAX_STACK.
_MAX_LAYERS = 500


class OverlayDriver:
    """Leaves the work to the runtime, which mounts an overlay for each container.

    Args:
        userxattr: whether the engine is root of a user namespace only.
    """

    works_ahead = False

    def __init__(self, *, userxattr: bool) -> None:
        self._userxattr = userxattr

    def prepare(self, layer: WritableLayer, *, readonly: bool = False) -> RootfsSpec:
        """Return what to mount.

        Raises:
            BadParameter: overlayfs does not take so many layers.
        """
        _check_number(layer.lower)
        return {
            "lower": list(layer.lower),
            "upper": str(layer.upper),
            "work": str(layer.work),
            "merged": str(layer.merged),
            "readonly": readonly,
            "userxattr": self._userxattr,
        }

    def prepare_image(self, _owner: WritableLayer, layers: Sequence[str], at: Path) -> RootfsSpec:
        """Return what to mount.

        Overlayfs takes two layers or more: two empty ones are below the image's.

        Raises:
            BadParameter: overlayfs does not take so many layers.
        """
        _check_number(layers)
        *empty, merged = (at / name for name in ("bottom", "empty", "merged"))
        for path in (*empty, merged):
            path.mkdir(parents=True, exist_ok=True)
        return read_only([*map(str, empty), *layers], merged, userxattr=self._userxattr)

    def changes(self, layer: WritableLayer) -> Path:
        """Return overlayfs's upper folder."""
        return layer.upper

    def release(self, layer: WritableLayer, *, in_use: bool = False) -> None:
        """Do nothing: overlayfs keeps nothing beside the folder."""

    def expect(self, layers: Sequence[str]) -> None:
        """Do nothing: a mount takes no time."""

    def forget(self) -> None:
        """Do nothing."""


def _check_number(layers: Sequence[str]) -> None:
    if (count := len(set(layers))) > _MAX_LAYERS:
        raise BadParameter(
            f"cannot mount the image's {count} layers: overlayfs takes {_MAX_LAYERS}."
            " Rebuild the image with fewer layers"
        )
