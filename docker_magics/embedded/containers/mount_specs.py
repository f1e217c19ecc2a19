"""A container's mounts as the runtime takes them.

source: moby daemon/volumes_linux.go, daemon/oci_linux.go: withMounts.
"""

from __future__ import annotations

import os
import posixpath

from ..errors import ApiError, BadParameter
from ..records.container import Container
from ..records.mount_point import MountPoint
from ..runtime.spec import MountSpec
from ..volumes.service import Volumes
from ..volumes.volume import Volume
from . import mounts, propagation
from .tmpfs import tmpfs_spec


def of(container: Container, volumes: Volumes) -> list[MountSpec]:
    """Return the mounts of a container, parents first.

    A bind's missing source is created where the mount point says so.

    Raises:
        BadParameter: the source of a bind, or the part of a volume, does not exist.
        ApiError: a volume, or a propagation, cannot be mounted.
    """
    specs = [_spec(point, volumes) for point in container.record["Mounts"]]
    tmpfs = container.host_config.get("Tmpfs") or {}
    specs += [tmpfs_spec(mounts.clean(target), options) for target, options in tmpfs.items()]
    specs.sort(key=lambda spec: spec["target"].count("/"))
    return [*specs, *container.record.get("ExtraMounts", [])]


def _spec(point: MountPoint, volumes: Volumes) -> MountSpec:
    if point["Type"] == "tmpfs":
        return tmpfs_spec(point["Destination"], point["Options"])
    if point["Type"] == "volume":
        volume = volumes.get(point["Name"])
        if volume.tmpfs is not None:
            return tmpfs_spec(point["Destination"], volume.tmpfs, flags=0)
        source = _subpath(_folder(volume), point.get("Subpath") or "")
    else:
        source = _bind_source(point)
    return {
        "kind": "bind",
        "source": source,
        "target": posixpath.join("/", point["Destination"]),
        "readonly": not point["RW"],
        "propagation": point["Propagation"],
    }


def _bind_source(point: MountPoint) -> str:
    source = point["Source"]
    if point.get("Create") and not os.path.lexists(source):
        os.makedirs(source, 0o755, exist_ok=True)  # another container may create it meanwhile
    if not os.path.exists(source):
        raise BadParameter(
            f"{mounts.error_prefix('bind')}bind source path does not exist: {source}"
        )
    propagation.check(source, point["Propagation"])
    return source


def _folder(volume: Volume) -> str:
    """Return the folder of a volume's files."""
    failed = f"error while mounting volume '{volume.path}': failed to mount local volume: mount "
    if volume.device and not os.path.isdir(volume.device):
        action = f"{volume.device}:{volume.path}, flags: 0x1000"
        raise ApiError(f"{failed}{action}: no such file or directory")
    if kind := volume.unsupported_type:
        raise ApiError(f"{failed}{volume.path}: cannot mount {kind}: only bind and tmpfs work")
    return volume.device or str(volume.path)


def _subpath(folder: str, subpath: str) -> str:
    """Return the path of a part of a volume; no link or `..` leads out of it."""
    base = os.path.realpath(folder)
    path = os.path.realpath(os.path.join(folder, subpath.lstrip("/")))
    if path != base and not path.startswith(f"{base}/"):
        raise BadParameter(f"invalid subpath {subpath}: it leads out of the volume")
    if not os.path.exists(path):
        raise BadParameter(f"cannot access path {path}: no such file or directory")
    return path
