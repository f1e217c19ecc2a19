"""Maps within the API's answers, in the order that Go writes them: by their keys.

Structures keep the order of their fields; what is a map is known by its name.

source: Go, encoding/json: Marshal.
"""

from __future__ import annotations

from typing import Any

_MAPS = frozenset(
    {"Annotations", "AuxiliaryAddresses", "Containers", "DriverOpts", "ExposedPorts", "Labels",
     "Networks", "Options", "PortBindings", "Ports", "StorageOpt", "Sysctls", "Tmpfs", "Volumes"}
)  # fmt: skip


def sort_maps(value: Any, name: str = "") -> Any:
    """An answer whose maps are sorted.

    Args:
        value: the answer, or a part of it.
        name: the field that it is in.
    """
    if isinstance(value, list):
        return [sort_maps(each) for each in value]
    if not isinstance(value, dict):
        return value
    keys = sorted(value) if name in _MAPS else value
    # the options of a log driver have the name that elsewhere is a structure's
    inner = "Options" if name == "LogConfig" else ""
    return {key: sort_maps(value[key], inner or key) for key in keys}
