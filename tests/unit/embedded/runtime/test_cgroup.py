"""Control groups: limits, usage and removal, on fake /sys/fs/cgroup folders."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any, cast

import pytest

from docker_magics.embedded.runtime import cgroup, cgroup_bases
from docker_magics.embedded.runtime.cgroup import Cgroups
from docker_magics.embedded.runtime.cgroup_limits import Resources

V1 = ("memory", "cpu", "cpuacct", "pids", "cpuset")
MIB = 1 << 20
#: The files of a new group, which the kernel creates.
V1_FILES = (
    "memory.limit_in_bytes memory.memsw.limit_in_bytes memory.soft_limit_in_bytes cpu.shares"
    " cpu.cfs_period_us cpu.cfs_quota_us pids.max cpuset.cpus cpuset.mems tasks"
)
V2_FILES = (
    "memory.max memory.swap.max memory.low cpu.weight cpu.max pids.max cpuset.cpus cpuset.mems"
    " cgroup.procs"
)


def resources(**limits: Any) -> Resources:
    """Return limits; those that are not given are off."""
    none = {
        "CpuPeriod": 0, "CpuQuota": 0, "CpuShares": 0, "CpusetCpus": "", "CpusetMems": "",
        "Memory": 0, "MemoryReservation": 0, "MemorySwap": 0, "NanoCpus": 0, "PidsLimit": None,
    }  # fmt: skip
    return cast("Resources", none | limits)


def bases_v1(root: Path) -> dict[str, Path]:
    """Make a hierarchy for each controller."""
    for controller in V1:
        (root / controller).mkdir()
    (root / "cpuset/cpuset.cpus").write_text("0-3\n")
    (root / "cpuset/cpuset.mems").write_text("0\n")
    return {controller: root / controller for controller in V1}


def new_group(bases: dict[str, Path], files: str) -> dict[str, Path]:
    """Make the group of the container c, with files that the kernel would create."""
    folders = {name: base / "docker_magics-c" for name, base in bases.items()}
    for folder in folders.values():
        folder.mkdir(exist_ok=True)
        for file in files.split():
            (folder / file).write_text("")
    return folders


def written(folders: dict[str, Path]) -> dict[str, str]:
    """Return file -> value of what was written; of version 1, in its controller's folder."""
    return {
        file.name: text
        for name, folder in folders.items()
        for file in folder.iterdir()
        if (text := file.read_text()) and (len({*folders.values()}) == 1 or name in file.name)
    }


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({}, {"pids.max": "max"}),
        ({"PidsLimit": 7}, {"pids.max": "7"}),
        (
            {"Memory": 16 * MIB, "MemorySwap": 32 * MIB},
            {"memory.limit_in_bytes": "16777216", "memory.memsw.limit_in_bytes": "33554432"},
        ),
        ({"Memory": MIB, "MemorySwap": -1}, {"memory.memsw.limit_in_bytes": "-1"}),
        ({"MemoryReservation": MIB}, {"memory.soft_limit_in_bytes": "1048576"}),
        ({"CpuShares": 512}, {"cpu.shares": "512"}),
        (
            {"NanoCpus": 1_500_000_000},
            {"cpu.cfs_quota_us": "150000", "cpu.cfs_period_us": "100000"},
        ),
        ({"CpuQuota": 5000, "CpuPeriod": 10000}, {"cpu.cfs_quota_us": "5000"}),
        ({"CpuPeriod": 10000}, {"cpu.cfs_quota_us": "-1", "cpu.cfs_period_us": "10000"}),
        ({"CpuQuota": -1, "CpuPeriod": 10000}, {"cpu.cfs_quota_us": "-1"}),
        ({"CpusetCpus": "1"}, {"cpuset.cpus": "1", "cpuset.mems": "0"}),
        ({"CpusetMems": "1"}, {"cpuset.cpus": "0-3", "cpuset.mems": "1"}),
    ],
)  # fmt: skip
def test_limits_of_version_1(
    tmp_path: Path, limits: dict[str, Any], expected: dict[str, str]
) -> None:
    bases = bases_v1(tmp_path)
    folders = new_group(bases, V1_FILES)
    Cgroups(bases).create("c", resources(**limits))
    always = {"pids.max": "max", "cpuset.cpus": "0-3", "cpuset.mems": "0"}
    assert written(folders).items() >= (always | expected).items()
    assert len(written(folders)) <= len(always | expected) + 1


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({}, {}),
        ({"PidsLimit": 7}, {"pids.max": "7"}),
        (
            {"Memory": 16 * MIB, "MemorySwap": 32 * MIB},
            {"memory.max": "16777216", "memory.swap.max": "16777216"},
        ),
        ({"Memory": MIB, "MemorySwap": MIB}, {"memory.max": "1048576", "memory.swap.max": "0"}),
        ({"Memory": MIB, "MemorySwap": -1}, {"memory.max": "1048576", "memory.swap.max": "max"}),
        ({"MemoryReservation": MIB}, {"memory.low": "1048576"}),
        ({"CpuShares": 2}, {"cpu.weight": "1"}),
        ({"CpuShares": 1024}, {"cpu.weight": "39"}),
        ({"CpuShares": 262144}, {"cpu.weight": "10000"}),
        ({"NanoCpus": 500_000_000}, {"cpu.max": "50000 100000"}),
        ({"CpuPeriod": 50000}, {"cpu.max": "max 50000"}),
        ({"CpusetCpus": "0,2", "CpusetMems": "0"}, {"cpuset.cpus": "0,2", "cpuset.mems": "0"}),
    ],
)  # fmt: skip
def test_limits_of_version_2(
    tmp_path: Path, limits: dict[str, Any], expected: dict[str, str]
) -> None:
    bases = dict.fromkeys(("memory", "cpu", "pids", "cpuset"), tmp_path)
    folders = new_group(bases, V2_FILES)
    Cgroups(bases).create("c", resources(**limits))
    assert written(folders) == {"pids.max": "max"} | expected


@pytest.mark.parametrize(
    ("shares", "message"),
    [(1, "minimum allowed cpu-shares is 2"), (262145, "maximum allowed cpu-shares is 262144")],
)
def test_shares_out_of_range(tmp_path: Path, shares: int, message: str) -> None:
    bases = bases_v1(tmp_path)
    with pytest.raises(OSError, match=message):
        Cgroups(bases).create("c", resources(CpuShares=shares))


def test_a_rejected_limit_is_named(tmp_path: Path) -> None:
    bases = dict.fromkeys(("memory", "cpu", "pids"), tmp_path)
    folder = new_group(bases, "memory.max")["memory"]
    (folder / "pids.max").mkdir()  # writing to it fails
    with pytest.raises(OSError, match=r'failed to write "5": write .*/pids.max: is a directory'):
        Cgroups(bases).create("c", resources(PidsLimit=5, Memory=MIB))
    assert (folder / "memory.max").read_text() == "1048576", "the others are set all the same"


def test_files_through_which_a_process_joins(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    v1 = Cgroups(bases_v1(tmp_path / "1"))
    files = v1.create("c", resources())
    assert {Path(file).relative_to(tmp_path) for file in files} == {
        Path(f"1/{controller}/docker_magics-c/tasks") for controller in V1
    }
    v2 = Cgroups({"memory": tmp_path / "2", "pids": tmp_path / "2"})
    assert v2.procs_files("c") == [], "the group does not exist yet"
    assert v2.create("c", resources()) == [str(tmp_path / "2/docker_magics-c/cgroup.procs")]


def test_a_process_joins(tmp_path: Path) -> None:
    (tmp_path / "cgroup.procs").write_text("")
    fds = cgroup.open_procs([str(tmp_path / "cgroup.procs")])
    cgroup.enter(fds)
    assert (tmp_path / "cgroup.procs").read_text() == "0"
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fds[0])
    with pytest.raises(FileNotFoundError):
        cgroup.open_procs([str(tmp_path / "removed/cgroup.procs")])


def test_folders_in_the_container(tmp_path: Path) -> None:
    v1 = Cgroups({"memory": tmp_path / "m", "cpuacct": tmp_path / "a"})
    assert v1.visible_folders("c") == {
        "cpuacct": str(tmp_path / "a/docker_magics-c"),
        "memory": str(tmp_path / "m/docker_magics-c"),
    }
    v2 = Cgroups({"memory": tmp_path, "pids": tmp_path})
    assert v2.visible_folders("c") == {"": str(tmp_path / "docker_magics-c")}
    assert Cgroups({}).visible_folders("c") == {}


def test_enforced_limits(tmp_path: Path) -> None:
    v1 = Cgroups(bases_v1(tmp_path))
    assert v1.version == "1"
    assert v1.has("memory")
    assert not v1.has("swap")
    (tmp_path / "memory/memory.memsw.limit_in_bytes").touch()
    assert v1.has("swap")
    v2 = Cgroups({"memory": tmp_path})
    assert v2.has("swap")
    assert not v2.has("cpuset")
    assert not Cgroups({}).has("swap")


def test_usage_of_version_1(tmp_path: Path) -> None:
    bases = bases_v1(tmp_path)
    folders = new_group(bases, "")
    texts = {
        "cpuacct/cpuacct.usage": "123456789\n",
        "cpuacct/cpuacct.stat": "user 5\nsystem 7\n",
        "cpu/cpu.stat": "nr_periods 3\nnr_throttled 2\nthrottled_time 99\n",
        "memory/memory.stat": "cache 4096\nrss 8192\n",
        "memory/memory.usage_in_bytes": "12288\n",
        "memory/memory.max_usage_in_bytes": "20480\n",
        "memory/memory.failcnt": "1\n",
        "pids/pids.current": "2\n",
    }
    for path, text in texts.items():
        controller, _, file = path.partition("/")
        (folders[controller] / file).write_text(text)
    tick = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
    assert Cgroups(bases).usage("c") == {
        "cpu_ns": 123456789,
        "user_ns": 5 * tick,
        "system_ns": 7 * tick,
        "throttling": {"periods": 3, "throttled_periods": 2, "throttled_time": 99},
        "memory": 12288,
        "memory_stats": {
            "usage": 12288,
            "stats": {"cache": 4096, "rss": 8192},
            "max_usage": 20480,
            "failcnt": 1,
        },
        "pids": 2,
    }


def test_usage_of_version_2(tmp_path: Path) -> None:
    bases = dict.fromkeys(("memory", "cpu", "pids"), tmp_path)
    folder = new_group(bases, "")["memory"]
    (folder / "cpu.stat").write_text(
        "usage_usec 10\nuser_usec 4\nsystem_usec 6\nnr_periods 1\nnr_throttled 1\n"
        "throttled_usec 8\n"
    )
    (folder / "memory.stat").write_text("anon 1\nfile 2\nnot a pair of words\n")
    (folder / "memory.current").write_text("3\n")
    assert Cgroups(bases).usage("c") == {
        "cpu_ns": 10_000,
        "user_ns": 4_000,
        "system_ns": 6_000,
        "throttling": {"periods": 1, "throttled_periods": 1, "throttled_time": 8_000},
        "memory": 3,
        "memory_stats": {"usage": 3, "stats": {"anon": 1, "file": 2}},
    }


def test_usage_of_a_container_without_a_group(tmp_path: Path) -> None:
    assert Cgroups({}).usage("c") == {}
    assert Cgroups({"memory": tmp_path, "cpu": tmp_path, "pids": tmp_path}).usage("c") == {}


@pytest.mark.parametrize(("text", "oom"), [("oom 3\noom_kill 1\n", True), ("oom_kill 0\n", False)])
def test_removal_reports_oom_kills(tmp_path: Path, text: str, *, oom: bool) -> None:
    bases = {"memory": tmp_path}
    folder = new_group(bases, "")["memory"]
    (folder / "memory.events").write_text(text)
    read, real = [], Path.rmdir

    def rmdir(self: Path) -> None:
        read.append(self)
        for file in self.iterdir():
            file.unlink()
        real(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "rmdir", rmdir)
        assert Cgroups(bases).remove("c") is oom
    assert read == [folder]
    assert not folder.exists()


def test_removal_kills_remaining_processes(tmp_path: Path) -> None:
    bases = {"memory": tmp_path}
    folder = new_group(bases, "")["memory"]
    with subprocess.Popen(["sleep", "60"]) as process:
        (folder / "cgroup.procs").write_text(f"{process.pid}\n99999999\n")
        real = Path.rmdir

        def rmdir(self: Path) -> None:
            if process.poll() is not None:
                (self / "cgroup.procs").unlink(missing_ok=True)
            real(self)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Path, "rmdir", rmdir)
            assert not Cgroups(bases).remove("c")
        assert process.wait() == -9
    assert not folder.exists()
    assert not Cgroups(bases).remove("c"), "removal is idempotent"


def test_removal_gives_up_on_a_busy_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    folder = new_group({"memory": tmp_path}, "some.file")["memory"]
    assert not Cgroups({"memory": tmp_path}).remove("c")
    assert folder.exists()


class Sys:
    """A machine's /proc/self and /sys/fs/cgroup."""

    def __init__(self, root: Path) -> None:
        self.proc, self.root = root / "proc", root / "sys"
        self.proc.mkdir()
        self.root.mkdir()
        self.mounts: list[str] = []
        self.groups: list[str] = []

    def mount(self, name: str, kind: str, options: str) -> Path:
        """Add a mount."""
        point = self.root / name
        point.mkdir(exist_ok=True)
        self.mounts.append(f"30 20 0:1 / {point} rw - {kind} cgroup rw,{options}")
        return point

    def find(self) -> dict[str, Path]:
        """Search for folders to create groups in."""
        (self.proc / "mountinfo").write_text("".join(f"{line}\n" for line in self.mounts))
        (self.proc / "cgroup").write_text("\n".join(self.groups) + "\n")
        return cgroup_bases.find(self.proc)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sys:
    """Return a machine whose kernel fills new groups with files, except in read-only folders."""
    real_mkdir, real_rmdir = Path.mkdir, Path.rmdir

    def mkdir(self: Path, *args: Any, **options: Any) -> None:
        if "probe" in self.name and (self.parent / "read-only").exists():
            raise PermissionError(self)
        real_mkdir(self, *args, **options)
        if "probe" in self.name and not (self.parent / "no-procs").exists():
            (self / "cgroup.procs").touch()

    def rmdir(self: Path) -> None:
        (self / "cgroup.procs").unlink(missing_ok=True)
        real_rmdir(self)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    monkeypatch.setattr(Path, "rmdir", rmdir)
    return Sys(tmp_path)


def test_version_1_next_to_the_engine_s_group(machine: Sys) -> None:
    for name, options in (("memory", "memory"), ("cpu", "cpu,cpuacct"), ("pids", "pids")):
        machine.mount(name, "cgroup", options)
    (machine.root / "memory/mine").mkdir()
    machine.groups = ["4:memory:/mine", "3:cpu,cpuacct:/missing", "2:pids:/", "0::/"]
    assert machine.find() == {
        "memory": machine.root / "memory/mine",
        "cpu": machine.root / "cpu",
        "cpuacct": machine.root / "cpu",
        "pids": machine.root / "pids",
    }
    assert not list(machine.root.rglob("*probe*")), "what was tried is removed"


def test_version_1_needs_all_controllers(machine: Sys) -> None:
    machine.mount("memory", "cgroup", "memory")
    machine.groups = ["4:memory:/"]
    assert machine.find() == {}


@pytest.mark.parametrize("obstacle", ["read-only", "no-procs"])
def test_folders_that_take_no_process(machine: Sys, obstacle: str) -> None:
    for name in ("memory", "cpu", "cpuacct", "pids"):
        machine.mount(name, "cgroup", name)
    (machine.root / f"pids/{obstacle}").touch()
    machine.groups = ["0::/"]
    assert machine.find() == {}


def test_version_2(machine: Sys) -> None:
    unified = machine.mount("unified", "cgroup2", "nsdelegate")
    (unified / "user").mkdir()
    (unified / "user/read-only").touch()
    machine.groups = ["0::/user"]
    assert machine.find() == dict.fromkeys(("memory", "cpu", "pids", "freezer", "cpuset"), unified)
    assert (unified / "cgroup.subtree_control").read_text() == "+cpuset"


def test_a_machine_without_groups(machine: Sys) -> None:
    machine.groups = ["0::/"]
    assert machine.find() == {}
