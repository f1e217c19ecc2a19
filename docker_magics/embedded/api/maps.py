"""Sorts the maps of the API's answers by key, as Go does.

Structs keep the order of their fields. Maps are recognized by the name of their field.

source: Go, encoding/json: Marshal.
"""

from __future__ import annotations

from typing import Any

_MAPS = frozenset(
    {"Annotations", "AuxiliaryAddresses", "Containers", "DriverOpts", "ExposedPorts", "Labels",
     "Networks", "Options", "PortBindings", "Ports", "StorageOpt", "Sysctls", "Tmpfs", "Volumes"}
)  # fmt: skip


def sort_maps(value: Any, name: str = "") -> Any:
    """Return an answer with its maps sorted.

    Args:
        value: the answer, or a part of it.
        name: the field that it is in.
    """
    if isinstance(value, list):
        return [sort_maps(item) for item in value]
    if not isinstance(value, dict):
        return value
    keys = sorted(value) if name in _MAPS else value
    # LogConfig.Config is a map; elsewhere, Config is a struct
    inner = "Options" if name == "LogConfig" else ""
    return {key: sort_maps(value[key], inner or key) for key in keys}
