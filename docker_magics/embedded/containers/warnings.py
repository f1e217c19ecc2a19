"""What a new container, or an update, asks for and will not get.

source: moby daemon/daemon_unix.go: verifyPlatformContainerResources.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..images.platforms import Platform, host_platform

if TYPE_CHECKING:
    from ..engine import Engine
    from ..records.container import Container

_DISCARDED = "Your kernel does not support {} or the cgroup is not mounted. {} discarded."
NO_WEIGHT = _DISCARDED.format("Block I/O weight", "Weight")
KERNEL_MEMORY = (
    "Specifying a kernel memory limit is deprecated and will be removed in a future release."
)
_LIMITS = ("Memory", "NanoCpus", "CpuQuota", "CpuShares", "PidsLimit")


def discard(container: Container, engine: Engine, platform: Platform | None = None) -> list[str]:
    """Forget what has no effect here, and say so; `platform` is one that was asked for."""
    host = container.host_config
    found = []
    if platform is None and container.record["Image"]:
        found += _foreign(engine.images.get(container.record["Image"]).platform)
    if any(host[each] for each in _LIMITS) and not engine.cgroups.has("memory"):
        found.append(
            "This engine enforces no limits: memory, CPU and pids limits are kept in mind only."
        )
    if (host["CpusetCpus"] or host["CpusetMems"]) and not engine.cgroups.has("cpuset"):
        found.append(_DISCARDED.format("cpuset", "Cpuset"))
    if host["OomKillDisable"] and not host["Memory"]:
        found.append(
            "OOM killer is disabled for the container, but no memory limit is set, this can result"
            " in the system running out of resources."
        )
    if host["BlkioWeight"]:
        found.append(NO_WEIGHT)
    if host["BlkioWeightDevice"]:
        found.append(_DISCARDED.format("Block I/O weight_device", "Weight-device"))
    host |= {"BlkioWeight": 0, "BlkioWeightDevice": []}
    if host["NetworkMode"] == "host" and host["PortBindings"]:
        found.append("Published ports are discarded when using host network mode")
    return found


def _foreign(platform: Platform) -> list[str]:
    """What is said of an image for another kind of machine."""
    here = host_platform()
    if here.runs(platform):
        return []
    said = f"The requested image's platform ({platform}) does not match the detected host platform"
    return [f"{said} ({here}) and no specific platform was requested"]
