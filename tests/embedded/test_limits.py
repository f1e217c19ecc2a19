"""Limits of memory, CPU and processes by control groups, on machines that allow them."""

from __future__ import annotations

import time
from collections.abc import Iterator

import docker
import pytest
from embedded.shared import cgroups_of, client, load_busybox, running

from docker_magics.embedded.runtime import cgroup_bases
from docker_magics.embedded.runtime.cgroup import Cgroups

MIB = 1 << 20
#: A single process that allocates memory without end.
GREEDY = ["awk", 'BEGIN { s = "x"; while (1) s = s s }']


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[docker.DockerClient]:
    """A client of an engine that can create control groups."""
    if not Cgroups(cgroup_bases.find()).has("memory"):
        pytest.skip("this user cannot create control groups here")
    folder = tmp_path_factory.mktemp("limits")
    with running(folder), client(folder) as api:
        load_busybox(folder)
        yield api


def test_exceeding_the_memory_limit_kills_the_container(api: docker.DockerClient) -> None:
    box = api.containers.create("busybox", GREEDY, mem_limit=16 * MIB, memswap_limit=16 * MIB)
    box.start()
    assert box.wait(timeout=20)["StatusCode"] == 137
    box.reload()
    assert box.attrs["State"]["OOMKilled"]
    assert cgroups_of(box.id) == []
    box.remove()


def test_exceeding_the_pids_limit_fails_to_fork(api: docker.DockerClient) -> None:
    script = "for i in 1 2 3 4 5 6; do sleep 30 & done; wait"
    box = api.containers.run("busybox", ["sh", "-c", script], pids_limit=4, detach=True)
    box.wait(timeout=20)
    assert b"can't fork" in box.logs()
    assert not box.attrs["State"]["OOMKilled"]
    box.remove(force=True)


def test_a_container_reads_its_own_limits(api: docker.DockerClient) -> None:
    file = (
        "memory.max"
        if Cgroups(cgroup_bases.find()).version == "2"
        else "memory/memory.limit_in_bytes"
    )
    limit = api.containers.run(
        "busybox", ["cat", f"/sys/fs/cgroup/{file}"], mem_limit=16 * MIB, remove=True
    )
    assert int(limit) == 16 * MIB


def test_cpuset_selects_a_cpu(api: docker.DockerClient) -> None:
    if not Cgroups(cgroup_bases.find()).has("cpuset"):
        pytest.skip("this machine has no cpuset controller")
    assert api.containers.run("busybox", "nproc", cpuset_cpus="0", remove=True) == b"1\n"
    assert api.info()["CPUSet"]


def test_cpu_limits_apply_and_can_be_updated(api: docker.DockerClient) -> None:
    busy = {"command": ["sh", "-c", "while :; do :; done"], "stop_signal": "KILL", "detach": True}
    box = api.containers.run("busybox", nano_cpus=200_000_000, mem_limit="32m", **busy)
    assert 0.1 < cpu_share(box) < 0.3
    box.update(cpu_period=0, mem_limit="64m", memswap_limit="128m")
    assert box.stats(stream=False)["memory_stats"]["limit"] == 64 * MIB
    box.remove(force=True)
    box = api.containers.run("busybox", cpu_quota=50_000, **busy)
    box.update(cpu_quota=20_000)
    assert 0.1 < cpu_share(box) < 0.3
    stats = box.stats(stream=False)
    assert stats["cpu_stats"]["throttling_data"]["throttled_periods"] > 0
    assert stats["pids_stats"]["current"] == 1
    assert stats["memory_stats"]["usage"] > 0
    assert box.exec_run(["sh", "-c", "exit 3"]).exit_code == 3
    box.remove(force=True)
    assert cgroups_of(box.id) == []


def cpu_share(box: docker.models.containers.Container) -> float:
    """Return the share of one CPU that a container uses, measured for a second."""
    before, began = cpu_ns(box), time.monotonic()
    time.sleep(1)
    return (cpu_ns(box) - before) / 1e9 / (time.monotonic() - began)


def cpu_ns(box: docker.models.containers.Container) -> int:
    """Return the CPU time that a container has used, in nanoseconds."""
    stats = box.client.api.stats(box.id, stream=False, one_shot=True)
    return int(stats["cpu_stats"]["cpu_usage"]["total_usage"])


def test_info_shows_the_enforced_limits(api: docker.DockerClient) -> None:
    info = api.info()
    for name in ("MemoryLimit", "CpuCfsQuota", "CPUShares", "PidsLimit"):
        assert info[name]
    assert info["CgroupDriver"] == "cgroupfs"
    assert not any("No limits" in warning for warning in info["Warnings"] or [])
    created = api.api.create_container(
        "busybox", host_config=api.api.create_host_config(mem_limit="32m")
    )
    assert not created["Warnings"]
    api.api.remove_container(created)
