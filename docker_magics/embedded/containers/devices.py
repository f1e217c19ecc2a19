"""The devices of a container: those of the host that it gets, and what it may do with them.

source: moby daemon/oci_linux.go: withDevices; oci/devices_linux.go: DevicesFromPath; oci/oci.go.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from ..errors import BadParameter
from ..records.host_config import HostConfig
from ..runtime import device_rules
from ..runtime.device_rules import DeviceRule
from ..runtime.spec import DeviceSpec, ProcessSpec

_TYPES = {stat.S_IFBLK: "b", stat.S_IFCHR: "c"}


def rules(host_config: HostConfig) -> list[DeviceRule] | None:
    """Return what a container may use; None for all devices.

    Raises:
        BadParameter: a device does not exist, or a rule has another form.
    """
    if host_config["Privileged"]:
        return None
    allowed = list(device_rules.DEFAULT)
    for device in host_config["Devices"] or []:
        access = device.get("CgroupPermissions") or ""
        for node in _nodes(device):
            number = node["number"]
            kind = _TYPES[stat.S_IFMT(node["mode"])]
            allowed.append(DeviceRule(kind, os.major(number), os.minor(number), access))
    for text in host_config["DeviceCgroupRules"] or []:
        try:
            allowed += device_rules.parse(text)
        except ValueError as error:
            raise BadParameter(str(error)) from None
    return [rule for rule in allowed if rule.access]


def nodes(host_config: HostConfig) -> list[DeviceSpec]:
    """Return the host's devices that a container gets.

    Raises:
        BadParameter: one does not exist.
    """
    return [node for device in host_config["Devices"] or [] for node in _nodes(device)]


def _nodes(device: dict[str, str]) -> list[DeviceSpec]:
    """Return a device or, for a folder, those in it."""
    path = device.get("PathOnHost") or ""
    base = os.path.realpath(path)
    target = device.get("PathInContainer") or path
    specs = [
        _node(source, os.path.normpath(os.path.join(target, os.path.relpath(source, base))))
        for source in _files(base)
        if stat.S_IFMT(os.lstat(source).st_mode) in _TYPES
    ]
    if not specs:
        reason = "not a device node" if os.path.exists(path) else "no such file or directory"
        action = f'gathering device information while adding custom device "{path}"'
        raise BadParameter(f"error {action}: {reason}")
    return specs


def _node(source: str, target: str) -> DeviceSpec:
    status = os.lstat(source)
    return {
        "source": source,
        "target": target,
        "mode": status.st_mode,
        "uid": status.st_uid,
        "gid": status.st_gid,
        "number": status.st_rdev,
    }


def _files(path: str) -> Iterator[str]:
    if not os.path.isdir(path):
        yield from [path] if os.path.exists(path) else []
        return
    for folder, _, names in os.walk(path):
        yield from (os.path.join(folder, name) for name in sorted(names))


def restrict(spec: ProcessSpec, host_config: HostConfig) -> None:
    """Keep programs from devices of their own where no control group does.

    They cannot create any, unless that is asked for, and devices on their mounts have no effect.
    """
    if spec["privileged"]:
        return
    asked = {name.upper().removeprefix("CAP_") for name in host_config["CapAdd"] or []}
    if not asked & {"ALL", "MKNOD"}:
        spec["caps"] = [name for name in spec["caps"] if name != "MKNOD"]
    spec["nodev"] = True
