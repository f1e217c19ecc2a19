"""Control groups of containers: limits of memory, CPU and processes, and what is used.

A container's is beside the engine's own, or below the topmost one, named docker_magics-ID. Where
none can be made, as for ordinary users on most machines, nothing is limited, and `docker info` says
so.

source: Linux, Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst; opencontainers/runc,
libcontainer/cgroups.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

_CONTROLLERS = ("memory", "cpu", "cpuacct", "pids")
_CPUSET = "cpuset"  # used where it is
_TICK = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
_PERIOD_US = 100_000
_LEAST_SHARES, _MOST_SHARES = 2, 262144
#: How often a group is tried to be removed, whose processes are just ending, and the pause between.
_TRIES, _PAUSE_S = 50, 0.01

HostConfig = Mapping[str, Any]


class Cgroups:
    """Makes the groups of one engine's containers."""

    def __init__(self) -> None:
        self._bases = _find_v1() or _find_v2()
        self._is_v1 = "cpuacct" in self._bases

    @property
    def version(self) -> str:
        """The version that this machine has, usable or not."""
        is_2 = not self._is_v1 and Path("/sys/fs/cgroup/cgroup.controllers").exists()
        return "2" if is_2 else "1"

    def has(self, controller: str) -> bool:
        """Whether limits of memory, cpu, cpuset, pids or swap are enforced."""
        if controller != "swap":
            return controller in self._bases
        base = self._bases.get("memory")
        # the topmost group of version 2 has no such file, and its children have
        return base is not None and (
            not self._is_v1 or (base / "memory.memsw.limit_in_bytes").exists()
        )

    def create(self, name: str, limits: HostConfig) -> list[str]:
        """Make a container's group.

        Args:
            name: the container's ID.
            limits: the API's HostConfig.

        Returns:
            The files by which a process of one thread goes into the group.

        Raises:
            OSError: the kernel refuses a limit.
        """
        for folder in self._folders(name):
            folder.mkdir(exist_ok=True)
        self.limit(name, limits)
        return self.procs_files(name)

    def procs_files(self, name: str) -> list[str]:
        """Return the files through which a process with one thread joins the group."""
        file = "tasks" if self._is_v1 else "cgroup.procs"  # without the lock that takes 10 ms
        return [str(each / file) for each in self._folders(name) if each.exists()]

    def visible_folders(self, name: str) -> dict[str, str]:
        """The container's folders as it sees them below /sys/fs/cgroup, by their names there."""
        if self._is_v1:
            return {each: str(self._folder(each, name)) for each in sorted(self._bases)}
        return {"": str(self._folder("memory", name))} if self._bases else {}

    def limit(self, name: str, limits: HostConfig) -> None:
        """Set a container's limits, or change them.

        Raises:
            OSError: the kernel refuses one.
        """
        if self._is_v1:
            _check_shares(limits["CpuShares"])
        wanted = [
            *(_limits_v1(limits) if self._is_v1 else _limits_v2(limits)),
            *self._cpuset(limits),
        ]
        files = {
            self._folder(controller, name) / file: value
            for controller, file, value in wanted
            if controller in self._bases
        }
        _write({path: value for path, value in files.items() if path.exists()})

    def _cpuset(self, limits: HostConfig) -> Iterator[tuple[str, str, str]]:
        """Which CPUs and memory nodes; version 1 has no group without any."""
        if base := self._bases.get(_CPUSET):
            for file, chosen in (("cpus", "CpusetCpus"), ("mems", "CpusetMems")):
                all_of_them = (base / f"cpuset.{file}").read_text().strip() if self._is_v1 else ""
                if value := limits[chosen] or all_of_them:
                    yield _CPUSET, f"cpuset.{file}", value

    def remove(self, name: str) -> bool:
        """Take a container's group away, with what still runs in it.

        Returns:
            Whether the kernel had to end a process there for want of memory.
        """
        out_of_memory = bool(self._oom_kills(name))
        for folder in self._folders(name):
            _remove(folder)
        return out_of_memory

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
        """What a container uses, as far as there are groups.

        Returns:
            cpu_ns, user_ns, system_ns, throttling (the API's), memory (bytes), memory_stats (the
            API's MemoryStats), pids.
        """
        found: dict[str, Any] = {}
        with contextlib.suppress(OSError, ValueError, KeyError):
            found |= self._cpu_1(name) if self._is_v1 else self._cpu_2(name)
        with contextlib.suppress(OSError, ValueError, KeyError):
            found |= self._memory(name)
        with contextlib.suppress(OSError, ValueError, KeyError):
            found["pids"] = int((self._folder("pids", name) / "pids.current").read_text())
        return found

    def _cpu_1(self, name: str) -> dict[str, Any]:
        folder = self._folder("cpuacct", name)
        by_mode = _numbers(folder / "cpuacct.stat")
        throttled = _numbers(self._folder("cpu", name) / "cpu.stat")
        return {
            "cpu_ns": int((folder / "cpuacct.usage").read_text()),
            "user_ns": by_mode["user"] * _TICK,
            "system_ns": by_mode["system"] * _TICK,
            "throttling": _throttling(throttled, throttled.get("throttled_time", 0)),
        }

    def _cpu_2(self, name: str) -> dict[str, Any]:
        found = _numbers(self._folder("cpu", name) / "cpu.stat")
        return {
            "cpu_ns": found["usage_usec"] * 1000,
            "user_ns": found["user_usec"] * 1000,
            "system_ns": found["system_usec"] * 1000,
            "throttling": _throttling(found, found.get("throttled_usec", 0) * 1000),
        }

    def _memory(self, name: str) -> dict[str, Any]:
        folder = self._folder("memory", name)
        stats = _numbers(folder / "memory.stat")
        file = "memory.usage_in_bytes" if self._is_v1 else "memory.current"
        used = int((folder / file).read_text())
        about: dict[str, Any] = {"usage": used, "stats": stats}
        if self._is_v1:
            about["max_usage"] = int((folder / "memory.max_usage_in_bytes").read_text())
            about["failcnt"] = int((folder / "memory.failcnt").read_text())
        return {"memory": used, "memory_stats": about}


def open_procs(procs_files: Iterable[str]) -> list[int]:
    """Open `procs` files for a process that will not see their paths.

    Raises:
        OSError: the group is gone.
    """
    return [os.open(path, os.O_WRONLY | os.O_CLOEXEC) for path in procs_files]


def enter(procs_fds: Iterable[int]) -> None:
    """Move this process, which has one thread, into the group.

    Raises:
        OSError: the group is gone.
    """
    for fd in procs_fds:
        os.write(fd, b"0")
        os.close(fd)


def _limits_v1(host: HostConfig) -> Iterator[tuple[str, str, str]]:
    """Controllers, files and values of version 1."""
    if host["Memory"]:
        yield "memory", "memory.limit_in_bytes", str(host["Memory"])
        yield "memory", "memory.memsw.limit_in_bytes", str(host["MemorySwap"] or -1)
    if host["MemoryReservation"]:
        yield "memory", "memory.soft_limit_in_bytes", str(host["MemoryReservation"])
    if host["CpuShares"]:
        yield "cpu", "cpu.shares", str(host["CpuShares"])
    quota, period = _cpu_time(host)
    if quota or host["CpuPeriod"]:
        yield "cpu", "cpu.cfs_period_us", str(period)
        yield "cpu", "cpu.cfs_quota_us", str(quota or -1)
    yield "pids", "pids.max", str(host["PidsLimit"] or "max")


def _limits_v2(host: HostConfig) -> Iterator[tuple[str, str, str]]:
    """Controllers, files and values of version 2."""
    memory, with_swap = host["Memory"], host["MemorySwap"]
    if memory:
        yield "memory", "memory.max", str(memory)
        yield "memory", "memory.swap.max", str(with_swap - memory) if with_swap > 0 else "max"
    if host["MemoryReservation"]:
        yield "memory", "memory.low", str(host["MemoryReservation"])
    if host["CpuShares"]:
        weight = 1 + (host["CpuShares"] - 2) * 9999 // 262142  # as runc does
        yield "cpu", "cpu.weight", str(max(1, weight))
    quota, period = _cpu_time(host)
    if quota or host["CpuPeriod"]:
        yield "cpu", "cpu.max", f"{quota or 'max'} {period}"
    yield "pids", "pids.max", str(host["PidsLimit"] or "max")


def _check_shares(shares: int) -> None:
    """Refuse what the kernel would change by itself; source: runc, cgroups/fs/cpu.go."""
    if 0 < shares < _LEAST_SHARES:
        raise OSError(errno.EINVAL, f"the minimum allowed cpu-shares is {_LEAST_SHARES}")
    if shares > _MOST_SHARES:
        raise OSError(errno.EINVAL, f"the maximum allowed cpu-shares is {_MOST_SHARES}")


def _cpu_time(host: HostConfig) -> tuple[int, int]:
    """How many microseconds a container may compute (0: any) in how many."""
    if host["NanoCpus"]:
        return host["NanoCpus"] * _PERIOD_US // 1_000_000_000, _PERIOD_US
    return max(0, host["CpuQuota"]), host["CpuPeriod"] or _PERIOD_US


def _write(values: Mapping[Path, str]) -> None:
    """Write limits; one may have to be raised before another one can."""
    refused = {}
    for path, value in values.items():
        try:
            path.write_text(value)
        except OSError:
            refused[path] = value
    for path, value in refused.items():
        try:
            path.write_text(value)
        except OSError as error:
            words = os.strerror(error.errno or 0).lower()
            tried = f'failed to write "{value}": write {path}: {words}'
            raise OSError(error.errno, tried) from error


def _remove(folder: Path) -> None:
    for _ in range(_TRIES):
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
    """End what runs on where the first process was not its namespace's (`--pid host`)."""
    with contextlib.suppress(OSError):
        for pid in (folder / "cgroup.procs").read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), 9)


def _numbers(path: Path) -> dict[str, int]:
    """A file of names and numbers; nothing where there is none."""
    try:
        pairs = (line.split() for line in path.read_text().splitlines())
        return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2}
    except (OSError, ValueError):
        return {}


def _throttling(found: Mapping[str, int], ns: int) -> dict[str, int]:
    return {
        "periods": found.get("nr_periods", 0),
        "throttled_periods": found.get("nr_throttled", 0),
        "throttled_time": ns,
    }


def _find_v1() -> dict[str, Path]:
    """Where groups can be made for each controller of version 1; all of them, or nothing."""
    found = {}
    own = _own_groups()
    for point, options in _mounts("cgroup"):
        for controller in {*_CONTROLLERS, _CPUSET} & options:
            candidates = (point / own.get(controller, "").lstrip("/"), point)
            base = next((each for each in candidates if _lets_make(each)), None)
            if base is not None:
                found[controller] = base
    return found if found.keys() >= set(_CONTROLLERS) else {}


def _find_v2() -> dict[str, Path]:
    """The same of version 2: one folder for all, where its controllers are handed on."""
    own = _own_groups().get("", "")
    for point, _ in _mounts("cgroup2"):
        for base in (point / own.lstrip("/"), point):
            with contextlib.suppress(OSError):
                (base / "cgroup.subtree_control").write_text("+memory +cpu +pids")
                if _lets_make(base):
                    found = dict.fromkeys(("memory", "cpu", "pids"), base)
                    with contextlib.suppress(OSError):
                        (base / "cgroup.subtree_control").write_text("+cpuset")
                        found[_CPUSET] = base
                    return found
    return {}


def _mounts(kind: str) -> Iterator[tuple[Path, set[str]]]:
    """The mount points of a kind of file system, with their options."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        name, _, options = after.split(" ", 2)
        if name == kind:
            yield Path(before.split()[4]), set(options.split(","))


def _own_groups() -> dict[str, str]:
    """The group that this process is in, by controller; the empty one is version 2."""
    lines = Path("/proc/self/cgroup").read_text().splitlines()
    triples = (line.split(":", 2) for line in lines)
    return {name: path for _, names, path in triples for name in names.split(",")}


def _lets_make(base: Path) -> bool:
    """Whether a group can be made here, and takes a process."""
    probe = base / f"docker_magics-probe-{os.getpid()}"
    try:
        probe.mkdir()
    except OSError:
        return False
    entrance = probe / "cgroup.procs"
    works = entrance.exists() and os.access(entrance, os.W_OK)
    probe.rmdir()
    return works
