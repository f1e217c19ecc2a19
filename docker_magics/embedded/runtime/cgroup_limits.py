"""Resource limits of containers as values of control group files.

source: Linux, Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst; opencontainers/runc,
libcontainer/cgroups.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from typing import NamedTuple, TypedDict

_PERIOD_US = 100_000
_MIN_SHARES, _MAX_SHARES = 2, 262144


class Resources(TypedDict):
    """The limits of a container, a part of the API's HostConfig. 0 and "" stand for no limit."""

    CpuPeriod: int
    CpuQuota: int
    CpuShares: int
    CpusetCpus: str
    CpusetMems: str
    Memory: int
    MemoryReservation: int
    MemorySwap: int
    NanoCpus: int
    PidsLimit: int | None


class Limit(NamedTuple):
    """A value of a controller's file."""

    controller: str
    file: str
    value: str


def v1(host: Resources) -> Iterator[Limit]:
    """Yield the limits as version 1 has them.

    Raises:
        OSError: the CPU shares are out of range.
    """
    _check_shares(host["CpuShares"])
    if host["Memory"]:
        yield Limit("memory", "memory.limit_in_bytes", str(host["Memory"]))
        yield Limit("memory", "memory.memsw.limit_in_bytes", str(host["MemorySwap"] or -1))
    if host["MemoryReservation"]:
        yield Limit("memory", "memory.soft_limit_in_bytes", str(host["MemoryReservation"]))
    if host["CpuShares"]:
        yield Limit("cpu", "cpu.shares", str(host["CpuShares"]))
    quota, period = _cpu_time(host)
    if quota or host["CpuPeriod"]:
        yield Limit("cpu", "cpu.cfs_period_us", str(period))
        yield Limit("cpu", "cpu.cfs_quota_us", str(quota or -1))
    yield Limit("pids", "pids.max", str(host["PidsLimit"] or "max"))


def v2(host: Resources) -> Iterator[Limit]:
    """Yield the limits as version 2 has them."""
    memory, with_swap = host["Memory"], host["MemorySwap"]
    if memory:
        yield Limit("memory", "memory.max", str(memory))
        yield Limit(
            "memory", "memory.swap.max", str(with_swap - memory) if with_swap > 0 else "max"
        )
    if host["MemoryReservation"]:
        yield Limit("memory", "memory.low", str(host["MemoryReservation"]))
    if host["CpuShares"]:
        weight = 1 + (host["CpuShares"] - 2) * 9999 // 262142  # as in runc
        yield Limit("cpu", "cpu.weight", str(max(1, weight)))
    quota, period = _cpu_time(host)
    if quota or host["CpuPeriod"]:
        yield Limit("cpu", "cpu.max", f"{quota or 'max'} {period}")
    yield Limit("pids", "pids.max", str(host["PidsLimit"] or "max"))


def _check_shares(shares: int) -> None:
    """Reject values that the kernel would clamp. source: runc, cgroups/fs/cpu.go."""
    if 0 < shares < _MIN_SHARES:
        raise OSError(errno.EINVAL, f"the minimum allowed cpu-shares is {_MIN_SHARES}")
    if shares > _MAX_SHARES:
        raise OSError(errno.EINVAL, f"the maximum allowed cpu-shares is {_MAX_SHARES}")


def _cpu_time(host: Resources) -> tuple[int, int]:
    """Return the quota and period of CPU time in microseconds; a quota of 0 is no limit."""
    if host["NanoCpus"]:
        return host["NanoCpus"] * _PERIOD_US // 1_000_000_000, _PERIOD_US
    return max(0, host["CpuQuota"]), host["CpuPeriod"] or _PERIOD_US
