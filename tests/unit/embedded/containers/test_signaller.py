"""Pausing containers: by the freezer, and by signals where there is none."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from unit.embedded.containers.harness import SIGKILL, SIGTERM, FakeProcess, Harness, wait_for

from docker_magics.embedded.containers import signaller
from docker_magics.embedded.errors import ApiError, Conflict


@pytest.fixture
def sleeper() -> Any:
    """A real sleeping process."""
    process = subprocess.Popen(["sleep", "60"])
    yield process
    process.kill()
    process.wait()


def state_of(process: Any) -> str:
    """Return a process's state letter (proc(5))."""
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(") ")[2][0]


def test_pause_suspends_all_processes(harness: Harness, sleeper: Any) -> None:
    box, _ = harness.start()
    harness.supervisor.pids = [sleeper.pid, 2**22 + 5]  # one that has just ended
    harness.lifecycle.pause(box)
    wait_for(lambda: state_of(sleeper) == "T")
    assert box.status == "paused"
    with pytest.raises(Conflict, match="is already paused"):
        harness.lifecycle.pause(box)
    with pytest.raises(Conflict, match="try unpause instead"):
        harness.lifecycle.start(box)
    harness.lifecycle.unpause(box)
    wait_for(lambda: state_of(sleeper) == "S")
    assert (box.status, harness.actions()) == ("running", ["start", "pause", "unpause"])
    with pytest.raises(Conflict, match="is not paused"):
        harness.lifecycle.unpause(box)


def test_pause_of_a_stopped_container(harness: Harness) -> None:
    box = harness.add()
    with pytest.raises(Conflict, match="is not running"):
        harness.lifecycle.pause(box)
    assert not box.state["Paused"]


def test_sigkill_resumes_a_paused_container(harness: Harness, sleeper: Any) -> None:
    box, _ = harness.start(process=FakeProcess(ignored=(SIGKILL,)))
    harness.supervisor.pids = [sleeper.pid]
    harness.lifecycle.pause(box)
    with box.lock:
        harness.signaller.send(box, SIGKILL)
    wait_for(lambda: state_of(sleeper) == "S")
    assert box.status == "running"


class FakeFreezer:
    """A freezer; `error` is raised by `freeze`."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.error: OSError | None = None

    def freeze(self) -> None:
        if self.error is not None:
            raise self.error
        self.calls.append("freeze")

    def thaw(self) -> None:
        self.calls.append("thaw")


@pytest.fixture
def freezer(harness: Harness) -> FakeFreezer:
    """The freezer of the control groups."""
    harness.cgroups.group_freezer = FakeFreezer()
    freezer: FakeFreezer = harness.cgroups.group_freezer
    return freezer


def test_the_freezer_is_used(harness: Harness, freezer: FakeFreezer) -> None:
    box, process = harness.start()
    harness.lifecycle.pause(box)
    assert (freezer.calls, box.status) == (["freeze"], "paused")
    harness.lifecycle.unpause(box)
    assert (freezer.calls, box.status) == (["freeze", "thaw"], "running")
    assert process.signals == []


def test_a_container_that_does_not_freeze_runs_on(harness: Harness, freezer: FakeFreezer) -> None:
    box, _ = harness.start()
    freezer.error = OSError(16, "unable to freeze")
    with pytest.raises(ApiError) as caught:
        harness.lifecycle.pause(box)
    assert str(caught.value) == f"cannot pause container {box.id}: unable to freeze"
    assert (box.status, harness.actions()) == ("running", ["start"])


def test_processes_that_do_not_stop(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signaller, "_STOP_TIMEOUT_S", 0.05)
    monkeypatch.setattr(signaller.proc, "state", lambda _pid: "R")
    box, _ = harness.start()
    harness.supervisor.pids = [2**22 + 5]
    with pytest.raises(ApiError, match="unable to freeze"):
        harness.lifecycle.pause(box)
    assert box.status == "running"


@pytest.mark.parametrize(
    ("stop_signal", "number", "resumed"),
    [
        ("", signal.SIGUSR1, True),
        ("SIGQUIT", signal.SIGQUIT, True),
        ("SIGQUIT", SIGKILL, True),
        ("SIGQUIT", SIGTERM, False),
    ],
)
def test_signals_that_stop_a_container_resume_it(
    harness: Harness, freezer: FakeFreezer, stop_signal: str, number: int, *, resumed: bool
) -> None:
    ignoring = FakeProcess(ignored=(number,))
    box, _ = harness.start(process=ignoring, config={"StopSignal": stop_signal})
    harness.lifecycle.pause(box)
    with box.lock:
        harness.signaller.send(box, number)
    assert ("thaw" in freezer.calls) is resumed
    assert box.status == ("running" if resumed else "paused")
    assert harness.actions() == ["start", "pause", "kill", *(["unpause"] if resumed else [])]


def test_a_paused_container_can_be_stopped(harness: Harness, freezer: FakeFreezer) -> None:
    box, process = harness.start()
    harness.lifecycle.pause(box)
    harness.lifecycle.stop(box)
    assert (process.signals, box.status) == ([SIGTERM], "exited")
    assert freezer.calls == ["freeze", "thaw"]
