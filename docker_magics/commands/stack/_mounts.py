"""The mounts of a stack's service.

source: docker/cli, cli/compose/convert/volume.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docker_magics.errors import UsageError

from ._model import StackModel


def mount(model: StackModel, volume: Mapping[str, Any]) -> dict[str, Any]:
    """Return the API's Mount of a service's volume.

    Raises:
        UsageError: swarms do not have its type.
    """
    result = {
        "Type": volume["type"],
        "Source": volume.get("source", ""),
        "Target": volume["target"],
        "ReadOnly": volume.get("read_only", False),
        "Consistency": volume.get("consistency", ""),
    }
    match volume["type"]:
        case "volume":
            return result | _volume(model, volume)
        case "bind":
            bind = volume.get("bind") or {}
            return result | {"BindOptions": {"Propagation": bind.get("propagation", "")}}
        case "tmpfs":
            size = (volume.get("tmpfs") or {}).get("size")
            return result | ({"TmpfsOptions": {"SizeBytes": int(size)}} if size else {})
        case "image":
            subpath = (volume.get("image") or {}).get("subpath", "")
            return result | ({"ImageOptions": {"Subpath": subpath}} if subpath else {})
        case "npipe":
            return result
        case "cluster":
            name = model.name_of("volumes", result["Source"])
            source = result["Source"] if result["Source"].startswith("group:") else name
            return result | {"Source": source, "ClusterOptions": {}}
    raise UsageError("volume type must be volume, bind, tmpfs, npipe, or cluster")


def _volume(model: StackModel, volume: Mapping[str, Any]) -> dict[str, Any]:
    """Return the source and options of a named volume; {} for an anonymous one."""
    key = volume.get("source", "")
    if not key:
        return {}
    given = volume.get("volume") or {}
    settings = model.part("volumes").get(key, {})
    options = {"NoCopy": given.get("nocopy", False), "Subpath": given.get("subpath", "")}
    if not settings.get("external"):
        options["Labels"] = model.labels(settings.get("labels"))
        if settings.get("driver") or settings.get("driver_opts"):
            driver = {"Name": settings.get("driver", ""), "Options": settings.get("driver_opts")}
            options["DriverConfig"] = driver
    return {"Source": model.name_of("volumes", key), "VolumeOptions": options}
