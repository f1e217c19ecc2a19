"""What a new container, or an update, asks for and will not get.

source: moby daemon/daemon_unix.go: verifyPlatformContainerResources.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..engine import Engine
    from .container import Container

_DISCARDED = "Your kernel does not support {} or the cgroup is not mounted. {} discarded."
NO_WEIGHT = _DISCARDED.format("Block I/O weight", "Weight")
KERNEL_MEMORY = (
    "Specifying a kernel memory limit is deprecated and will be removed in a future release."
)
_LIMITS = ("Memory", "NanoCpus", "CpuQuota", "CpuShares", "PidsLimit")


def discard(container: Container, engine: Engine) -> list[str]:
    """Forget what has no effect here, and say so."""
    host = container.host_config
    found = []
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
