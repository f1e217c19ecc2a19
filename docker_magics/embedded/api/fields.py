"""The kinds of values that the fields of a request's body may have.

dockerd refuses others while it decodes; here nothing behind this has to think of them.

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
_KINDS = {name: kind for kind, names in _FIELDS.items() for name in names.split()}
#: Those whose own fields are looked at too.
_NESTED = {"EndpointConfig", "HostConfig", "IPAM", "IPAMConfig", "NetworkingConfig"}
_PYTHON: dict[str, Any] = {
    "string": str,
    "bool": bool,
    "number": (int, float),
    "array": list,
    "object": dict,
}


def check(body: dict[str, Any], where: str = "") -> None:
    """Look at the fields that are known; null is always right.

    Raises:
        BadParameter: one has a value of another kind.
    """
    for name, value in body.items():
        wanted = _KINDS.get(name)
        if wanted is None or value is None:
            continue
        wrong = next((each for each in _parts(wanted, value) if not _is_a(*each)), None)
        if wrong is not None:
            kind, found = wrong
            raise BadParameter(
                f"invalid JSON: json: cannot unmarshal {_name(found)} into Go struct field"
                f" {where}.{name} of type {kind}"
            )
        if name in _NESTED:
            check(value, f"{where}.{name}".lstrip("."))


def _parts(wanted: str, value: Any) -> list[tuple[str, Any]]:
    """A value with its kind, and those in it."""
    if wanted == "[]string":
        inner = value if isinstance(value, list) else []
        return [("array", value), *(("string", each) for each in inner)]
    if wanted == "map[string]string":
        inner = list(value.values()) if isinstance(value, dict) else []
        return [("object", value), *(("string", each) for each in inner if each is not None)]
    return [(wanted, value)]


def _is_a(kind: str, value: Any) -> bool:
    is_bool = isinstance(value, bool)
    return isinstance(value, _PYTHON[kind]) and is_bool == (kind == "bool")


def _name(value: Any) -> str:
    return next((kind for kind in _PYTHON if _is_a(kind, value)), "null")
