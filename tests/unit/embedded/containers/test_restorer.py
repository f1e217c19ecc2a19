"""Containers across restarts of the engine."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from unit.embedded.containers.harness import (
    SIGKILL,
    SIGTERM,
    FakeProcess,
    Harness,
    policy,
    wait_for,
)

from docker_magics.embedded.errors import ApiError
from docker_magics.embedded.state import read_json, write_json


def restarted(harness: Harness) -> Harness:
    """Return the parts of a new engine on the same root."""
    return Harness(harness.root)


def test_a_running_container_is_reattached(harness: Harness) -> None:
    box, _ = harness.start()
    later = restarted(harness)
    process = FakeProcess()
    later.supervisor.attached[box.id] = process
    later.restorer.reattach()
    (reattached,) = later.store.all()
    assert (reattached.status, reattached.process) == ("running", process)
    assert (later.networks.calls, later.actions()) == (["reattach"], [])
    process.exit(5)
    wait_for(lambda: reattached.status == "exited")
    assert reattached.state["ExitCode"] == 5


@pytest.mark.parametrize(("left", "code"), [({"code": 3, "finished": 10**18}, 3), (None, 137)])
def test_a_container_that_exited_while_no_engine_ran(
    harness: Harness, left: Any, code: int
) -> None:
    box, _ = harness.start()
    if left is not None:
        write_json(box.folder / "shim.exit", left)
    later = restarted(harness)
    later.restorer.reattach()
    (reattached,) = later.store.all()
    assert (reattached.status, reattached.state["ExitCode"]) == ("exited", code)
    assert later.actions() == ["die"]
    if left is not None:
        assert reattached.state["FinishedAt"] == "2001-09-09T01:46:40Z"


def test_its_restart_policy_applies(harness: Harness) -> None:
    box, _ = harness.start(host_config=policy("on-failure", 3))
    write_json(box.folder / "shim.exit", {"code": 1, "finished": 0})
    later = restarted(harness)
    later.restorer.reattach()
    (reattached,) = later.store.all()
    wait_for(lambda: reattached.status == "running")
    assert reattached.record["RestartCount"] == 1


def test_the_engine_s_start_does_not_wait_for_a_restart(harness: Harness) -> None:
    box, _ = harness.start(host_config=policy("always"))
    box.record["RestartDelay"] = 30.0
    box.write()
    later = restarted(harness)
    later.restorer.reattach()
    later.restorer.start_by_policy()
    (reattached,) = later.store.all()
    assert (reattached.status, later.supervisor.specs) == ("restarting", [])
    later.lifecycle.stop(reattached)


def test_a_manually_stopped_container_is_not_restarted(harness: Harness) -> None:
    box, _ = harness.start(host_config=policy("always"))
    box.record["ManuallyStopped"] = True
    box.write()
    later = restarted(harness)
    later.restorer.reattach()
    assert later.store.all()[0].status == "exited"


def test_an_interrupted_start(harness: Harness) -> None:
    """The process exists, but the record does not contain it."""
    box = harness.add()
    process = FakeProcess()
    harness.supervisor.attached[box.id] = process
    harness.cgroups.groups[box.id] = {}
    harness.restorer.reattach()
    assert process.signals == [SIGKILL]
    assert (box.status, box.process, harness.cgroups.groups) == ("created", None, {})


def test_left_over_control_groups_are_removed(harness: Harness) -> None:
    box = harness.add()
    harness.cgroups.groups[box.id] = {}
    harness.restorer.reattach()
    assert harness.cgroups.groups == {}


def test_containers_of_an_interrupted_build_are_removed(harness: Harness) -> None:
    harness.add("stopped", OfBuild=True)
    running, _ = harness.start("running", OfBuild=True)
    other = harness.add("other")
    later = restarted(harness)
    process = FakeProcess()
    later.supervisor.attached[running.id] = process
    later.restorer.reattach()
    assert [reattached.id for reattached in later.store.all()] == [other.id]
    assert process.signals == [SIGKILL]


def test_incomplete_containers_are_swept(harness: Harness) -> None:
    box = harness.add()
    half: Path = harness.root / "containers" / "half"
    (half / "upper").mkdir(parents=True)
    (box.folder / "exec-1234.json").touch()
    later = restarted(harness)
    assert [reattached.id for reattached in later.store.all()] == [box.id]
    assert not half.exists()
    assert not (box.folder / "exec-1234.json").exists()


@pytest.mark.parametrize(
    ("name", "manually_stopped", "starts"),
    [
        ("always", True, True),
        ("unless-stopped", False, True),
        ("unless-stopped", True, False),
        ("on-failure", False, False),
        ("no", False, False),
    ],
)
def test_start_by_policy(
    harness: Harness, name: str, *, manually_stopped: bool, starts: bool
) -> None:
    box, process = harness.start(host_config=policy(name))
    box.manually_stopped = True
    process.exit()
    wait_for(lambda: box.status == "exited")
    box.record["ManuallyStopped"] = manually_stopped
    harness.restorer.start_by_policy()
    assert box.running is starts


def test_a_created_container_is_not_started(harness: Harness) -> None:
    box = harness.add(host_config=policy("always"))
    harness.restorer.start_by_policy()
    assert box.status == "created"


def test_a_failed_start_does_not_prevent_others(harness: Harness) -> None:
    boxes = []
    for name in ("first", "second"):
        box, process = harness.start(name, host_config=policy("always"))
        box.manually_stopped = True
        process.exit()
        boxes.append(box)
    wait_for(lambda: all(box.status == "exited" for box in boxes))
    harness.supervisor.create_error = ApiError("no")
    harness.restorer.start_by_policy()
    assert [box.state["Error"] for box in boxes] == ["no", "no"]


def test_stop_all_does_not_count_as_a_manual_stop(harness: Harness) -> None:
    running = [harness.start(name, host_config=policy("always")) for name in ("one", "two")]
    stopped = harness.add("three")
    harness.restorer.stop_all()
    for box, process in running:
        assert (process.signals, box.status) == ([SIGTERM], "exited")
        assert read_json(box.folder / "config.json")["ManuallyStopped"] is False
    assert stopped.status == "created"


def test_stop_all_with_a_container_of_rm(harness: Harness) -> None:
    box, _ = harness.start(host_config={"AutoRemove": True})
    harness.restorer.stop_all()
    assert box.removed
    assert not box.folder.exists()


@pytest.mark.parametrize("frozen", [True, False])
def test_what_is_frozen_is_paused_whatever_was_recorded(harness: Harness, *, frozen: bool) -> None:
    box, _ = harness.start()
    box.state["Paused"] = not frozen
    box.save()
    later = restarted(harness)
    later.supervisor.attached[box.id] = FakeProcess()
    later.cgroups.group_freezer = SimpleNamespace(is_frozen=lambda: frozen)
    later.restorer.reattach()
    (reattached,) = later.store.all()
    assert reattached.status == ("paused" if frozen else "running")
