"""The disk usage of images, containers, volumes and build cache, from any API version.

source: Engine API, SystemDataUsage; moby, client/system_disk_usage.go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docker_magics.engine.client import Engine

#: The API version whose response has totals instead of all objects.
_WITH_TOTALS = "1.52"


@dataclass(frozen=True)
class DiskUsage:
    """The disk usage of one type of object; sizes in bytes.

    Attributes:
        total, active: the number of objects, and of those in use.
        reclaimable: the bytes that a prune would free.
        items: the API objects.
    """

    total: int
    active: int
    size: int
    reclaimable: int
    items: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class DiskUsages:
    """The disk usage of each type of object."""

    images: DiskUsage
    containers: DiskUsage
    volumes: DiskUsage
    build_cache: DiskUsage


def disk_usages(engine: Engine, *, items: bool) -> DiskUsages:
    """Return the engine's disk usage.

    Args:
        engine: the engine.
        items: whether to ask for the objects too, which only new engines leave out.
    """
    usage = engine.get("/system/df", {"verbose": items})
    if engine.supports(_WITH_TOTALS):
        kinds = ("Image", "Container", "Volume", "BuildCache")
        return DiskUsages(*(_reported(usage.get(f"{kind}Usage") or {}) for kind in kinds))
    return summed_up(usage)


def summed_up(usage: Mapping[str, Any]) -> DiskUsages:
    """Return the totals of an older engine's response, which has the objects only."""
    return DiskUsages(
        _of_images(usage.get("Images") or [], usage.get("LayersSize") or 0),
        _of_containers(usage.get("Containers") or []),
        _of_volumes(usage.get("Volumes") or []),
        _of_cache(usage.get("BuildCache") or []),
    )


def _reported(usage: Mapping[str, Any]) -> DiskUsage:
    return DiskUsage(
        usage.get("TotalCount", 0),
        usage.get("ActiveCount", 0),
        usage.get("TotalSize", 0),
        usage.get("Reclaimable", 0),
        usage.get("Items") or [],
    )


def _of_images(images: Sequence[Mapping[str, Any]], size: int) -> DiskUsage:
    active = sum(image.get("Containers", 0) > 0 for image in images)
    unused = [image for image in images if image.get("Containers", 0) == 0]
    known = [image for image in unused if image["Size"] != -1 and image["SharedSize"] != -1]
    reclaimable = sum(image["Size"] - image["SharedSize"] for image in known)
    return DiskUsage(len(images), active, size, reclaimable, images)


def _of_containers(containers: Sequence[Mapping[str, Any]]) -> DiskUsage:
    size = sum(container.get("SizeRw") or 0 for container in containers)
    active = [
        container
        for container in containers
        if container["State"] in {"running", "paused", "restarting"}
    ]
    used = sum(container.get("SizeRw") or 0 for container in active)
    return DiskUsage(len(containers), len(active), size, size - used, containers)


def _of_volumes(volumes: Sequence[Mapping[str, Any]]) -> DiskUsage:
    usages = [volume["UsageData"] for volume in volumes if volume.get("UsageData")]
    size = sum(max(volume["Size"], 0) for volume in usages)
    active = [volume for volume in usages if volume["RefCount"] > 0]
    used = sum(max(volume["Size"], 0) for volume in active)
    return DiskUsage(len(volumes), len(active), size, size - used, volumes)


def _of_cache(entries: Sequence[Mapping[str, Any]]) -> DiskUsage:
    own = [entry for entry in entries if not entry.get("Shared")]
    size = sum(entry["Size"] for entry in own)
    used = sum(entry["Size"] for entry in own if entry.get("InUse"))
    active = sum(bool(entry.get("InUse")) for entry in entries)
    return DiskUsage(len(entries), active, size, size - used, entries)
