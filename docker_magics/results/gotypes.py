"""The Go types behind the JSON of `inspect`, as far as templates depend on them.

source: moby, api/types/container, api/types/network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

#: Fields that the engine omits if they are empty, with their zero values. The CLI's Go structs
#: have them all the same.
OPTIONAL: dict[str, Any] = {
    **dict.fromkeys(("Health", "Healthcheck", "Init", "SizeRootFs", "SizeRw", "StopTimeout")),
    **dict.fromkeys(("Annotations", "Mounts", "Shell", "StorageOpt", "Sysctls", "Tmpfs")),
    **dict.fromkeys(("MacAddress", "StopSignal"), ""),
}

#: Go field name -> JSON field name, where they differ; templates may use either.
_RENAMED = {
    "ID": "Id",
    "MediaType": "mediaType",
    "Digest": "digest",
    "Size": "size",
    "HostIP": "HostIp",
    "NanoCPUs": "NanoCpus",
    **{f"CPU{name}": f"Cpu{name}" for name in ("Count", "Percent", "Period", "Quota", "Shares")},
    **{f"CPURealtime{name}": f"CpuRealtime{name}" for name in ("Period", "Runtime")},
    **{f"DNS{name}": f"Dns{name}" for name in ("", "Options", "Search")},
}
#: Embedded structs, whose fields JSON merges into the outer object.
_EMBEDDED = {"Resources"}

#: The fields of structs, which print their values without names.
_STRUCTS = (
    ("HostIp", "HostPort"),
    ("Name", "MaximumRetryCount"),
    ("Type", "Config"),
    ("Type", "Name", "Source", "Destination", "Driver", "Mode", "RW", "Propagation"),
)
#: Texts of empty fields that are not texts in Go: addresses are a netip.Addr.
EMPTY_TEXTS = {"HostIp": "invalid IP"}
#: Fields that are maps: a missing key is not an error.
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
    """Return a mapping in which the Go field `name` is a key; an empty one if it is unknown."""
    if name in value:
        return value
    if name in _EMBEDDED:
        return {name: value}
    json_name = _RENAMED.get(name, name)
    return {name: value[json_name]} if json_name in value else {}


def struct_fields(value: Mapping[str, Any]) -> Sequence[str]:
    """Return the fields of the Go struct that a mapping represents; () for a Go map."""
    for fields in _STRUCTS:
        if value.keys() <= set(fields) and set(fields[-2:]) <= value.keys():
            return fields
    return ()


def go_nil(name: str) -> str:
    """Return how Go prints a nil field of that name; "" if its type is unknown."""
    if name in _LISTS:
        return "[]"
    if name in MAPS:
        return "map[]"
    return "<nil>" if name in _POINTERS else ""
