"""Handling of a process's exit: state, --rm, restart policy, waiting clients."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from unit.embedded.containers.harness import (
    SIGKILL,
    FakeProcess,
    Harness,
    an_exec,
    policy,
    wait_for,
)

from docker_magics.embedded import clock
from docker_magics.embedded.containers import monitor
from docker_magics.embedded.errors import ApiError, BadParameter
from docker_magics.embedded.runtime.process import Exit


def test_an_exit_is_recorded(harness: Harness) -> None:
    box, process = harness.start()
    process.exit(3)
    wait_for(lambda: box.status == "exited")
    state = box.state
    assert (state["ExitCode"], state["Pid"], state["OOMKilled"]) == (3, 0, False)
    assert clock.parse(state["FinishedAt"]) >= clock.parse(state["StartedAt"])
    assert (box.process, box.exits) == (None, 1)
    assert harness.actions() == ["start", "die"]
    assert harness.bus.events[-1][3]["exitCode"] == "3"
    assert harness.networks.calls[-1] == "detach"
    assert harness.cgroups.groups == {}


def test_an_oom_kill(harness: Harness) -> None:
    harness.cgroups.oom_killed = True
    box, process = harness.start()
    process.exit(137)
    wait_for(lambda: box.status == "exited")
    assert box.state["OOMKilled"]
    assert harness.actions() == ["start", "oom", "die"]


def test_volumes_are_unmounted(harness: Harness) -> None:
    mount = {"Type": "volume", "Name": "v", "Source": "", "Destination": "/v", "RW": True}
    harness.volumes.create("data")
    mount |= {"Name": "data", "Propagation": ""}
    box, process = harness.start(Mounts=[mount])
    process.exit()
    wait_for(lambda: box.status == "exited")
    assert harness.bus.actions("volume") == ["create", "mount", "unmount"]


def test_rm_removes_the_container_and_its_anonymous_volumes(harness: Harness) -> None:
    harness.volumes.create("ab")
    point = {"Type": "volume", "Name": "ab", "Destination": "/v", "RW": True, "Propagation": ""}
    box, process = harness.start(
        host_config={"AutoRemove": True}, Mounts=[{**point, "Anonymous": True}]
    )
    process.exit()
    wait_for(lambda: box.removed)
    wait_for(lambda: not harness.volumes.has("ab"))
    assert harness.store.all() == []
    assert not box.folder.exists()


def test_a_restart_policy_restarts_the_container(harness: Harness) -> None:
    second = FakeProcess(pid=4_000_001)
    box, first = harness.start(host_config=policy("always"))
    harness.supervisor.next_processes.append(second)
    first.exit(1)
    wait_for(lambda: box.process is second)
    assert (box.status, box.record["RestartCount"]) == ("running", 1)
    assert box.record["RestartDelay"] == 0.1
    wait_for(lambda: harness.actions() == ["start", "die", "start"])


def test_on_failure_gives_up_after_its_count(harness: Harness) -> None:
    box, first = harness.start(host_config=policy("on-failure", 1))
    first.exit(7)
    wait_for(lambda: box.process not in {first, None})
    box.process.exit(7)
    wait_for(lambda: box.status == "exited")
    assert (box.record["RestartCount"], box.state["ExitCode"], box.exits) == (1, 7, 2)


def test_a_restart_that_fails(harness: Harness) -> None:
    box, process = harness.start(host_config=policy("always"))
    harness.supervisor.create_error = ApiError("no more")
    process.exit(1)
    wait_for(lambda: box.state["Error"] == "no more")
    wait_for(lambda: box.status == "exited")
    assert not box.state["Restarting"]


def test_the_state_during_the_restart_delay(harness: Harness) -> None:
    box, process = harness.start(host_config=policy("always"))
    box.record["RestartDelay"] = 30.0
    process.exit(1)
    wait_for(lambda: box.status == "restarting")
    assert (box.running, box.process, box.record["RestartDelay"]) == (True, None, 60.0)
    box.manually_stopped = True
    box.restart_now.set()


def test_execs_are_killed_with_the_container(harness: Harness) -> None:
    box, process = harness.start()
    running = FakeProcess()
    ended = FakeProcess()
    ended.exit()
    box.execs |= {"a": an_exec(running), "b": an_exec(None), "c": an_exec(ended)}
    process.exit()
    wait_for(lambda: box.status == "exited")
    assert running.signals == [SIGKILL]
    assert set(box.execs) == {"a", "c"}  # execs are forgotten when they have ended


def test_a_killed_shim(harness: Harness) -> None:
    """It leaves no exit time, and maybe processes."""
    box, process = harness.start(process=FakeProcess())
    before = clock.now_ns()
    harness.monitor.handle_exit(box, Exit(137, 0), harness.lifecycle.launch)
    assert before <= clock.parse(box.state["FinishedAt"]) <= clock.now_ns()
    assert harness.supervisor.orphaned == [(box.id, "shim", 0)]
    process.exit()


def test_an_error_in_the_thread_is_logged(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    box, process = harness.start()
    harness.cgroups.remove = lambda _name: 1 / 0
    process.exit()
    wait_for(lambda: caplog.records)
    assert f"cannot handle the exit of container {box.id}" in caplog.text


@pytest.mark.parametrize("condition", ["", "not-running", "next-exit", "removed"])
def test_waiting(harness: Harness, condition: str) -> None:
    box, process = harness.start(host_config={"AutoRemove": True})
    step = harness.monitor.wait(box, condition)
    threading.Timer(0.05, process.exit, [4]).start()
    assert step() == {"StatusCode": 4}


def test_waiting_for_a_stopped_container_returns_at_once(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitor, "_WAIT_S", 0.1)
    box = harness.add()
    box.state.update(ExitCode=2, Error="cannot start")
    answer = {"StatusCode": 2, "Error": {"Message": "cannot start"}}
    assert harness.monitor.wait(box, "not-running")() == answer
    started = time.monotonic()
    assert harness.monitor.wait(box, "next-exit")() is None
    assert time.monotonic() - started > 0.05


def test_waiting_ends_with_the_removal(harness: Harness) -> None:
    box = harness.add()
    steps = [harness.monitor.wait(box, name) for name in ("removed", "next-exit")]
    harness.removal.remove(box)
    assert [step() for step in steps] == [{"StatusCode": 0}] * 2


def test_an_unknown_condition(harness: Harness) -> None:
    box: Any = harness.add()
    with pytest.raises(BadParameter, match='invalid condition: "never"'):
        harness.monitor.wait(box, "never")
