"""Resource usage of containers."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from unit.embedded import fakes
from unit.embedded.containers.support import FakeSupervisor

from docker_magics.embedded import clock
from docker_magics.embedded.containers import stats
from docker_magics.embedded.containers.stats import ContainerStats

USAGE = {
    "cpu_ns": 30, "user_ns": 20, "system_ns": 10, "memory": 4096, "pids": 2, "read": 5, "write": 7,
}  # fmt: skip


@pytest.fixture
def sampler(monkeypatch: pytest.MonkeyPatch) -> ContainerStats:
    """A sampler of this process without a delay between samples."""
    monkeypatch.setattr(stats, "_INTERVAL_S", 0)
    cgroups: Any = SimpleNamespace(usage=lambda _name: {"pids": 42})
    supervisor: Any = FakeSupervisor()
    return ContainerStats(supervisor, cgroups)


def test_the_shape_of_a_running_container_s_sample(tmp_path: Path) -> None:
    web = fakes.container(tmp_path, pid=7, host_config={"Memory": 1 << 20, "PidsLimit": 9})
    sample = stats.running_sample(web, dict(USAGE))
    assert sample["name"] == "/web"
    assert sample["pids_stats"] == {"current": 2, "limit": 9}
    assert sample["memory_stats"] == {"usage": 4096, "stats": {}, "limit": 1 << 20}
    assert sample["cpu_stats"]["cpu_usage"] == {
        "total_usage": 30, "usage_in_kernelmode": 10, "usage_in_usermode": 20,
    }  # fmt: skip
    assert sample["cpu_stats"]["online_cpus"] == os.cpu_count()
    assert sample["cpu_stats"]["system_cpu_usage"] > 0
    assert sample["cpu_stats"]["throttling_data"]["throttled_time"] == 0
    entries = sample["blkio_stats"]["io_service_bytes_recursive"]
    assert [(entry["op"], entry["value"]) for entry in entries] == [("read", 5), ("write", 7)]
    assert sample["blkio_stats"]["sectors_recursive"] is None


def test_values_of_control_groups_take_precedence(tmp_path: Path) -> None:
    web = fakes.container(tmp_path, pid=7)
    usage = USAGE | {
        "memory_stats": {"usage": 1, "stats": {"cache": 2}},
        "throttling": {"periods": 1, "throttled_periods": 1, "throttled_time": 5},
    }
    sample = stats.running_sample(web, usage)
    assert sample["memory_stats"]["stats"] == {"cache": 2}
    assert sample["memory_stats"]["limit"] > 1 << 20, "the machine's memory"
    assert sample["pids_stats"]["limit"] == 0
    assert sample["cpu_stats"]["throttling_data"]["throttled_time"] == 5


def test_a_sample_contains_the_previous_one() -> None:
    before = {"cpu_stats": {"cpu_usage": {"total_usage": 1}}, "read": "then"}
    joined = stats.with_previous({"cpu_stats": "now", "read": "now"}, before)
    assert joined["precpu_stats"] == before["cpu_stats"]
    assert (joined["preread"], joined["read"]) == ("then", "now")
    first = stats.with_previous({}, None)
    assert first["precpu_stats"]["cpu_usage"]["total_usage"] == 0
    assert first["preread"] == clock.ZERO


def test_a_stopped_container_has_an_empty_sample(tmp_path: Path, sampler: ContainerStats) -> None:
    sample = sampler.single(fakes.container(tmp_path), one_shot=False)
    assert (sample["memory_stats"], sample["pids_stats"]) == ({}, {})
    assert (sample["read"], sample["preread"]) == (clock.ZERO, clock.ZERO)


def test_one_shot_is_one_sample(tmp_path: Path, sampler: ContainerStats) -> None:
    web = fakes.container(tmp_path, pid=os.getpid())
    one = sampler.single(web, one_shot=True)
    assert (one["preread"], one["pids_stats"]["current"]) == (clock.ZERO, 42)
    assert one["memory_stats"]["usage"] > 0
    two = sampler.single(web, one_shot=False)
    assert two["preread"] != clock.ZERO
    total = "cpu_usage", "total_usage"
    now, before = two["cpu_stats"], two["precpu_stats"]
    assert now[total[0]][total[1]] >= before[total[0]][total[1]]


@pytest.mark.parametrize(("mode", "has_networks"), [("bridge", True), ("host", False), ("none", False)])  # fmt: skip  # noqa: E501
def test_networks_of_a_container_of_its_own(
    tmp_path: Path,
    sampler: ContainerStats,
    mode: str,
    has_networks: bool,  # noqa: FBT001
) -> None:
    web = fakes.container(tmp_path, pid=os.getpid(), host_config={"NetworkMode": mode})
    assert ("networks" in sampler.single(web, one_shot=True)) == has_networks


def test_a_stream_ends_with_the_container(tmp_path: Path, sampler: ContainerStats) -> None:
    web = fakes.container(tmp_path, pid=os.getpid())
    stream = sampler.stream(web)
    first = next(stream)
    assert first is not None
    assert first["preread"] == clock.ZERO
    assert next(stream) is None
    second = next(stream)
    assert second is not None
    assert second["preread"] == first["read"]
    web.removed = True
    assert list(stream) == [None]
