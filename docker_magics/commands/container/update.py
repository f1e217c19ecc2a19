"""docker update: change the resource limits of containers."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import Command, flag, operands
from docker_magics.cli.flag_types import SIZE_OR_UNLIMITED
from docker_magics.cli.flag_types.resources import restart_policy
from docker_magics.commands import _flags
from docker_magics.commands._batch import for_each
from docker_magics.engine.client import Engine, path
from docker_magics.errors import UsageError
from docker_magics.results.text import Lines


class ContainerUpdate(Command):
    """Update configuration of one or more containers"""

    usage = "[OPTIONS] CONTAINER [CONTAINER...]"
    aliases = ("update",)

    blkio_weight: int | None = flag(
        "--blkio-weight uint16",
        "Block IO (relative weight), between 10 and 1000, or 0 to disable (default 0)",
        default=None,
    )
    cpu_period: int | None = flag(
        "--cpu-period int", "Limit CPU CFS (Completely Fair Scheduler) period", default=None
    )
    cpu_quota: int | None = flag(
        "--cpu-quota int", "Limit CPU CFS (Completely Fair Scheduler) quota", default=None
    )
    cpu_rt_period: int | None = flag(
        "--cpu-rt-period int", "Limit the CPU real-time period in microseconds", default=None
    )
    cpu_rt_runtime: int | None = flag(
        "--cpu-rt-runtime int", "Limit the CPU real-time runtime in microseconds", default=None
    )
    cpu_shares: int | None = flag(
        "-c, --cpu-shares int", "CPU shares (relative weight)", default=None
    )
    cpus: int | None = flag("--cpus decimal", "Number of CPUs", default=None)
    cpuset_cpus: str | None = flag(
        "--cpuset-cpus string", "CPUs in which to allow execution (0-3, 0,1)", default=None
    )
    cpuset_mems: str | None = flag(
        "--cpuset-mems string", "MEMs in which to allow execution (0-3, 0,1)", default=None
    )
    kernel_memory: int | None = _flags.kernel_memory()
    memory: int | None = flag("-m, --memory bytes", "Memory limit", default=None)
    memory_reservation: int | None = flag(
        "--memory-reservation bytes", "Memory soft limit", default=None
    )
    memory_swap: int | None = flag(
        "--memory-swap bytes",
        "Swap limit equal to memory plus swap: -1 to enable unlimited swap",
        flag_type=SIZE_OR_UNLIMITED,
        default=None,
    )
    pids_limit: int | None = flag(
        "--pids-limit int", "Tune container pids limit (set -1 for unlimited)", default=None
    )
    restart: str | None = flag(
        "--restart string", "Restart policy to apply when a container exits", default=None
    )
    containers: list[str] = operands(1)

    def run(self, engine: Engine) -> Lines:
        """Return the names of the updated containers.

        source: Engine API, ContainerUpdate.
        """
        body = self._body()

        def update(name: str) -> None:
            answer = engine.post(path("containers", name, "update"), body=body)
            for warning in answer.get("Warnings") or []:
                self.terminal.notify(warning)

        return for_each(self.containers, update)

    def _body(self) -> dict[str, Any]:
        """Return the given values only; the engine keeps the others."""
        values = {
            "BlkioWeight": self.blkio_weight,
            "CpuPeriod": self.cpu_period,
            "CpuQuota": self.cpu_quota,
            "CpuRealtimePeriod": self.cpu_rt_period,
            "CpuRealtimeRuntime": self.cpu_rt_runtime,
            "CpuShares": self.cpu_shares,
            "CpusetCpus": self.cpuset_cpus,
            "CpusetMems": self.cpuset_mems,
            "Memory": self.memory,
            "MemoryReservation": self.memory_reservation,
            "MemorySwap": self.memory_swap,
            "NanoCpus": self.cpus,
            "PidsLimit": self.pids_limit
            or None,  # 0 means unlimited, but the API takes it for a limit
            "RestartPolicy": self._restart_policy(),
        }
        if all(getattr(self, flag.field) is None for flag in self.flags()):
            raise UsageError("you must provide one or more flags when using this command")
        return {key: value for key, value in values.items() if value is not None}

    def _restart_policy(self) -> dict[str, Any] | None:
        try:
            return restart_policy(self.restart) if self.restart else None
        except ValueError as error:
            raise UsageError(str(error)) from error
