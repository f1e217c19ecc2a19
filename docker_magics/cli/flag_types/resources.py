"""Resource limits and devices.

source: docker/go-units, ulimit.go; docker/cli, opts/weightdevice.go, opts/throttledevice.go,
opts/gpus.go, opts/parse.go and cli/command/container/opts.go.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable
from typing import Any

from docker_magics.wire import go

from .texts import csv_values, fields, mapping

_ULIMITS = re.compile(
    "core|cpu|data|fsize|locks|memlock|msgqueue|nice|nofile|nproc|rss|rtprio|rttime|sigpending|stack"
)


def ulimit(text: str) -> dict[str, Any]:
    """Return the API's Ulimit of `nofile=soft[:hard]`; -1 means unlimited."""
    name, equals, limits = text.partition("=")
    if not equals:
        raise ValueError(f"invalid ulimit argument: {text}")
    if not _ULIMITS.fullmatch(name):
        raise ValueError(f"invalid ulimit type: {name}")
    values = limits.split(":")
    if len(values) > 2:
        message = f"too many limit value arguments - {limits}, can only have up to two"
        raise ValueError(f"{message}, `soft[:hard]`")
    hard, soft = go.parse_int(values[-1]), go.parse_int(values[0])
    if hard != -1:
        order = "ulimit soft limit must be less than or equal to hard limit"
        if soft == -1:
            raise ValueError(f"{order}: soft: -1 (unlimited), hard: {hard}")
        if soft > hard:
            raise ValueError(f"{order}: {soft} > {hard}")
    return {"Name": name, "Hard": hard, "Soft": soft}


def by_name(limits: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the last limit of each name, sorted by name."""
    last = {limit["Name"]: limit for limit in limits}
    return [last[name] for name in sorted(last)]


def _device_value(text: str) -> tuple[str, str]:
    path, colon, value = text.partition(":")
    if not colon or not path:
        raise ValueError(f"bad format: {text}")
    if not path.startswith("/dev/"):
        raise ValueError(f"bad format for device path: {text}")
    return path, value


def weight_device(text: str) -> dict[str, Any]:
    """Return the API's WeightDevice of `/dev/sda:500`; weights are 0 or 10 to 1000."""
    path, value = _device_value(text)
    try:
        weight = go.parse_uint(value, bits=16)
    except ValueError:
        weight = -1
    if weight != 0 and not 10 <= weight <= 1000:
        raise ValueError(f"invalid weight for device: {text}")
    return {"Path": path, "Weight": weight}


def device_bytes(text: str) -> dict[str, Any]:
    """Return the API's ThrottleDevice of `/dev/sda:1mb`: bytes per second."""
    unit = ". Unit is optional and can be kb, mb, or gb"
    return _throttle(text, go.ram_in_bytes, "<device-path>:<number>[<unit>]", unit)


def device_operations(text: str) -> dict[str, Any]:
    """Return the API's ThrottleDevice of `/dev/sda:1000`: operations per second."""
    return _throttle(text, go.parse_uint, "<device-path>:<number>", "")


def _throttle(text: str, read: Callable[[str], int], form: str, unit: str) -> dict[str, Any]:
    path, value = _device_value(text)
    try:
        return {"Path": path, "Rate": read(value)}
    except ValueError:
        rule = f"The correct format is {form}. Number must be a positive integer{unit}"
        raise ValueError(f"invalid rate for device: {text}. {rule}") from None


def cgroup_rule(text: str) -> str:
    """Check a device cgroup rule such as `c 42:* rmw`."""
    if not re.fullmatch(r"[acb] ([0-9]+|\*):([0-9]+|\*) [rwm]{1,3}", text):
        raise ValueError(f"invalid device cgroup format '{text}'")
    return text


_CDI_NAME = re.compile(
    r"[A-Za-z](?:[\w.-]*[A-Za-z0-9])?/[A-Za-z](?:[\w.-]*[A-Za-z0-9])?"
    r"=[A-Za-z0-9](?:[\w.:-]*[A-Za-z0-9])?",
    re.ASCII,
)


def is_cdi_device(text: str) -> bool:
    """Whether a text is a CDI (Container Device Interface) name: `vendor.com/class=name`."""
    return bool(_CDI_NAME.fullmatch(text))


def device(text: str) -> dict[str, str]:
    """Return the API's DeviceMapping of `/dev/x[:/dev/y][:rwm]`."""
    parts = text.split(":")
    if len(parts) > 3 or not parts[0]:
        raise ValueError(f"bad format for path: {text}")
    mode = parts.pop() if len(parts) == 3 or (len(parts) == 2 and _is_mode(parts[1])) else "rwm"
    if not _is_mode(mode):
        raise ValueError(f"bad mode specified: {mode}")
    source, target = parts[0], parts[-1]
    if not target.startswith("/"):
        raise ValueError(f"{target} is not an absolute path")
    if text.count(":") < 2:
        target = posixpath.normpath(target)
    return {
        "PathOnHost": source if len(parts) == 2 else target,
        "PathInContainer": target,
        "CgroupPermissions": mode,
    }


def _is_mode(text: str) -> bool:
    return bool(text) and set(text) <= set("rwm") and len(set(text)) == len(text)


def gpus(text: str) -> dict[str, Any]:
    """Return the API's DeviceRequest of `all`, `2`, or `device=0,capabilities=utility`."""
    request: dict[str, Any] = {"Capabilities": [["gpu"]]}
    seen: set[str] = set()
    for field in fields(text):
        key, equals, value = field.partition("=")
        if key in seen:
            raise ValueError(f"gpu request key '{key}' can be specified only once")
        seen.add(key)
        if not equals:
            seen.add("count")
            request["Count"] = _count(key)
        else:
            request |= _gpu_field(key, value, field)
    if "count" not in seen and "DeviceIDs" not in request:
        request["Count"] = 1
    return request


def _gpu_field(key: str, value: str, field: str) -> dict[str, Any]:
    match key:
        case "driver":
            return {"Driver": value}
        case "count":
            return {"Count": _count(value)}
        case "device":
            return {"DeviceIDs": value.split(",")}
        case "capabilities":
            return {"Capabilities": [[*value.split(","), "gpu"]]}
        case "options":
            return {"Options": mapping(csv_values(value))}
    raise ValueError(f"unexpected key '{key}' in '{field}'")


def _count(text: str) -> int:
    if text == "all":
        return -1
    try:
        return go.parse_int(text)
    except ValueError as error:
        reason = str(error).rpartition(": ")[2]
        message = f'invalid count ({text}): value must be either "all" or an integer: {reason}'
        raise ValueError(message) from None


def restart_policy(text: str) -> dict[str, Any]:
    """Return the API's RestartPolicy of `on-failure:3`."""
    if not text:
        return {}
    name, colon, count = text.partition(":")
    if colon and not name:
        raise ValueError("invalid restart policy format: no policy provided before colon")
    try:
        retries = go.parse_int(count) if count else 0
    except ValueError:
        message = "invalid restart policy format: maximum retry count must be an integer"
        raise ValueError(message) from None
    return {"Name": name, "MaximumRetryCount": retries}


_SYSCTLS = frozenset(
    f"kernel.{name}"
    for name in (
        "msgmax",
        "msgmnb",
        "msgmni",
        "sem",
        "shmall",
        "shmmax",
        "shmmni",
        "shm_rmid_forced",
    )
)


def sysctl(text: str) -> str:
    """Check `net.core.somaxconn=1024`: only namespaced sysctls are allowed."""
    name, equals, _ = text.partition("=")
    if not equals or not (name in _SYSCTLS or name.startswith(("net.", "fs.mqueue."))):
        raise ValueError(f"sysctl '{text}' is not allowed")
    return text
