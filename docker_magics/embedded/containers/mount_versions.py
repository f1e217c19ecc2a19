"""What mounts mean to clients of older API versions.

source: moby daemon/server/router/container/container_routes.go: postContainersCreate.
"""

from __future__ import annotations

from typing import Any

from ..errors import BadParameter

#: Options of a mount -> the type of mount that has them.
_OPTIONS = {"VolumeOptions": "volume", "BindOptions": "bind", "TmpfsOptions": "tmpfs"}
#: The version since which read-only binds are recursively read-only.
RECURSIVELY_READ_ONLY = (1, 44)


def adapt(mounts: list[dict[str, Any]], version: tuple[int, int]) -> None:
    """Remove from a request's mounts what its API version does not have.

    Args:
        mounts: the API's HostConfig.Mounts, which are changed.
        version: the client's.

    Raises:
        BadParameter: an option needs a newer version, or another type of mount.
    """
    for mount in mounts:
        bind = mount.get("BindOptions") or {}
        if version < (1, 40):
            bind.pop("NonRecursive", None)
        if version < (1, 42):
            bind.pop("CreateMountpoint", None)
            _drop_foreign_options(mount)
        else:
            _refuse_foreign_options(mount)
        if version < RECURSIVELY_READ_ONLY and bind.get("ReadOnlyForceRecursive"):
            raise BadParameter("BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer")
        if version < (1, 45) and (mount.get("VolumeOptions") or {}).get("Subpath"):
            raise BadParameter("VolumeOptions.Subpath needs API v1.45 or newer")
        if version < (1, 48) and mount.get("Type") == "image":
            raise BadParameter('Mount type "Image" needs API v1.48 or newer')


def _drop_foreign_options(mount: dict[str, Any]) -> None:
    for options in ("VolumeOptions", "TmpfsOptions"):
        if mount.get("Type") != _OPTIONS[options]:
            mount.pop(options, None)


def _refuse_foreign_options(mount: dict[str, Any]) -> None:
    for options, kind in _OPTIONS.items():
        if mount.get(options) is not None and mount.get("Type") != kind:
            raise BadParameter(f'{options} must not be specified on mount type "{mount.get("Type")}"')  # fmt: skip  # noqa: E501
