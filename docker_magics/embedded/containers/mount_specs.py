"""A container's mounts as the runtime takes them.

source: moby daemon/volumes_linux.go, daemon/oci_linux.go: withMounts.
"""

from __future__ import annotations

import errno
import os
import posixpath
from pathlib import Path

from ..errors import ApiError, BadParameter, NotFound
from ..records.container import Container
from ..records.mount_point import MountPoint
from ..runtime.spec import BindSpec, MountSpec
from ..storage.beneath import open_beneath
from ..storage.driver import StorageDriver
from ..storage.layer_view import LayerView
from ..volumes.service import Volumes
from ..volumes.volume import Volume
from . import mounts, propagation
from .tmpfs import tmpfs_spec


def of(container: Container, volumes: Volumes, storage: StorageDriver) -> list[MountSpec]:
    """Return the mounts of a container, parents first.

    A bind's missing source is created where the mount point says so.

    Args:
        container: the container.
        volumes: have the folders that are mounted.
        storage: prepares the images that are mounted.

    Raises:
        BadParameter: the source of a bind does not exist, or the part of a volume is outside.
        NotFound: the part of a volume or image does not exist.
        ApiError: a volume, or a propagation, cannot be mounted.
    """
    specs: list[MountSpec] = [
        _image_spec(point, container, storage)
        if point["Type"] == "image"
        else _spec(point, volumes)
        for point in container.record["Mounts"]
    ]
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
        source = _folder(volume)
    else:
        source = _bind_source(point)
    spec: BindSpec = {
        "kind": "bind",
        "source": source,
        "target": posixpath.join("/", point["Destination"]),
        "readonly": not point["RW"],
        "propagation": point["Propagation"],
    }
    if subpath := point.get("Subpath"):
        _check_subpath(source, subpath)
        spec["subpath"] = subpath
    return _with_recursion(spec, point)


def _image_spec(point: MountPoint, container: Container, storage: StorageDriver) -> BindSpec:
    """Return the mount of an image.

    Symbolic links in the subpath are resolved within the image. That is done here, once, as an
    image does not change.
    """
    layers = point["ImageLayers"]
    rootfs = storage.prepare_image(container.layer, layers, Path(point["Source"]))
    spec: BindSpec = {
        "kind": "bind",
        "source": rootfs["merged"],
        "target": posixpath.join("/", point["Destination"]),
        "readonly": True,
        "readonly_submounts": "never",
        "recursive": False,
        "propagation": point["Propagation"],
        "image": rootfs,
    }
    if subpath := point.get("Subpath"):
        path = LayerView(layers).resolve(subpath) if layers else None
        if path is None:
            raise NotFound(f"cannot access path {subpath} of image {point['Name']}: no such file or directory")  # fmt: skip  # noqa: E501
        spec["subpath"] = path.lstrip("/")
    return spec


def _with_recursion(spec: BindSpec, point: MountPoint) -> BindSpec:
    """Add whether the mounts below a bind's source are mounted, and whether read-only.

    source: moby daemon/volumes_unix.go: setupMounts.
    """
    never, always = point.get("ReadOnlyNonRecursive"), point.get("ReadOnlyForceRecursive")
    for option in ("ReadOnlyNonRecursive", "ReadOnlyForceRecursive"):
        if point.get(option) and point["RW"]:
            raise BadParameter(f"mount options conflict: !ReadOnly && BindOptions.{option}")
    if never and always:
        raise BadParameter("mount options conflict: ReadOnlyNonRecursive && BindOptions.ReadOnlyForceRecursive")  # fmt: skip  # noqa: E501
    if point.get("NonRecursive"):
        spec["recursive"] = False
    if never or always:
        spec["readonly_submounts"] = "never" if never else "always"
    return spec


def _bind_source(point: MountPoint) -> str:
    source = point["Source"]
    if point.get("Create") and not os.path.lexists(source):
        _make_source(source)
    if not os.path.exists(source):
        raise BadParameter(
            f"{mounts.error_prefix('bind')}bind source path does not exist: {source}"
        )
    propagation.check(source, point["Propagation"])
    return source


def _make_source(source: str) -> None:
    """Create the folder that is bound.

    Raises:
        ApiError: it cannot be created. source: moby volume/mounts/mounts.go: Setup.
    """
    try:
        os.makedirs(source, 0o755, exist_ok=True)  # another container may create it meanwhile
    except OSError as error:
        reason = f"mkdir {error.filename}: {os.strerror(error.errno or 0).lower()}"
        message = f"error while creating mount source path '{source}': {reason}"
        raise ApiError(message) from error


def _folder(volume: Volume) -> str:
    """Return the folder of a volume's files."""
    failed = f"error while mounting volume '{volume.path}': failed to mount local volume: mount "
    if volume.device and not os.path.isdir(volume.device):
        action = f"{volume.device}:{volume.path}, flags: 0x1000"
        raise ApiError(f"{failed}{action}: no such file or directory")
    if kind := volume.unsupported_type:
        raise ApiError(f"{failed}{volume.path}: cannot mount {kind}: only bind and tmpfs work")
    return volume.device or str(volume.path)


def _check_subpath(folder: str, subpath: str) -> None:
    """Refuse a part of a volume that does not exist, or lies outside of it.

    The runtime opens it again when it mounts it: a container may replace it at any time.

    source: moby daemon/volume/safepath.
    """
    base = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.close(open_beneath(base, subpath, links=True))
    except OSError as error:
        if error.errno == errno.EXDEV:
            reason = f"base: {folder}, subpath: {subpath}"
            raise BadParameter(f"path concatenation escapes the base directory, {reason}") from None
        path = os.path.join(folder, subpath)
        reason = os.strerror(error.errno or 0).lower()
        raise NotFound(f"cannot access path {path}: lstat {path}: {reason}") from None
    finally:
        os.close(base)
