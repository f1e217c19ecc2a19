"""Starting, stopping, killing, pausing and restarting a fake process."""

from __future__ import annotations

import signal
import threading
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

from docker_magics.embedded import clock
from docker_magics.embedded.errors import ApiError, BadParameter, Conflict, NotModified
from docker_magics.embedded.runtime.process import StartFailed
from docker_magics.embedded.state import read_json


def test_start(harness: Harness) -> None:
    box, process = harness.start()
    assert process.is_started
    assert (box.status, box.state["Pid"]) == ("running", process.pid)
    assert clock.parse(box.state["StartedAt"]) > 0
    assert harness.networks.calls == ["share_names", "attach", "write"]
    assert harness.actions() == ["start"]
    assert list(harness.cgroups.groups) == [box.id]
    assert read_json(box.folder / "config.json")["State"]["Running"] is True
    spec = harness.supervisor.specs[0]
    assert spec["cgroup"] == [f"/cgroup/{box.id}/cgroup.procs"]
    assert spec["args"] == ["sh"]


def test_waiting_clients_attach_before_the_program_runs(harness: Harness) -> None:
    seen = []

    class Waiting:
        def begin(self, process: Any) -> None:
            seen.append(process.is_started)

        def cancel(self) -> None:
            seen.append("cancelled")

    box = harness.add()
    box.attachments.append(Waiting())
    harness.lifecycle.start(box)
    assert (seen, box.attachments) == ([False], [])
    failing = harness.add("failing")
    failing.attachments.append(Waiting())
    harness.supervisor.create_error = StartFailed("no such file", 127)
    with pytest.raises(StartFailed):
        harness.lifecycle.start(failing)
    assert (seen, failing.attachments) == ([False, "cancelled"], [])


@pytest.mark.parametrize(
    ("state", "error", "message"),
    [
        ({"Running": True}, NotModified, ""),
        ({"Paused": True}, Conflict, "cannot start a paused container, try unpause instead"),
        ({"Removing": True}, Conflict, "container is marked for removal and cannot be started"),
    ],
)  # fmt: skip
def test_start_errors(harness: Harness, state: Any, error: type[Exception], message: str) -> None:
    box = harness.add()
    box.state.update(state)
    with pytest.raises(error) as caught:
        harness.lifecycle.start(box)
    assert str(caught.value) == message
    assert harness.supervisor.specs == []


def test_a_program_that_cannot_be_executed(harness: Harness) -> None:
    box = harness.add()
    process = FakeProcess()
    process.start_error = StartFailed('exec: "sh": not found', 127)
    harness.supervisor.next_processes.append(process)
    with pytest.raises(StartFailed, match="not found"):
        harness.lifecycle.start(box)
    assert process.signals == [SIGKILL]
    assert harness.networks.calls[-1] == "detach"
    assert harness.cgroups.groups == {}
    assert (box.status, box.process, box.state["ExitCode"]) == ("created", None, 127)
    assert "not found" in box.state["Error"]
    assert harness.actions() == []


def test_an_address_in_use(harness: Harness) -> None:
    box = harness.add()
    harness.networks.attach_error = ApiError("address already in use")
    with pytest.raises(ApiError, match="address already in use"):
        harness.lifecycle.start(box)
    (process,) = harness.supervisor.processes_created
    assert (process.is_started, process.signals) == (False, [SIGKILL])
    assert (box.state["ExitCode"], harness.cgroups.groups) == (128, {})
    harness.networks.attach_error = None
    harness.lifecycle.start(box)
    assert (box.status, box.state["Error"]) == ("running", "")


def test_a_limit_that_the_kernel_rejects(harness: Harness) -> None:
    box = harness.add()
    harness.cgroups.error = OSError(22, "Invalid argument")
    with pytest.raises(StartFailed, match=r"error setting cgroup config .*: Invalid argument"):
        harness.lifecycle.start(box)
    assert (box.state["ExitCode"], harness.supervisor.specs) == (126, [])


def test_an_unexpected_error_becomes_an_api_error(harness: Harness) -> None:
    box = harness.add()
    harness.supervisor.create_error = OSError(28, "No space left on device")
    with pytest.raises(ApiError, match="no space left on device"):
        harness.lifecycle.start(box)
    assert box.state["ExitCode"] == 128


def test_a_failed_start_removes_a_container_of_rm(harness: Harness) -> None:
    box = harness.add(host_config={"AutoRemove": True})
    harness.supervisor.create_error = StartFailed("no", 126)
    with pytest.raises(StartFailed):
        harness.lifecycle.start(box)
    assert box.removed
    assert harness.store.all() == []


def test_stop_sends_the_stop_signal(harness: Harness) -> None:
    box, process = harness.start()
    harness.lifecycle.stop(box)
    assert process.signals == [SIGTERM]
    assert (box.status, box.state["ExitCode"]) == ("exited", 143)
    assert harness.actions() == ["start", "kill", "die", "stop"]
    assert box.record["ManuallyStopped"]
    with pytest.raises(NotModified):
        harness.lifecycle.stop(box)


@pytest.mark.parametrize(
    ("config", "requested", "expected"),
    [
        ({}, "", signal.SIGTERM),
        ({"StopSignal": "SIGINT"}, "", signal.SIGINT),
        ({"StopSignal": "SIGINT"}, "QUIT", signal.SIGQUIT),
        ({}, "9", signal.SIGKILL),
    ],
)
def test_the_stop_signal(harness: Harness, config: Any, requested: str, expected: int) -> None:
    box, process = harness.start(config=config)
    harness.lifecycle.stop(box, None, requested)
    assert process.signals == [expected]


def test_an_unknown_stop_signal(harness: Harness) -> None:
    box, process = harness.start()
    with pytest.raises(BadParameter):
        harness.lifecycle.stop(box, None, "SIGNOTHING")
    assert (box.running, process.signals) == (True, [])


@pytest.mark.parametrize(("timeout", "seconds"), [(0, None), (None, 0), (60, 0)])
def test_ignoring_the_stop_signal_leads_to_sigkill(
    harness: Harness, timeout: int | None, seconds: int | None
) -> None:
    stubborn = FakeProcess(ignored=(SIGTERM,))
    box, process = harness.start(process=stubborn, config={"StopTimeout": timeout})
    harness.lifecycle.stop(box, seconds)
    assert process.signals == [SIGTERM, SIGKILL]
    assert box.state["ExitCode"] == 137


def test_stop_without_a_timeout_waits(harness: Harness) -> None:
    box, process = harness.start(process=FakeProcess(ignored=(SIGTERM,)))
    thread = threading.Thread(target=harness.lifecycle.stop, args=(box, -1))
    thread.start()
    wait_for(lambda: process.signals)
    thread.join(0.1)
    assert thread.is_alive()
    process.exit(3)
    thread.join()
    assert (process.signals, box.state["ExitCode"]) == ([SIGTERM], 3)


def test_stop_removes_a_container_of_rm(harness: Harness) -> None:
    box, _ = harness.start(host_config={"AutoRemove": True})
    harness.lifecycle.stop(box)
    assert box.removed
    assert harness.actions()[-2:] == ["stop", "destroy"]


def test_restart(harness: Harness) -> None:
    box, first = harness.start(host_config={"AutoRemove": True})
    harness.lifecycle.restart(box)
    assert first.signals == [SIGTERM]
    assert (box.status, box.process is first, box.removed) == ("running", False, False)
    assert harness.actions() == ["start", "kill", "die", "stop", "start", "restart"]


def test_restart_starts_a_stopped_container(harness: Harness) -> None:
    box = harness.add()
    harness.lifecycle.restart(box)
    assert (box.status, harness.actions()) == ("running", ["start", "restart"])


def test_kill(harness: Harness) -> None:
    box, process = harness.start()
    harness.lifecycle.kill(box)
    assert (process.signals, box.status) == ([SIGKILL], "exited")
    with pytest.raises(Conflict, match=f"container {box.id} is not running"):
        harness.lifecycle.kill(box)


def test_a_signal_that_the_program_handles(harness: Harness) -> None:
    box, process = harness.start(process=FakeProcess(ignored=(signal.SIGHUP,)))
    harness.lifecycle.kill(box, signal.SIGHUP)
    assert (process.signals, box.status) == ([signal.SIGHUP], "running")
    assert harness.bus.events[-1][:2] == ("container", "kill")
    assert harness.bus.events[-1][3]["signal"] == "1"


@pytest.mark.parametrize("number", [0, 65, -1, 32])
def test_an_unknown_signal(harness: Harness, number: int) -> None:
    box, process = harness.start()
    with pytest.raises(ApiError, match=f"does not support signal {number}"):
        harness.lifecycle.kill(box, number)
    assert process.signals == []


@pytest.mark.parametrize(
    ("stop_signal", "number", "cancels"),
    [
        (None, signal.SIGHUP, True),  # any signal counts as a manual stop
        ("SIGINT", signal.SIGHUP, False),
        ("SIGINT", signal.SIGINT, True),
        ("SIGINT", signal.SIGKILL, True),
    ],
)
def test_which_signals_cancel_the_restart_policy(
    harness: Harness, stop_signal: str | None, number: int, *, cancels: bool
) -> None:
    config = {"StopSignal": stop_signal} if stop_signal else {}
    box, process = harness.start(config=config, process=FakeProcess(ignored=(number,)))
    process.ignored = (signal.SIGHUP, signal.SIGINT)
    harness.lifecycle.kill(box, number)
    assert box.manually_stopped is cancels
    assert box.record["ManuallyStopped"] is True


def test_kill_cancels_a_pending_restart(harness: Harness) -> None:
    box, process = harness.start(host_config=policy("always"))
    box.record["RestartDelay"] = 30.0
    process.exit(1)
    wait_for(lambda: box.state["Restarting"])
    harness.lifecycle.kill(box)
    assert (box.running, box.status) == (False, "exited")
    assert len(harness.supervisor.specs) == 1


def test_stop_cancels_a_pending_restart(harness: Harness) -> None:
    box, process = harness.start(host_config=policy("always"))
    box.record["RestartDelay"] = 30.0
    process.exit(1)
    wait_for(lambda: box.state["Restarting"])
    harness.lifecycle.stop(box)
    assert (box.status, harness.actions()[-1]) == ("exited", "stop")


def test_start_ends_the_delay_of_a_restart(harness: Harness) -> None:
    box, process = harness.start(host_config=policy("always"))
    box.record["RestartDelay"] = 30.0
    process.exit(1)
    wait_for(lambda: box.state["Restarting"])
    harness.lifecycle.start(box)
    assert (box.status, box.record["RestartCount"], box.record["RestartDelay"]) == ("running", 0, 0)
