"""What is mounted into a container: binds, volumes, memory.

source: Engine API, MountPoint; moby volume/mounts/linux_parser.go, daemon/volumes.go.
"""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING, Any

from .. import syscalls
from ..errors import ApiError, BadParameter
from ..runtime.spec import MountSpec, TmpfsSpec
from . import propagation

if TYPE_CHECKING:
    from ..engine import Engine
    from ..records.container import Container, Record
    from ..volumes.volume import Volume

_PROPAGATIONS = {"rprivate", "private", "rshared", "shared", "rslave", "slave"}
#: Of each kind a mode has one word at most.
_MODES = (
    {"rw", "ro"},
    {"z", "Z"},
    {"nocopy"},
    _PROPAGATIONS,
    {"consistent", "cached", "delegated"},
)
#: Options of a tmpfs: the flag that each sets (True) or takes back; source: moby/sys/mount.
_TMPFS_FLAGS = {
    "defaults": (0, True),
    "ro": (syscalls.MS_RDONLY, True),
    "rw": (syscalls.MS_RDONLY, False),
    "nosuid": (syscalls.MS_NOSUID, True),
    "suid": (syscalls.MS_NOSUID, False),
    "nodev": (syscalls.MS_NODEV, True),
    "dev": (syscalls.MS_NODEV, False),
    "noexec": (syscalls.MS_NOEXEC, True),
    "exec": (syscalls.MS_NOEXEC, False),
    "sync": (syscalls.MS_SYNCHRONOUS, True),
    "async": (syscalls.MS_SYNCHRONOUS, False),
    "dirsync": (syscalls.MS_DIRSYNC, True),
    "mand": (syscalls.MS_MANDLOCK, True),
    "nomand": (syscalls.MS_MANDLOCK, False),
    "noatime": (syscalls.MS_NOATIME, True),
    "atime": (syscalls.MS_NOATIME, False),
    "nodiratime": (syscalls.MS_NODIRATIME, True),
    "diratime": (syscalls.MS_NODIRATIME, False),
    "relatime": (syscalls.MS_RELATIME, True),
    "norelatime": (syscalls.MS_RELATIME, False),
    "strictatime": (syscalls.MS_STRICTATIME, True),
    "nostrictatime": (syscalls.MS_STRICTATIME, False),
    **dict.fromkeys(_PROPAGATIONS, (0, True)),
}
_TMPFS_DATA = {"size", "mode", "uid", "gid", "nr_inodes", "nr_blocks", "mpol"}
_DEFAULT_TMPFS = syscalls.MS_NOEXEC | syscalls.MS_NOSUID | syscalls.MS_NODEV


def plan(config: Record, host_config: Record, engine: Engine) -> list[dict[str, Any]]:
    """Return the API's MountPoints of a new container, by destination.

    Nothing is made: `create_volumes` fills in the volumes.

    Raises:
        BadParameter: a mount that cannot be.
    """
    points: dict[str, dict[str, Any]] = {}
    for text in host_config["VolumesFrom"] or []:
        for point in _from_container(text, engine):
            points[point["Destination"]] = point
    for text in host_config["Binds"] or []:
        _add(points, _bind(text, host_config["VolumeDriver"]) | {"OfBinds": True})
    for mount in host_config.get("Mounts") or []:
        _add(points, _mount(mount))
    for destination in host_config.get("Tmpfs") or {}:
        _check_target(destination)
        known = points.get(_clean(destination))
        if known is not None and known.get("OfBinds"):
            raise BadParameter(f"Duplicate mount point: {destination}")
        points.pop(_clean(destination), None)
    for destination in config["Volumes"] or {}:
        taken = {*points, *map(_clean, host_config.get("Tmpfs") or {})}
        if _clean(destination) not in taken:
            point = _volume_point("", _clean(destination))
            points[point["Destination"]] = point
    return [points[destination] for destination in sorted(points)]


def create_volumes(points: list[dict[str, Any]], engine: Engine) -> None:
    """Create the volumes of planned mount points, where they do not exist yet.

    Raises:
        BadParameter, NotFound, Conflict: a name, a driver or options that a volume cannot have.
    """
    for point in points:
        wanted = point.pop("Volume", None)
        if wanted is not None:
            volume = engine.volumes.create(**wanted)
            point |= {"Name": volume.name, "Source": str(volume.path)}


def _add(points: dict[str, dict[str, Any]], point: dict[str, Any]) -> None:
    known = points.get(point["Destination"])
    if known is not None and not known.get("Inherited"):
        raise BadParameter(f"Duplicate mount point: {point['Destination']}")
    points[point["Destination"]] = point


def _clean(path: str) -> str:
    return posixpath.normpath(path)


def _check_target(path: str, prefix: str = "") -> None:
    if _clean(path) == "/":
        raise BadParameter(f"{prefix}invalid specification: destination can't be '/'")
    if not path.startswith("/"):
        raise BadParameter(f"{prefix}invalid mount path: '{path}' mount path must be absolute")


def _from_container(text: str, engine: Engine) -> list[dict[str, Any]]:
    name, _, mode = text.partition(":")
    if not text:
        raise BadParameter("volumes-from specification cannot be an empty string")
    _check_mode(mode)
    words = set(mode.split(","))
    if words & {*_PROPAGATIONS, "nocopy"}:
        raise BadParameter(f"invalid mode: {mode}")
    return [
        point | {"RW": point["RW"] and "ro" not in words, "Inherited": True}
        for point in engine.container_store.get(name).record["Mounts"]
    ]


def _bind(text: str, driver: str) -> dict[str, Any]:
    parts = text.split(":")
    if len(parts) not in {2, 3} or not all(parts):
        if len(parts) != 1:
            raise BadParameter(f"invalid volume specification: '{text}'")
        parts = ["", parts[0]]
    source, destination, mode = parts[0], parts[1], parts[2] if len(parts) == 3 else ""
    _check_mode(mode)
    words = set(mode.split(","))
    kind = "bind" if source.startswith("/") else "volume"
    prefix = f"invalid volume specification: '{text}': {_prefix(kind)}"
    _check_target(destination, prefix)
    if kind == "volume":
        if words & _PROPAGATIONS:
            raise BadParameter(f"{prefix}field BindOptions must not be specified")
        point = _volume_point(source, _clean(destination), driver=driver)
        more = {"Mode": mode or "z", "RW": "ro" not in words, "NoCopy": "nocopy" in words}
        return point | more
    if "nocopy" in words:
        raise BadParameter(f"{prefix}field VolumeOptions must not be specified")
    return {
        "Type": "bind",
        "Source": _clean(source),
        "Destination": _clean(destination),
        "Mode": mode,
        "RW": "ro" not in words,
        "Propagation": next(iter(words & _PROPAGATIONS), "rprivate"),
        "Create": True,
    }


def _prefix(kind: str) -> str:
    return f'invalid mount config for type "{kind}": '


def _check_mode(mode: str) -> None:
    """Refuse unknown words, and two of a kind; source: moby linuxValidMountMode."""
    words = mode.split(",") if mode else []
    known = [kind for kind in _MODES for word in words if word in kind]
    if len(known) < len(words) or any(known.count(kind) > 1 for kind in known):
        raise BadParameter(f"invalid mode: {mode}")


def _volume_point(
    name: str,
    destination: str,
    *,
    driver: str = "",
    labels: dict[str, str] | None = None,
    options: dict[str, str] | None = None,
) -> dict[str, Any]:
    driver = driver or "local"
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
        "Volume": {"name": name, "driver": driver, "labels": labels, "options": options},
    }


def _mount(mount: dict[str, Any]) -> dict[str, Any]:
    """The MountPoint of a `--mount`."""
    kind = mount.get("Type") or ""
    source, target = mount.get("Source") or "", mount.get("Target") or ""
    prefix = _prefix(kind)
    if not target:
        raise BadParameter(f"{prefix}field Target must not be empty")
    _check_target(target, prefix)
    if kind not in {"bind", "volume", "tmpfs"}:
        raise BadParameter(f"{prefix}mount type unknown")
    writable = not mount.get("ReadOnly")
    if kind == "tmpfs":
        if source:
            raise BadParameter(f"{prefix}field Source must not be specified")
        return {
            "Type": "tmpfs",
            "Source": "",
            "Destination": _clean(target),
            "Mode": "",
            "RW": writable,
            "Propagation": "",
            "Options": _tmpfs_options(mount),
        }
    if kind == "bind":
        return _bind_mount(mount, source, target, prefix)
    if not source and not writable:
        raise BadParameter(f"{prefix}must not set ReadOnly mode when using anonymous volumes")
    options = mount.get("VolumeOptions") or {}
    driver = options.get("DriverConfig") or {}
    point = _volume_point(
        source,
        _clean(target),
        driver=driver.get("Name") or "",
        labels=options.get("Labels"),
        options=driver.get("Options"),
    )
    more: dict[str, Any] = {"Mode": "z", "RW": writable, "NoCopy": bool(options.get("NoCopy"))}
    if subpath := options.get("Subpath"):
        more["Subpath"] = subpath
    return point | more


def _bind_mount(mount: dict[str, Any], source: str, target: str, prefix: str) -> dict[str, Any]:
    if not source:
        raise BadParameter(f"{prefix}field Source must not be empty")
    if not source.startswith("/"):
        raise BadParameter(f"{prefix}invalid mount path: '{source}' mount path must be absolute")
    options = mount.get("BindOptions") or {}
    mode = options.get("Propagation") or "rprivate"
    if mode not in _PROPAGATIONS:
        raise BadParameter(f"{prefix}invalid propagation mode: {mode}")
    if not os.path.lexists(source) and not options.get("CreateMountpoint"):
        raise BadParameter(f"{prefix}bind source path does not exist: {source}")
    return {
        "Type": "bind",
        "Source": _clean(source),
        "Destination": _clean(target),
        "Mode": "",
        "RW": not mount.get("ReadOnly"),
        "Propagation": mode,
        "Create": bool(options.get("CreateMountpoint")),
    }


def specs(container: Container, engine: Engine) -> list[MountSpec]:
    """The mounts of a container as the runtime takes them, folders before what is in them.

    Raises:
        BadParameter: a bind's source is gone.
    """
    found = [_spec(point, engine) for point in container.record["Mounts"]]
    memory = container.host_config.get("Tmpfs") or {}
    found += [_memory(_clean(target), text) for target, text in memory.items()]
    found.sort(key=lambda each: each["target"].count("/"))
    return [*found, *container.record.get("ExtraMounts", [])]


def _spec(point: dict[str, Any], engine: Engine) -> MountSpec:
    if point["Type"] == "tmpfs":
        return _memory(point["Destination"], point["Options"])
    if point["Type"] == "volume":
        volume = engine.volumes.get(point["Name"])
        if volume.tmpfs is not None:
            return _memory(point["Destination"], volume.tmpfs, flags=0)
        source = _below(_folder(volume), point.get("Subpath") or "")
    else:
        source = point["Source"]
        if point.get("Create") and not os.path.lexists(source):
            os.makedirs(source, 0o755)
        if not os.path.exists(source):
            raise BadParameter(f"{_prefix('bind')}bind source path does not exist: {source}")
        propagation.check(source, point["Propagation"])
    return {
        "kind": "bind",
        "source": source,
        "target": posixpath.join("/", point["Destination"]),
        "readonly": not point["RW"],
        "propagation": point["Propagation"],
    }


def _folder(volume: Volume) -> str:
    """Where a volume's files are."""
    failed = f"error while mounting volume '{volume.path}': failed to mount local volume: mount "
    if volume.device and not os.path.isdir(volume.device):
        tried = f"{volume.device}:{volume.path}, flags: 0x1000: no such file or directory"
        raise ApiError(failed + tried)
    if volume.unsupported_type:
        raise ApiError(f"{failed}{volume.path}: this engine mounts no {volume.unsupported_type}")
    return volume.device or str(volume.path)


def _below(folder: str, subpath: str) -> str:
    """A part of a volume; no link or `..` leads out of it."""
    path = os.path.realpath(os.path.join(folder, subpath.lstrip("/")))
    if path != os.path.realpath(folder) and not path.startswith(os.path.realpath(folder) + "/"):
        raise BadParameter(f"invalid subpath {subpath}: it leads out of the volume")
    if not os.path.exists(path):
        raise BadParameter(f"cannot access path {path}: no such file or directory")
    return path


def _memory(target: str, text: str, flags: int | None = None) -> TmpfsSpec:
    """A tmpfs by its options: `size=64m,mode=1777,uid=1000,exec`; the last of a kind counts."""
    number = _DEFAULT_TMPFS if flags is None else flags
    data: dict[str, str] = {}
    for word in filter(None, text.split(",")):
        key, equals, _ = word.partition("=")
        if equals and key in _TMPFS_DATA:
            data[key] = word
        elif word in _TMPFS_FLAGS:
            flag, is_set = _TMPFS_FLAGS[word]
            number = number | flag if is_set else number & ~flag
        else:
            raise BadParameter(f'invalid tmpfs option ["{word}"]')
    return {"kind": "tmpfs", "target": target, "flags": number, "data": ",".join(data.values())}


def _tmpfs_options(mount: dict[str, Any]) -> str:
    options = mount.get("TmpfsOptions") or {}
    words = []
    if options.get("SizeBytes"):
        words.append(f"size={options['SizeBytes']}")
    if options.get("Mode"):
        words.append(f"mode={options['Mode']:o}")
    if mount.get("ReadOnly"):
        words.append("ro")
    return ",".join(words)


def shown(points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """MountPoints as inspect shows them, without what is the engine's own."""
    own = {"Anonymous", "Create", "NoCopy", "Inherited", "OfBinds", "Options", "Subpath"}
    return [{key: value for key, value in point.items() if key not in own} for point in points]
