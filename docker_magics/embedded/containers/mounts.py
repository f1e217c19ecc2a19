"""What is mounted into a new container: binds, volumes, images, tmpfs.

source: Engine API, MountPoint; moby volume/mounts/linux_parser.go, daemon/volumes.go.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ...wire import digest
from ..errors import BadParameter
from ..images.store import ImageStore
from ..records.config import ContainerConfig
from ..records.host_config import HostConfig
from ..records.mount_point import INTERNAL_FIELDS, MountPoint
from ..volumes.service import Volumes
from .mount_versions import RECURSIVELY_READ_ONLY

PROPAGATIONS = frozenset({"rprivate", "private", "rshared", "shared", "rslave", "slave"})
#: A mode has at most one word of each set.
_MODES = (
    {"rw", "ro"},
    {"z", "Z"},
    {"nocopy"},
    PROPAGATIONS,
    {"consistent", "cached", "delegated"},
)
#: Returns the mount points of the container of a name or ID; raises NotFound.
MountsOf = Callable[[str], list[MountPoint]]


def plan(
    config: ContainerConfig,
    host_config: HostConfig,
    mounts_of: MountsOf,
    version: tuple[int, int] = RECURSIVELY_READ_ONLY,
) -> list[MountPoint]:
    """Return the mount points of a new container, sorted by destination.

    Nothing is created: call `find_images` and `create_volumes` with the result.

    Args:
        config: the container's.
        host_config: its mounts.
        mounts_of: looks up VolumesFrom.
        version: of the API that the client uses.

    Raises:
        BadParameter: a mount is invalid.
        NotFound: VolumesFrom names a container that does not exist.
    """
    points: dict[str, MountPoint] = {}
    for text in host_config["VolumesFrom"] or []:
        for point in _inherited(text, mounts_of):
            points[point["Destination"]] = point
    for text in host_config["Binds"] or []:
        _add(points, _parse_bind(text, host_config["VolumeDriver"]))
    for mount in host_config.get("Mounts") or []:
        _add(points, _parse_mount(mount))
    if version < RECURSIVELY_READ_ONLY:
        _keep_submounts_writable(points.values())
    for destination in host_config.get("Tmpfs") or {}:
        _check_target(destination)
        replaced = points.pop(clean(destination), None)
        if replaced is not None and replaced.get("FromBinds"):
            raise BadParameter(f"Duplicate mount point: {destination}")
    tmpfs = {clean(destination) for destination in host_config.get("Tmpfs") or {}}
    for destination in map(clean, config["Volumes"] or {}):
        if destination not in points and destination not in tmpfs:
            points[destination] = _volume_point("", destination)
    return [points[destination] for destination in sorted(points)]


def _keep_submounts_writable(points: Iterable[MountPoint]) -> None:
    """Make read-only binds not recursively read-only, as older clients expect."""
    for point in points:
        if point["Type"] == "bind" and not point["RW"] and not point.get("Inherited"):
            point["ReadOnlyNonRecursive"] = True


def find_images(points: list[MountPoint], images: ImageStore, folder: Path) -> None:
    """Note the images of planned mount points.

    Args:
        points: the mount points, which are completed.
        images: are looked up by Name.
        folder: the container's.

    Raises:
        NotFound: no such image.
        BadParameter: not the name of an image.
    """
    for point in points:
        if point["Type"] != "image":
            continue
        if "ImageId" not in point:  # one of another container has it, perhaps of a removed image
            image = images.resolve(point["Name"])
            point["ImageId"] = image.id
            point["ImageLayers"] = [str(layer) for layer in image.layers]
        point["Source"] = str(folder / "images" / digest.short(point["ImageId"]))


def create_volumes(points: list[MountPoint], volumes: Volumes) -> None:
    """Create the volumes of planned mount points, where they do not exist yet.

    Raises:
        BadParameter, NotFound, Conflict: a volume cannot have the name, driver or options.
    """
    for point in points:
        requested = point.pop("Requested", None)
        if requested is not None:
            volume = volumes.create(**requested)
            point["Name"], point["Source"] = volume.name, str(volume.path)


def as_json(points: list[MountPoint]) -> list[dict[str, Any]]:
    """Return mount points as inspect shows them, without the engine's own fields."""
    return [
        {key: value for key, value in point.items() if key not in INTERNAL_FIELDS}
        for point in points
    ]


def clean(path: str) -> str:
    """Return a path without `.`, `..` and double slashes."""
    return posixpath.normpath(path)


def _add(points: dict[str, MountPoint], point: MountPoint) -> None:
    existing = points.get(point["Destination"])
    if existing is not None and not existing.get("Inherited"):
        raise BadParameter(f"Duplicate mount point: {point['Destination']}")
    points[point["Destination"]] = point


def _check_target(path: str, prefix: str = "") -> None:
    if clean(path) == "/":
        raise BadParameter(f"{prefix}invalid specification: destination can't be '/'")
    if not path.startswith("/"):
        raise BadParameter(f"{prefix}invalid mount path: '{path}' mount path must be absolute")


def _check_mode(mode: str) -> None:
    """Refuse unknown words, and two of one set; source: moby linuxValidMountMode."""
    parts = mode.split(",") if mode else []
    sets = [index for part in parts for index, modes in enumerate(_MODES) if part in modes]
    if len(sets) < len(parts) or len(set(sets)) < len(sets):
        raise BadParameter(f"invalid mode: {mode}")


def _inherited(text: str, mounts_of: MountsOf) -> list[MountPoint]:
    """Return the mount points of another container: `CONTAINER[:MODE]` of VolumesFrom."""
    name, _, mode = text.partition(":")
    if not text:
        raise BadParameter("volumes-from specification cannot be an empty string")
    _check_mode(mode)
    parts = set(mode.split(","))
    if parts & {*PROPAGATIONS, "nocopy"}:
        raise BadParameter(f"invalid mode: {mode}")
    points = []
    for original in mounts_of(name):
        point = original.copy()
        point["RW"] = point["RW"] and "ro" not in parts
        point["Inherited"] = True
        points.append(point)
    return points


def _parse_bind(text: str, driver: str) -> MountPoint:
    """Return the mount point of `[SOURCE:]DESTINATION[:MODE]`."""
    parts = text.split(":")
    if len(parts) not in {2, 3} or not all(parts):
        if len(parts) != 1:
            raise BadParameter(f"invalid volume specification: '{text}'")
        parts = ["", parts[0]]
    source, destination, mode = parts[0], parts[1], parts[2] if len(parts) == 3 else ""
    _check_mode(mode)
    options = set(mode.split(","))
    kind = "bind" if source.startswith("/") else "volume"
    prefix = f"invalid volume specification: '{text}': {error_prefix(kind)}"
    _check_target(destination, prefix)
    if kind == "volume":
        if options & PROPAGATIONS:
            raise BadParameter(f"{prefix}field BindOptions must not be specified")
        point = _volume_point(source, clean(destination), driver=driver)
        point["Mode"] = mode or "z"
        point["NoCopy"] = "nocopy" in options
    elif "nocopy" in options:
        raise BadParameter(f"{prefix}field VolumeOptions must not be specified")
    else:
        propagation = next(iter(options & PROPAGATIONS), "rprivate")
        point = _bind_point(source, destination, propagation, create=True)
        point["Mode"] = mode
    point["RW"] = "ro" not in options
    point["FromBinds"] = True
    return point


def error_prefix(kind: str) -> str:
    """Return how dockerd's messages about a mount of a type begin."""
    return f'invalid mount config for type "{kind}": '


def _bind_point(source: str, destination: str, propagation: str, *, create: bool) -> MountPoint:
    return {
        "Type": "bind",
        "Source": clean(source),
        "Destination": clean(destination),
        "Mode": "",
        "RW": True,
        "Propagation": propagation,
        "Create": create,
    }


def _volume_point(
    name: str,
    destination: str,
    *,
    driver: str = "",
    labels: dict[str, str] | None = None,
    options: dict[str, str] | None = None,
) -> MountPoint:
    return {
        "Type": "volume",
        "Name": "",
        "Source": "",
        "Destination": destination,
        "Driver": "local",
        "Mode": "",
        "RW": True,
        "Propagation": "",
        "Anonymous": not name,
        "Requested": {
            "name": name,
            "driver": driver or "local",
            "labels": labels,
            "options": options,
        },
    }


def _parse_mount(mount: dict[str, Any]) -> MountPoint:
    """Return the mount point of one of the API's Mounts (`--mount`)."""
    kind, target = mount.get("Type") or "", mount.get("Target") or ""
    prefix = error_prefix(kind)
    if not target:
        raise BadParameter(f"{prefix}field Target must not be empty")
    _check_target(target, prefix)
    if kind != "image" and mount.get("ImageOptions") is not None:
        raise BadParameter(f"{prefix}field ImageOptions must not be specified")
    match kind:
        case "bind":
            point = _bind_mount(mount, prefix)
        case "volume":
            point = _volume_mount(mount, prefix)
        case "image":
            return _image_mount(mount, prefix)
        case "tmpfs":
            point = _tmpfs_mount(mount, prefix)
        case _:
            raise BadParameter(f"{prefix}mount type unknown")
    point["RW"] = not mount.get("ReadOnly")
    return point


def _bind_mount(mount: dict[str, Any], prefix: str) -> MountPoint:
    source = mount.get("Source") or ""
    if not source:
        raise BadParameter(f"{prefix}field Source must not be empty")
    if not source.startswith("/"):
        raise BadParameter(f"{prefix}invalid mount path: '{source}' mount path must be absolute")
    options = mount.get("BindOptions") or {}
    propagation = options.get("Propagation") or "rprivate"
    if propagation not in PROPAGATIONS:
        raise BadParameter(f"{prefix}invalid propagation mode: {propagation}")
    create = bool(options.get("CreateMountpoint"))
    if not create and not os.path.lexists(source):
        raise BadParameter(f"{prefix}bind source path does not exist: {source}")
    point = _bind_point(source, mount["Target"], propagation, create=create)
    point["NonRecursive"] = bool(options.get("NonRecursive"))
    point["ReadOnlyNonRecursive"] = bool(options.get("ReadOnlyNonRecursive"))
    point["ReadOnlyForceRecursive"] = bool(options.get("ReadOnlyForceRecursive"))
    return point


def _volume_mount(mount: dict[str, Any], prefix: str) -> MountPoint:
    source = mount.get("Source") or ""
    if not source and mount.get("ReadOnly"):
        raise BadParameter(f"{prefix}must not set ReadOnly mode when using anonymous volumes")
    options = mount.get("VolumeOptions") or {}
    subpath = options.get("Subpath") or ""
    if subpath and not source:
        raise BadParameter(f"{prefix}must not set Subpath when using anonymous volumes")
    _check_subpath(subpath, prefix)
    driver = options.get("DriverConfig") or {}
    point = _volume_point(
        source,
        clean(mount["Target"]),
        driver=driver.get("Name") or "",
        labels=options.get("Labels"),
        options=driver.get("Options"),
    )
    point["Mode"] = "z"
    point["NoCopy"] = bool(options.get("NoCopy"))
    if subpath:
        point["Subpath"] = subpath
    return point


def _check_subpath(subpath: str, prefix: str) -> None:
    if subpath.startswith("/") or clean(subpath).split("/")[0] == "..":
        raise BadParameter(f"{prefix}subpath must be a relative path within the volume")


def _image_mount(mount: dict[str, Any], prefix: str) -> MountPoint:
    """Return the mount point of an image, which is always read-only; see `find_images`."""
    if not mount.get("Source"):
        raise BadParameter(f"{prefix}field Source must not be empty")
    point: MountPoint = {
        "Type": "image",
        "Name": mount["Source"],
        "Source": "",
        "Destination": clean(mount["Target"]),
        "Mode": "",
        "RW": False,
        "Propagation": "rprivate",
    }
    if subpath := (mount.get("ImageOptions") or {}).get("Subpath"):
        _check_subpath(subpath, prefix)
        point["Subpath"] = subpath
    return point


def _tmpfs_mount(mount: dict[str, Any], prefix: str) -> MountPoint:
    if mount.get("Source"):
        raise BadParameter(f"{prefix}field Source must not be specified")
    options = mount.get("TmpfsOptions") or {}
    parts = []
    if options.get("SizeBytes"):
        parts.append(f"size={options['SizeBytes']}")
    if options.get("Mode"):
        parts.append(f"mode={options['Mode']:o}")
    if mount.get("ReadOnly"):
        parts.append("ro")
    for option in options.get("Options") or []:
        if len(option or ()) not in {1, 2}:
            raise BadParameter(f"{prefix}invalid option array length")
        if option[0] not in {"exec", "noexec"}:
            raise BadParameter(f"{prefix}invalid option: {option[0]}")
        parts.append("=".join(option))
    return {
        "Type": "tmpfs",
        "Source": "",
        "Destination": clean(mount["Target"]),
        "Mode": "",
        "RW": True,
        "Propagation": "",
        "Options": ",".join(parts),
    }
