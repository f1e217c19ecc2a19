"""Checks the types of the fields of a request's body.

dockerd rejects wrong types while it decodes JSON. After this check, no handler meets them.

source: Engine API, ContainerConfig, HostConfig, Resources, NetworkCreateRequest, ExecConfig.
"""

from __future__ import annotations

from typing import Any

from ..errors import BadParameter

_FIELDS = {
    "string": (
        "CgroupParent CgroupnsMode Container DetachKeys Domainname Driver Hostname IPv4Address"
        " IPv6Address Image IpcMode Isolation MacAddress Name NetworkMode PidMode Runtime"
        " StopSignal UTSMode User UsernsMode"
        " VolumeDriver WorkingDir"
    ),
    "number": (
        "BlkioWeight CpuPeriod CpuQuota CpuShares Memory MemoryReservation MemorySwap NanoCpus"
        " OomScoreAdj PidsLimit ShmSize StopTimeout"
    ),
    "bool": (
        "AttachStderr AttachStdin AttachStdout AutoRemove Detach Init Internal OpenStdin Privileged"
        " PublishAllPorts ReadonlyRootfs StdinOnce Tty"
    ),
    "array": "DeviceRequests Devices Mounts Ulimits",
    "[]string": (
        "Aliases Binds CapAdd CapDrop Dns DnsOptions DnsSearch Env ExtraHosts GroupAdd Links"
        " MaskedPaths OnBuild ReadonlyPaths SecurityOpt Shell VolumesFrom"
    ),
    "object": (
        "ConfigFrom EndpointConfig EndpointsConfig ExposedPorts Healthcheck HostConfig IPAM"
        " IPAMConfig LogConfig NetworkingConfig PortBindings RestartPolicy Volumes"
    ),
    "map[string]string": "DriverOpts Labels Options Sysctls Tmpfs",
}
_TYPES = {name: type_ for type_, names in _FIELDS.items() for name in names.split()}
#: Objects whose fields are checked too.
_NESTED = {"EndpointConfig", "HostConfig", "IPAM", "IPAMConfig", "NetworkingConfig"}
_PYTHON: dict[str, Any] = {
    "string": str,
    "bool": bool,
    "number": (int, float),
    "array": list,
    "object": dict,
}


def check(body: dict[str, Any], where: str = "") -> None:
    """Check the types of known fields. Every field may be null.

    Args:
        body: the body, or an object in it.
        where: the path of that object, such as `HostConfig`.

    Raises:
        BadParameter: a field has a value of another type; the message is that of Go's decoder.
    """
    for name, value in body.items():
        type_ = _TYPES.get(name)
        if type_ is None or value is None:
            continue
        for part_type, part in _parts(type_, value):
            if not _is_a(part_type, part):
                raise BadParameter(
                    f"invalid JSON: json: cannot unmarshal {_type_name(part)} into Go struct field"
                    f" {where}.{name} of type {part_type}"
                )
        if name in _NESTED:
            check(value, f"{where}.{name}".lstrip("."))


def _parts(type_: str, value: Any) -> list[tuple[str, Any]]:
    """Return a value and the values in it, each with the type that it must have."""
    if type_ == "[]string":
        items = value if isinstance(value, list) else []
        return [("array", value), *(("string", item) for item in items)]
    if type_ == "map[string]string":
        items = list(value.values()) if isinstance(value, dict) else []
        return [("object", value), *(("string", item) for item in items if item is not None)]
    return [(type_, value)]


def _is_a(type_: str, value: Any) -> bool:
    is_bool = isinstance(value, bool)  # which Python takes for a number
    return isinstance(value, _PYTHON[type_]) and is_bool == (type_ == "bool")


def _type_name(value: Any) -> str:
    return next((type_ for type_ in _PYTHON if _is_a(type_, value)), "null")
