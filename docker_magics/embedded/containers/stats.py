"""The resources that a container uses.

source: Engine API, ContainerStats; moby daemon/stats.go, daemon/stats_unix.go.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

from .. import clock
from ..records.container import Container
from ..runtime import proc
from ..runtime.cgroup import Cgroups
from ..runtime.supervisor import Supervisor

#: Seconds between two samples.
_INTERVAL_S = 1
#: Fields of BlkioStats without values here.
_NO_BLOCK_IO = (
    "io_serviced_recursive", "io_queue_recursive", "io_service_time_recursive",
    "io_wait_time_recursive", "io_merged_recursive", "io_time_recursive", "sectors_recursive",
)  # fmt: skip

#: The API's ContainerStatsResponse; bytes and nanoseconds.
Sample = dict[str, Any]


class ContainerStats:
    """Samples what containers use.

    Args:
        supervisor: knows the processes.
        cgroups: measure usage, if the engine has control groups; /proc does otherwise.
    """

    def __init__(self, supervisor: Supervisor, cgroups: Cgroups) -> None:
        self._supervisor = supervisor
        self._cgroups = cgroups

    def single(self, container: Container, *, one_shot: bool) -> Sample:
        """Return one sample.

        Args:
            container: the container.
            one_shot: whether to answer at once; otherwise a second sample is taken a second
                later, as clients compute shares of the CPU from two.
        """
        before = self._sample(container)
        if one_shot or container.process is None:
            return with_previous(before, None)
        time.sleep(_INTERVAL_S)
        return with_previous(self._sample(container), before)

    def stream(self, container: Container) -> Iterator[Sample | None]:
        """Yield a sample each second until the container is removed, and None after each one."""
        before = None
        while not container.removed:
            sample = self._sample(container)
            yield with_previous(sample, before)
            before = sample
            yield None  # the server looks whether the client is still connected
            time.sleep(_INTERVAL_S)

    def _sample(self, container: Container) -> Sample:
        process = container.process
        if process is None:
            return stopped_sample(container)
        usage = proc.usage(self._supervisor.processes(process))
        usage |= self._cgroups.usage(container.id)
        has_network = container.host_config["NetworkMode"] not in {"host", "none"}
        networks = {"networks": proc.interface_counters(process.pid)} if has_network else {}
        return running_sample(container, usage) | networks


def with_previous(sample: Sample, before: Sample | None) -> Sample:
    """Return a sample with the CPU statistics of the one before; empty ones for None."""
    if before is None:
        return sample | {"precpu_stats": _no_cpu(), "preread": clock.ZERO}
    return sample | {"precpu_stats": before["cpu_stats"], "preread": before["read"]}


def stopped_sample(container: Container) -> Sample:
    """Return the sample of a container that does not run."""
    return {
        "name": f"/{container.name}",
        "id": container.id,
        "cpu_stats": _no_cpu(),
        "memory_stats": {},
        "pids_stats": {},
        "blkio_stats": {},
        "read": clock.ZERO,
        "num_procs": 0,
        "storage_stats": {},
    }


def running_sample(container: Container, usage: dict[str, Any]) -> Sample:
    """Return the sample of a running container.

    Args:
        container: has the limits.
        usage: of `proc.usage`, updated by that of `Cgroups.usage`.
    """
    memory = usage.get("memory_stats") or {"usage": usage["memory"], "stats": {}}
    limit = container.host_config["Memory"] or proc.memory_total()
    pids_limit = container.host_config["PidsLimit"] or 0
    return {
        "name": f"/{container.name}",
        "id": container.id,
        "read": clock.stamp(),
        "num_procs": 0,
        "storage_stats": {},
        "pids_stats": {"current": usage["pids"], "limit": pids_limit},
        "memory_stats": memory | {"limit": limit},
        "blkio_stats": _block_io(usage),
        "cpu_stats": {
            "cpu_usage": {
                "total_usage": usage["cpu_ns"],
                "usage_in_kernelmode": usage["system_ns"],
                "usage_in_usermode": usage["user_ns"],
            },
            "system_cpu_usage": proc.system_cpu_ns(),
            "online_cpus": os.cpu_count() or 1,
            "throttling_data": usage.get("throttling") or _no_cpu()["throttling_data"],
        },
    }


def _no_cpu() -> dict[str, Any]:
    return {
        "cpu_usage": {"total_usage": 0, "usage_in_kernelmode": 0, "usage_in_usermode": 0},
        "throttling_data": {"periods": 0, "throttled_periods": 0, "throttled_time": 0},
    }


def _block_io(usage: dict[str, Any]) -> dict[str, Any]:
    entries = [
        {"major": 0, "minor": 0, "op": name, "value": usage[name]} for name in ("read", "write")
    ]
    return {"io_service_bytes_recursive": entries, **dict.fromkeys(_NO_BLOCK_IO)}
