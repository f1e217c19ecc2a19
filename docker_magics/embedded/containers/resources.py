"""Checks of the limits in a HostConfig.

source: moby daemon/daemon_unix.go: verifyPlatformContainerResources.
"""

from __future__ import annotations

import os

from ..errors import BadParameter
from ..records.host_config import HostConfig

_MIN_MEMORY = 6 * 1024 * 1024


def check(host_config: HostConfig) -> None:
    """Check the limits of memory, CPU and processes, and fill in those that others imply.

    Raises:
        BadParameter: a limit is invalid.
    """
    _check_memory(host_config)
    _check_cpus(host_config)
    score = host_config["OomScoreAdj"]
    if not -1000 <= score <= 1000:
        raise BadParameter(f"Invalid value {score}, range for oom score adj is [-1000, 1000]")
    if host_config["ShmSize"] < 0:
        raise BadParameter("SHM size can not be less than 0")
    if host_config["MemorySwappiness"] == -1:
        host_config["MemorySwappiness"] = None
    if (host_config["PidsLimit"] or 0) <= 0:
        host_config["PidsLimit"] = None
    if host_config["Memory"] and not host_config["MemorySwap"]:
        host_config["MemorySwap"] = host_config["Memory"] * 2


def _check_memory(host_config: HostConfig) -> None:
    memory, swap = host_config["Memory"], host_config["MemorySwap"]
    reservation, swappiness = host_config["MemoryReservation"], host_config["MemorySwappiness"]
    if 0 < memory < _MIN_MEMORY:
        raise BadParameter("Minimum memory limit allowed is 6MB")
    if memory and 0 < swap < memory:
        raise BadParameter("Minimum memoryswap limit should be larger than memory limit, see usage")
    if not memory and swap > 0:
        raise BadParameter(
            "You should always set the Memory limit when using Memoryswap limit, see usage"
        )
    if swappiness is not None and not -1 <= swappiness <= 100:
        raise BadParameter(f"Invalid value: {swappiness}, valid memory swappiness range is 0-100")
    if 0 < reservation < _MIN_MEMORY:
        raise BadParameter("Minimum memory reservation allowed is 6MB")
    if reservation and memory and memory < reservation:
        raise BadParameter(
            "Minimum memory limit can not be less than memory reservation limit, see usage"
        )


def _check_cpus(host_config: HostConfig) -> None:
    nano, period = host_config["NanoCpus"], host_config["CpuPeriod"]
    quota = host_config["CpuQuota"]
    for value, name in ((period, "Period"), (quota, "Quota")):
        if nano > 0 and value > 0:
            raise BadParameter(f"Conflicting options: Nano CPUs and CPU {name} cannot both be set")
    count = os.cpu_count() or 1
    if not 0 <= nano <= count * 1_000_000_000:
        raise BadParameter(f"range of CPUs is from 0.01 to {count}.00, as there are only {count} CPUs available")  # fmt: skip  # noqa: E501
    if period and not 1000 <= period <= 1_000_000:
        raise BadParameter("CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)")  # fmt: skip  # noqa: E501
    if 0 < quota < 1000:
        raise BadParameter("CPU cfs quota can not be less than 1ms (i.e. 1000)")
    _check_set(host_config["CpusetCpus"], "cpus", "CPUs", count)
    _check_set(host_config["CpusetMems"], "mems", "memory nodes", 1)


def _check_set(text: str, name: str, noun: str, count: int) -> None:
    """Check a list of CPUs or memory nodes such as `0-1,3`, of which `count` exist."""
    highest = -1
    for part in filter(None, text.split(",")):
        first, dash, last = part.partition("-")
        if not first.isdigit() or (dash and not last.isdigit()) or int(last or first) < int(first):
            raise BadParameter(f"Invalid value {text} for cpuset {name}: invalid format: {text}")
        highest = max(highest, int(last or first))
    if highest >= count:
        available = f"0-{count - 1}" if count > 1 else "0"
        raise BadParameter(f"Requested {noun} are not available - requested {text}, available: {available}")  # fmt: skip  # noqa: E501
