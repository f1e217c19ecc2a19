"""Warnings about options of a new or updated container that have no effect here.

source: moby daemon/daemon_unix.go: verifyPlatformContainerResources.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..images.platforms import Platform, host_platform
from ..records.host_config import HostConfig
from ..runtime.cgroup import Cgroups

_DISCARDED = "Your kernel does not support {} or the cgroup is not mounted. {} discarded."
NO_WEIGHT = _DISCARDED.format("Block I/O weight", "Weight")
KERNEL_MEMORY = (
    "Specifying a kernel memory limit is deprecated and will be removed in a future release."
)


def of_host_config(host_config: HostConfig, cgroups: Cgroups) -> Iterator[str]:
    """Yield the warnings about a new container's HostConfig."""
    limits = (
        host_config["Memory"],
        host_config["NanoCpus"],
        host_config["CpuQuota"],
        host_config["CpuShares"],
        host_config["PidsLimit"],
    )
    if any(limits) and not cgroups.has("memory"):
        yield (
            "This engine enforces no limits: CPU and pids limits are only recorded; a container"
            " above its memory limit is killed."
        )
    if (host_config["CpusetCpus"] or host_config["CpusetMems"]) and not cgroups.has("cpuset"):
        yield _DISCARDED.format("cpuset", "Cpuset")
    access = {device.get("CgroupPermissions") for device in host_config["Devices"] or []}
    if access - {"rwm"} and not cgroups.has("devices"):
        yield "This engine does not limit devices: they can be read and written."
    if host_config["OomKillDisable"] and not host_config["Memory"]:
        yield (
            "OOM killer is disabled for the container, but no memory limit is set, this can result"
            " in the system running out of resources."
        )
    if host_config["BlkioWeight"]:
        yield NO_WEIGHT
    if host_config["BlkioWeightDevice"]:
        yield _DISCARDED.format("Block I/O weight_device", "Weight-device")
    if host_config["NetworkMode"] == "host" and host_config["PortBindings"]:
        yield "Published ports are discarded when using host network mode"


def of_volume_driver(host_config: HostConfig, version: tuple[int, int]) -> Iterator[str]:
    """Yield the warning about a VolumeDriver that has no effect on the volumes of Mounts.

    Before API 1.48, clients warned.

    source: moby api/server/router/container/container_routes.go: handleVolumeDriverBC.
    """
    drivers = [
        ((mount.get("VolumeOptions") or {}).get("DriverConfig") or {}).get("Name")
        for mount in host_config.get("Mounts") or []
        if mount.get("Type") == "volume"
    ]
    if version >= (1, 48) and host_config["VolumeDriver"] and not all(drivers):
        yield (
            "WARNING: the container-wide volume-driver configuration is ignored for volumes"
            " specified via 'mount'. Use '--mount type=volume,volume-driver=...' instead"
        )


def discard_unsupported(host_config: HostConfig) -> None:
    """Reset the options that `of_host_config` calls discarded."""
    host_config["BlkioWeight"] = 0
    host_config["BlkioWeightDevice"] = []


def of_platform(platform: Platform) -> Iterator[str]:
    """Yield the warning about an image for another platform than the host's."""
    host = host_platform()
    if not host.runs(platform):
        yield (
            f"The requested image's platform ({platform}) does not match the detected host"
            f" platform ({host}) and no specific platform was requested"
        )
