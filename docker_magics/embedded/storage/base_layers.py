"""The engine's layers between an image and a container's changes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from .layer_view import LayerView

#: Mount points that every container has: mounting on them must not change the container.
_FOLDERS = ("dev/pts", "dev/shm", "proc", "sys", "etc")
_FILES = ("dev/console", "etc/hosts", "etc/hostname", "etc/resolv.conf", ".dockerenv")
#: Where apt reads its configuration.
_APT = "/etc/apt/apt.conf.d"


class BaseLayers:
    """Completes an image's layers.

    Args:
        root: the engine's root folder.
        single_id: whether containers have one user ID only, so that apt cannot drop privileges.
    """

    def __init__(self, root: Path, *, single_id: bool) -> None:
        self._root = root
        self._single_id = single_id

    def complete(self, image_layers: Sequence[Path]) -> list[str]:
        """Return the folders below a container's changes, bottom first."""
        layers = list(image_layers)
        if layers and self._single_id and LayerView(layers).stat(_APT):
            layers.append(self._apt_as_root)
        return [str(layer) for layer in (*layers, self._mount_points)]

    @cached_property
    def _apt_as_root(self) -> Path:
        """A layer that tells apt not to drop privileges: apt verifies that it did, and fails."""
        layer = self._root / "apt"
        folder = layer / _APT.lstrip("/")
        folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        (folder / "99sandbox").write_text('APT::Sandbox::User "root";\n')
        return layer

    @cached_property
    def _mount_points(self) -> Path:
        """A layer of empty folders and files to mount on."""
        layer = self._root / "mountpoints"
        for name in _FOLDERS:
            (layer / name).mkdir(parents=True, exist_ok=True, mode=0o755)
        for name in _FILES:
            (layer / name).touch(mode=0o644)
            (layer / name).chmod(0o755)
        mtab = layer / "etc/mtab"
        if not mtab.is_symlink():
            mtab.symlink_to("/proc/mounts")
        layer.chmod(0o755)
        return layer
