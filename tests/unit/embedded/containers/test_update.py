"""Changes of limits, restart policies and names."""

from __future__ import annotations

from typing import Any

import pytest
from unit.embedded.containers.harness import Harness

from docker_magics.embedded.containers import warnings
from docker_magics.embedded.errors import ApiError, BadParameter, Conflict, NotFound
from docker_magics.embedded.state import read_json

MIB = 1 << 20


def test_limits_are_changed_and_enforced(harness: Harness) -> None:
    box = harness.add()
    request = {"CpuShares": 512, "CpusetCpus": "0", "PidsLimit": 10, "Memory": 0}
    assert harness.updater.update(box, request) == []
    assert (box.host_config["CpuShares"], box.host_config["PidsLimit"]) == (512, 10)
    assert harness.cgroups.groups[box.id]["CpusetCpus"] == "0"
    assert read_json(box.folder / "config.json")["HostConfig"]["CpuShares"] == 512
    assert harness.actions() == ["update"]


def test_absent_fields_are_not_changed(harness: Harness) -> None:
    box = harness.add(host_config={"CpuShares": 512, "PidsLimit": 10})
    harness.updater.update(box, {"CpuShares": 0})
    assert (box.host_config["CpuShares"], box.host_config["PidsLimit"]) == (512, 10)
    harness.updater.update(box, {"PidsLimit": -1})
    assert box.host_config["PidsLimit"] == 0


def test_the_restart_policy(harness: Harness) -> None:
    box = harness.add()
    harness.updater.update(box, {"RestartPolicy": {"Name": "on-failure"}})
    assert box.host_config["RestartPolicy"] == {"Name": "on-failure", "MaximumRetryCount": 0}


@pytest.mark.parametrize(
    ("host_config", "request_", "message"),
    [
        (
            {"CpuPeriod": 1000},
            {"NanoCpus": 1000},
            "Conflicting options: Nano CPUs cannot be updated as CPU Period has already been set",
        ),
        (
            {"CpuQuota": 1000},
            {"NanoCpus": 1000},
            "Conflicting options: Nano CPUs cannot be updated as CPU Quota has already been set",
        ),
        (
            {"NanoCpus": 1000},
            {"CpuPeriod": 1000},
            "Conflicting options: CPU Period cannot be updated as NanoCPUs has already been set",
        ),
        (
            {"NanoCpus": 1000},
            {"CpuQuota": 1000},
            "Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set",
        ),
        (
            {"Memory": 8 * MIB, "MemorySwap": 16 * MIB},
            {"Memory": 17 * MIB},
            (
                "Memory limit should be smaller than already set memoryswap limit, update the"
                " memoryswap at the same time"
            ),
        ),
        (
            {"AutoRemove": True},
            {"RestartPolicy": {"Name": "always"}},
            "Restart policy cannot be updated because AutoRemove is enabled for the container",
        ),
    ],
)
def test_conflicts(harness: Harness, host_config: Any, request_: Any, message: str) -> None:
    box = harness.add(host_config=host_config)
    before = dict(box.host_config)
    with pytest.raises(Conflict) as caught:
        harness.updater.update(box, request_)
    assert str(caught.value) == f"Cannot update container {box.id}: {message}"
    assert (dict(box.host_config), harness.actions()) == (before, [])


def test_memory_within_an_unlimited_swap_is_a_conflict_as_in_dockerd(harness: Harness) -> None:
    box = harness.add(host_config={"MemorySwap": -1})
    harness.updater.update(box, {"CpuShares": 2})
    harness.updater.update(box, {"Memory": 8 * MIB, "MemorySwap": -1})
    assert (box.host_config["Memory"], box.host_config["MemorySwap"]) == (8 * MIB, -1)


def test_an_invalid_value(harness: Harness) -> None:
    with pytest.raises(BadParameter, match="Minimum memory limit allowed is 6MB"):
        harness.updater.update(harness.add(), {"Memory": 1})


def test_limits_that_the_kernel_rejects_are_not_recorded(harness: Harness) -> None:
    box = harness.add()
    harness.cgroups.error = OSError(22, "Invalid argument")
    with pytest.raises(ApiError, match="cannot set the limits: Invalid argument"):
        harness.updater.update(box, {"CpuShares": 512})
    assert box.host_config["CpuShares"] == 0


def test_a_container_that_is_being_removed(harness: Harness) -> None:
    box = harness.add()
    box.state["Removing"] = True
    with pytest.raises(Conflict, match='marked for removal and cannot be "update"'):
        harness.updater.update(box, {"CpuShares": 2})


def test_warnings_of_an_update(harness: Harness) -> None:
    request = {"BlkioWeight": 10, "KernelMemory": 8 * MIB}
    texts = harness.updater.update(harness.add(), request)
    assert texts == [warnings.NO_WEIGHT, warnings.KERNEL_MEMORY]


def test_warnings_of_a_creation(harness: Harness) -> None:
    host: Any = harness.add(
        host_config={
            "OomKillDisable": True,
            "BlkioWeightDevice": [{}],
            "NetworkMode": "host",
            "PortBindings": {"80/tcp": None},
        }
    ).host_config
    texts = list(warnings.of_host_config(host, harness.cgroups))
    assert [text.split()[0] for text in texts] == ["OOM", "Your", "Published"]
    warnings.discard_unsupported(host)
    assert host["BlkioWeightDevice"] == []


def test_rename(harness: Harness) -> None:
    box = harness.add("old")
    harness.updater.rename(box, "/new")
    assert (box.name, harness.store.get("new")) == ("new", box)
    assert harness.bus.events[-1][3]["oldName"] == "/old"
    assert harness.networks.calls == ["update_neighbours"]
    assert read_json(box.folder / "config.json")["Name"] == "new"
    with pytest.raises(NotFound):
        harness.store.get("old")
    assert harness.store.reserve_name("old", "other-id") == "old"


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("", BadParameter, "Neither old nor new names may be empty"),
        ("/", BadParameter, "Neither old nor new names may be empty"),
        ("web", BadParameter, "Renaming a container with the same name as its current name"),
        (
            "a b",
            BadParameter,
            "Error when allocating new name: Invalid container name (/a b), only",
        ),
        ("x", BadParameter, "Error when allocating new name: Invalid container name (/x), only"),
        ("other", Conflict, "Error when allocating new name: Conflict. The container name"),
    ],
)
def test_invalid_names(harness: Harness, name: str, error: type[Exception], message: str) -> None:
    harness.add("other")
    box = harness.add("web")
    with pytest.raises(error) as caught:
        harness.updater.rename(box, name)
    assert str(caught.value).startswith(message)
    assert (box.name, harness.actions()) == ("web", [])


def test_a_removed_container_has_no_name(harness: Harness) -> None:
    box = harness.add()
    harness.removal.remove(box)
    with pytest.raises(NotFound, match="No such container"):
        harness.updater.rename(box, "new")
    harness.add("new")
