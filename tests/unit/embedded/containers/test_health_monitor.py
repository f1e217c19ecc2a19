"""Running health checks, with fake probe processes."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from unit.embedded.containers.harness import FakeProcess, Harness, wait_for

from docker_magics.embedded.errors import ApiError
from docker_magics.wire import frames

MS = 1_000_000


class Probe(FakeProcess):
    """A fake probe process that writes a text and exits with a code; None lets it hang."""

    def __init__(self, code: int | None, output: bytes = b"") -> None:
        super().__init__()
        self._ours, self._theirs = socket.socketpair()
        if output:
            self._ours.sendall(frames.encode(frames.Stream.STDOUT, output))
        if code is not None:
            self._ours.close()
            self.exit(code)

    def attach(self, *, stdin: bool) -> socket.socket:
        assert not stdin
        return self._theirs

    def hang_up(self) -> None:
        """Exit like after SIGKILL."""
        self._ours.close()
        self.exit(137)


def with_check(harness: Harness, *probes: Any, **check: Any) -> Any:
    """Start a container with checks that use these probes, in order."""
    harness.supervisor.probes.extend(probes)
    values = {"Test": ["CMD", "probe", "me"], "Interval": 5 * MS, "Retries": 2, **check}
    return harness.start(config={"Healthcheck": values})[0]


def test_without_a_check(harness: Harness) -> None:
    box, _ = harness.start()
    assert "Health" not in box.state
    assert box.health_stop is None


def test_healthy(harness: Harness) -> None:
    box = with_check(harness, Probe(0, b"fine"), Interval=20 * MS)
    wait_for(lambda: box.state["Health"]["Status"] == "healthy")
    (result,) = box.state["Health"]["Log"][:1]
    assert (result["ExitCode"], result["Output"]) == (0, "fine")
    wait_for(lambda: "health_status: healthy" in harness.actions())
    assert harness.actions()[:4] == [
        "start",
        "exec_create: probe me",
        "exec_start: probe me",
        "exec_die",
    ]


def test_unhealthy_after_its_retries(harness: Harness) -> None:
    box = with_check(harness, Probe(1), Probe(1), Probe(0))
    wait_for(lambda: "health_status: healthy" in harness.actions())
    statuses = [action for action in harness.actions() if action.startswith("health")]
    assert statuses == ["health_status: unhealthy", "health_status: healthy"]
    assert [result["ExitCode"] for result in box.state["Health"]["Log"]][:3] == [1, 1, 0]


def test_a_probe_that_hangs_is_killed(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    killed = []

    def kill(process: Probe) -> None:
        killed.append(process)
        process.hang_up()

    monkeypatch.setattr("docker_magics.embedded.containers.health_monitor._kill", kill)
    probe = Probe(None, b"so far")
    box = with_check(harness, probe, Timeout=20 * MS, Interval=50 * MS)
    wait_for(lambda: box.state["Health"]["Log"])
    result = box.state["Health"]["Log"][0]
    assert killed == [probe]
    assert (result["ExitCode"], result["Output"]) == (-1, "Health check exceeded timeout (20ms)")


def test_a_probe_that_cannot_start(harness: Harness) -> None:
    class Broken(Probe):
        def start(self) -> None:
            raise ApiError("exec failed")

    box = with_check(harness, Broken(0), Interval=20 * MS)
    wait_for(lambda: box.state["Health"]["Log"])
    result = box.state["Health"]["Log"][0]
    assert (result["ExitCode"], result["Output"]) == (-1, "exec failed")


def test_a_long_output_is_truncated(harness: Harness) -> None:
    box = with_check(harness, Probe(0, b"x" * 5000), Interval=20 * MS)
    wait_for(lambda: box.state["Health"]["Log"])
    assert box.state["Health"]["Log"][0]["Output"] == "x" * 4096


def test_checks_end_with_the_container(harness: Harness) -> None:
    box = with_check(harness, Interval=10**12)
    stopped = box.health_stop
    harness.lifecycle.stop(box)
    assert stopped is not None
    assert stopped.is_set()
    assert (box.health_stop, box.state["Health"]["Status"]) == (None, "unhealthy")


def test_a_result_after_the_exit_is_dropped(harness: Harness) -> None:
    probe = Probe(None)
    box = with_check(harness, probe, Interval=5 * MS)
    wait_for(lambda: probe.is_started)
    harness.lifecycle.stop(box)
    probe.hang_up()
    wait_for(lambda: "exec_die" in harness.actions())
    assert box.state["Health"] == {"Status": "unhealthy", "FailingStreak": 0, "Log": []}
