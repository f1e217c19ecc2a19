"""Limits of memory, CPU and processes, by the kernel's control groups where they can be had."""

from __future__ import annotations

import time
from collections.abc import Iterator

import docker
import pytest
from embedded.shared import client, give_busybox, groups_of, running

from docker_magics.embedded.runtime import cgroup_bases
from docker_magics.embedded.runtime.cgroup import Cgroups

MIB = 1 << 20
#: Takes more and more memory, in itself.
GREEDY = ["awk", 'BEGIN { s = "x"; while (1) s = s s }']


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[docker.DockerClient]:
    """An engine that may make control groups."""
    if not Cgroups(cgroup_bases.find()).has("memory"):
        pytest.skip("control groups can be made by root alone, and not everywhere")
    folder = tmp_path_factory.mktemp("limits")
    with running(folder), client(folder) as api:
        give_busybox(folder)
        yield api


def test_what_takes_too_much_memory_is_ended(api: docker.DockerClient) -> None:
    box = api.containers.create("busybox", GREEDY, mem_limit=16 * MIB, memswap_limit=16 * MIB)
    box.start()
    assert box.wait(timeout=20)["StatusCode"] == 137
    box.reload()
    assert box.attrs["State"]["OOMKilled"]
    assert groups_of(box.id) == []
    box.remove()


def test_no_more_processes_than_allowed(api: docker.DockerClient) -> None:
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
    told = api.containers.run(
        "busybox", ["cat", f"/sys/fs/cgroup/{file}"], mem_limit=16 * MIB, remove=True
    )
    assert int(told) == 16 * MIB


def test_a_chosen_cpu(api: docker.DockerClient) -> None:
    if not Cgroups(cgroup_bases.find()).has("cpuset"):
        pytest.skip("this machine lets nobody choose CPUs")
    assert api.containers.run("busybox", "nproc", cpuset_cpus="0", remove=True) == b"1\n"
    assert api.info()["CPUSet"]


def test_cpu_time_is_shared_out_and_can_be_changed(api: docker.DockerClient) -> None:
    busy = {"command": ["sh", "-c", "while :; do :; done"], "stop_signal": "KILL", "detach": True}
    box = api.containers.run("busybox", nano_cpus=200_000_000, mem_limit="32m", **busy)
    assert 0.1 < used_of_a_cpu(box) < 0.3
    box.update(cpu_period=0, mem_limit="64m", memswap_limit="128m")
    assert box.stats(stream=False)["memory_stats"]["limit"] == 64 * MIB
    box.remove(force=True)
    box = api.containers.run("busybox", cpu_quota=50_000, **busy)
    box.update(cpu_quota=20_000)
    assert 0.1 < used_of_a_cpu(box) < 0.3
    told = box.stats(stream=False)
    assert told["cpu_stats"]["throttling_data"]["throttled_periods"] > 0
    assert told["pids_stats"]["current"] == 1
    assert told["memory_stats"]["usage"] > 0
    assert box.exec_run(["sh", "-c", "exit 3"]).exit_code == 3
    box.remove(force=True)
    assert groups_of(box.id) == []


def used_of_a_cpu(box: docker.models.containers.Container) -> float:
    """The share of one CPU that a container has."""
    before, began = used(box), time.monotonic()
    time.sleep(1)
    return (used(box) - before) / 1e9 / (time.monotonic() - began)


def used(box: docker.models.containers.Container) -> int:
    told = box.client.api.stats(box.id, stream=False, one_shot=True)
    return int(told["cpu_stats"]["cpu_usage"]["total_usage"])


def test_the_engine_says_what_it_enforces(api: docker.DockerClient) -> None:
    told = api.info()
    for name in ("MemoryLimit", "CpuCfsQuota", "CPUShares", "PidsLimit"):
        assert told[name]
    assert told["CgroupDriver"] == "cgroupfs"
    assert not any("No limits" in each for each in told["Warnings"] or [])
    made = api.api.create_container(
        "busybox", host_config=api.api.create_host_config(mem_limit="32m")
    )
    assert not made["Warnings"]
    api.api.remove_container(made)
