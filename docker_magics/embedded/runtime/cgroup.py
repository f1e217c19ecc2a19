"""Control groups of containers: they limit memory, CPU, processes and devices, and measure usage.

A container's group is named docker_magics-ID. If the engine cannot create groups, as for ordinary
users on most machines, nothing is limited, and `docker info` warns about it.

source: Linux, Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst; opencontainers/runc,
libcontainer/cgroups.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from . import cgroup_limits, device_filter, device_rules
from .cgroup_limits import Limit, Resources
from .device_rules import DeviceRule
from .freezer import Freezer

_CPUSET, _DEVICES = "cpuset", "devices"
_TICK = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
#: How often to try to remove a group whose processes are ending, and the pause between attempts.
_ATTEMPTS, _PAUSE_S = 50, 0.01


class Cgroups:
    """The control groups of one engine's containers.

    Args:
        bases: controller -> folder to create groups in; of version 1 if cpuacct is among them.
            See `cgroup_bases.find`.
        creates_devices: whether containers can create devices, which user namespaces prevent.
    """

    def __init__(self, bases: Mapping[str, Path], *, creates_devices: bool = False) -> None:
        self._bases = bases
        self._creates_devices = creates_devices
        self._is_v1 = "cpuacct" in bases

    @property
    def version(self) -> str:
        """The version of this machine, usable or not: 1 or 2."""
        is_2 = not self._is_v1 and Path("/sys/fs/cgroup/cgroup.controllers").exists()
        return "2" if is_2 else "1"

    def has(self, controller: str) -> bool:
        """Whether memory, cpu, cpuset, devices, pids or swap are limited, or a freezer exists."""
        if controller != "swap":
            return controller in self._bases
        base = self._bases.get("memory")
        # the root group of version 2 has no file for swap, but its children have
        return base is not None and (
            not self._is_v1 or (base / "memory.memsw.limit_in_bytes").exists()
        )

    @property
    def leaves_devices_open(self) -> bool:
        """Whether containers could use all devices of the machine, as nothing here limits them."""
        return self._creates_devices and not self.has(_DEVICES)

    def create(
        self, name: str, resources: Resources, devices: Iterable[DeviceRule] | None = None
    ) -> list[str]:
        """Create a container's group.

        Args:
            name: the container's ID.
            resources: its limits.
            devices: what it may use; None for all that the engine may use.

        Returns:
            The files through which a process with one thread joins the group.

        Raises:
            OSError: the kernel rejects a limit.
        """
        for folder in self._folders(name):
            folder.mkdir(exist_ok=True)
        self.limit(name, resources)
        if devices is not None and _DEVICES in self._bases:
            set_rules = device_rules.apply if self._is_v1 else device_filter.attach
            set_rules(self._folder(_DEVICES, name), devices)
        return self.procs_files(name)

    def procs_files(self, name: str) -> list[str]:
        """Return the files through which a process with one thread joins the group."""
        file = "tasks" if self._is_v1 else "cgroup.procs"  # without the lock that takes 10 ms
        return [str(folder / file) for folder in self._folders(name) if folder.exists()]

    def visible_folders(self, name: str) -> dict[str, str]:
        """Return name below the container's /sys/fs/cgroup -> folder of the host."""
        if self._is_v1:
            return {base: str(self._folder(base, name)) for base in sorted(self._bases)}
        return {"": str(self._folder("memory", name))} if self._bases else {}

    def limit(self, name: str, resources: Resources) -> None:
        """Set a container's limits, or change them.

        Raises:
            OSError: the kernel rejects one.
        """
        limits = cgroup_limits.v1(resources) if self._is_v1 else cgroup_limits.v2(resources)
        files = {
            self._folder(limit.controller, name) / limit.file: limit.value
            for limit in [*limits, *self._cpuset(resources)]
            if limit.controller in self._bases
        }
        _write({path: value for path, value in files.items() if path.exists()})

    def _cpuset(self, resources: Resources) -> Iterator[Limit]:
        """Yield the CPUs and memory nodes. In version 1, new groups have none: give them all."""
        base = self._bases.get(_CPUSET)
        if base is None:
            return
        for file, chosen in (
            ("cpuset.cpus", resources["CpusetCpus"]),
            ("cpuset.mems", resources["CpusetMems"]),
        ):
            if value := chosen or ((base / file).read_text().strip() if self._is_v1 else ""):
                yield Limit(_CPUSET, file, value)

    def freezer(self, name: str) -> Freezer | None:
        """Return the freezer of a container's group; None if the group has none."""
        if "freezer" not in self._bases:
            return None
        freezer = Freezer(self._folder("freezer", name), is_v1=self._is_v1)
        return freezer if freezer.exists else None

    def remove(self, name: str) -> bool:
        """Remove a container's group; kill the processes that still run in it.

        Returns:
            Whether the kernel's OOM killer has killed a process of the group.
        """
        was_oom_killed = bool(self._oom_kills(name))
        if freezer := self.freezer(name):
            with contextlib.suppress(OSError):
                freezer.thaw()
        for folder in self._folders(name):
            _remove(folder)
        return was_oom_killed

    def _oom_kills(self, name: str) -> int:
        if "memory" not in self._bases:
            return 0
        file = "memory.oom_control" if self._is_v1 else "memory.events"
        return _numbers(self._folder("memory", name) / file).get("oom_kill", 0)

    def _folder(self, controller: str, name: str) -> Path:
        return self._bases[controller] / f"docker_magics-{name}"

    def _folders(self, name: str) -> set[Path]:
        return {self._folder(controller, name) for controller in self._bases}

    def usage(self, name: str) -> dict[str, Any]:
        """Return what a container uses; without what has no group.

        Returns:
            cpu_ns, user_ns, system_ns, throttling (the API's), memory (bytes), memory_stats (the
            API's MemoryStats), pids.
        """
        usage: dict[str, Any] = {}
        with contextlib.suppress(OSError, ValueError, KeyError):
            usage |= self._cpu_v1(name) if self._is_v1 else self._cpu_v2(name)
        with contextlib.suppress(OSError, ValueError, KeyError):
            usage |= self._memory(name)
        with contextlib.suppress(OSError, ValueError, KeyError):
            usage["pids"] = int((self._folder("pids", name) / "pids.current").read_text())
        return usage

    def _cpu_v1(self, name: str) -> dict[str, Any]:
        folder = self._folder("cpuacct", name)
        by_mode = _numbers(folder / "cpuacct.stat")
        throttled = _numbers(self._folder("cpu", name) / "cpu.stat")
        return {
            "cpu_ns": int((folder / "cpuacct.usage").read_text()),
            "user_ns": by_mode["user"] * _TICK,
            "system_ns": by_mode["system"] * _TICK,
            "throttling": _throttling(throttled, throttled.get("throttled_time", 0)),
        }

    def _cpu_v2(self, name: str) -> dict[str, Any]:
        stats = _numbers(self._folder("cpu", name) / "cpu.stat")
        return {
            "cpu_ns": stats["usage_usec"] * 1000,
            "user_ns": stats["user_usec"] * 1000,
            "system_ns": stats["system_usec"] * 1000,
            "throttling": _throttling(stats, stats.get("throttled_usec", 0) * 1000),
        }

    def _memory(self, name: str) -> dict[str, Any]:
        folder = self._folder("memory", name)
        stats = _numbers(folder / "memory.stat")
        file = "memory.usage_in_bytes" if self._is_v1 else "memory.current"
        used = int((folder / file).read_text())
        memory_stats: dict[str, Any] = {"usage": used, "stats": stats}
        if self._is_v1:
            memory_stats["max_usage"] = int((folder / "memory.max_usage_in_bytes").read_text())
            memory_stats["failcnt"] = int((folder / "memory.failcnt").read_text())
        return {"memory": used, "memory_stats": memory_stats}


def open_procs(procs_files: Iterable[str]) -> list[int]:
    """Open `procs` files for a process that will not see their paths.

    Raises:
        OSError: the group was removed.
    """
    return [os.open(path, os.O_WRONLY | os.O_CLOEXEC) for path in procs_files]


def enter(procs_fds: Iterable[int]) -> None:
    """Move this process, which has one thread, into the group.

    Raises:
        OSError: the group was removed.
    """
    for fd in procs_fds:
        os.write(fd, b"0")
        os.close(fd)


def _write(values: Mapping[Path, str]) -> None:
    """Write limits; retry the rejected ones, as one may have to be raised before another."""
    rejected = {}
    for path, value in values.items():
        try:
            path.write_text(value)
        except OSError:
            rejected[path] = value
    for path, value in rejected.items():
        try:
            path.write_text(value)
        except OSError as error:
            reason = os.strerror(error.errno or 0).lower()
            message = f'failed to write "{value}": write {path}: {reason}'
            raise OSError(error.errno, message) from error


def _remove(folder: Path) -> None:
    for _ in range(_ATTEMPTS):
        try:
            folder.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            _kill_all(folder)
            time.sleep(_PAUSE_S)
        else:
            return


def _kill_all(folder: Path) -> None:
    """Kill what survives the init process: with `--pid host` it has no PID namespace."""
    with contextlib.suppress(OSError):
        for pid in (folder / "cgroup.procs").read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)


def _numbers(path: Path) -> dict[str, int]:
    """Read a file of lines `NAME NUMBER`; {} if it cannot be read."""
    try:
        pairs = (line.split() for line in path.read_text().splitlines())
        return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2}
    except (OSError, ValueError):
        return {}


def _throttling(stats: Mapping[str, int], ns: int) -> dict[str, int]:
    return {
        "periods": stats.get("nr_periods", 0),
        "throttled_periods": stats.get("nr_throttled", 0),
        "throttled_time": ns,
    }
