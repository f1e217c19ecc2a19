"""What Go's types say of the objects that `inspect` shows, and JSON does not.

source: moby, api/types/container, api/types/network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

#: Fields that the engine leaves out where they are empty, and their zeros: the CLI knows of them
#: all the same.
OPTIONAL: dict[str, Any] = {
    **dict.fromkeys(("Health", "Healthcheck", "Init", "SizeRootFs", "SizeRw", "StopTimeout")),
    **dict.fromkeys(("Annotations", "Mounts", "Shell", "StorageOpt", "Sysctls", "Tmpfs")),
    **dict.fromkeys(("MacAddress", "StopSignal"), ""),
}

#: Fields that Go calls otherwise than JSON does: templates may use either name.
_RENAMED = {
    "ID": "Id",
    "HostIP": "HostIp",
    "NanoCPUs": "NanoCpus",
    **{f"CPU{name}": f"Cpu{name}" for name in ("Count", "Percent", "Period", "Quota", "Shares")},
    **{f"CPURealtime{name}": f"CpuRealtime{name}" for name in ("Period", "Runtime")},
    **{f"DNS{name}": f"Dns{name}" for name in ("", "Options", "Search")},
}
#: Structs inside others, whose fields JSON does not set apart.
_EMBEDDED = {
    *("ContainerJSONBase", "DefaultNetworkSettings", "NetworkSettingsBase", "Resources"),
}

#: Structs by their fields: they print without names, and without those that the JSON leaves out.
_STRUCTS = (
    ("HostIp", "HostPort"),
    ("Name", "MaximumRetryCount"),
    ("Type", "Config"),
    ("Type", "Name", "Source", "Destination", "Driver", "Mode", "RW", "Propagation"),
)
#: Fields that are maps: a key that they have not is no error.
MAPS = {
    *("Annotations", "DriverOpts", "ExposedPorts", "Labels", "Networks", "Options"),
    *("PortBindings", "Ports", "StorageOpt", "Sysctls", "Tmpfs", "Volumes"),
}
_LISTS = {
    *("Aliases", "Args", "Binds", "CapAdd", "CapDrop", "Cmd", "DeviceCgroupRules"),
    *("DeviceRequests", "Devices", "Dns", "DnsOptions", "DnsSearch", "Entrypoint", "Env"),
    *("ExecIDs", "ExtraHosts", "GroupAdd", "Links", "MaskedPaths", "Mounts", "OnBuild"),
    *("ReadonlyPaths", "RepoDigests", "RepoTags", "SecurityOpt", "Shell", "Ulimits"),
    "VolumesFrom",
}
_POINTERS = {
    *("Health", "Healthcheck", "Init", "IPAMConfig", "MemorySwappiness", "OomKillDisable"),
    *("PidsLimit", "Platform", "SizeRootFs", "SizeRw", "StopTimeout"),
    *("Containerd", "FirewallBackend"),
}


def with_go_name(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Where the field that Go calls so is to be found: `{name: it}`; empty if there is none."""
    if name in value:
        return value
    if name in _EMBEDDED:
        return {name: value}
    known = _RENAMED.get(name, name)
    return {name: value[known]} if known in value else {}


def struct_fields(value: Mapping[str, Any]) -> Sequence[str]:
    """The fields of the struct that a mapping is; none where it is a map."""
    for fields in _STRUCTS:
        if value.keys() <= set(fields) and set(fields[-2:]) <= value.keys():
            return fields
    return ()


def go_nil(name: str) -> str:
    """How Go prints a field of that name which has nothing; "" where its type is not known."""
    if name in _LISTS:
        return "[]"
    if name in MAPS:
        return "map[]"
    return "<nil>" if name in _POINTERS else ""
