"""The watchdog of memory limits, with a process that uses memory."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from unit.embedded.containers.harness import SIGKILL, FakeProcess, Harness, wait_for

MIB = 1 << 20
USE = "used = bytearray(b'x' * 64 * 2**20); print(flush=True); input()"


@pytest.fixture
def pid() -> Iterator[int]:
    """A process that uses 64 MiB."""
    with subprocess.Popen(
        [sys.executable, "-c", USE], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        process.kill()


@pytest.mark.parametrize(("limit", "is_killed"), [(32, True), (256, False), (0, False)])
def test_a_container_is_killed_above_its_limit(
    harness: Harness, pid: int, limit: int, *, is_killed: bool
) -> None:
    box, process = harness.start()
    box.host_config["Memory"] = limit * MIB
    harness.supervisor.pids = [pid]
    process.pid = pid
    harness.watchdog.check(box)
    assert (SIGKILL in process.signals) is is_killed
    process.exit(137)
    wait_for(lambda: box.status == "exited")
    assert box.state["OOMKilled"] is is_killed
    assert not harness.watchdog.has_killed(box), "it is forgotten"


def test_a_program_that_ends_before_the_signal_was_not_killed(harness: Harness, pid: int) -> None:
    box, process = harness.start()
    box.host_config["Memory"] = MIB
    harness.supervisor.pids = [pid]
    process.pid = pid
    harness.watchdog.check(box)
    process.exit(0)
    wait_for(lambda: box.status == "exited")
    assert not box.state["OOMKilled"]


def test_what_does_not_run_is_left_alone(harness: Harness) -> None:
    box = harness.add()
    box.host_config["Memory"] = MIB
    harness.watchdog.check(box)
    assert not harness.watchdog.has_killed(box)


def test_the_processes_of_an_exec_count_once(harness: Harness, pid: int) -> None:
    """An exec shares the PID namespace: both have all processes of the container."""
    box, process = harness.start()
    box.execs["e"] = SimpleNamespace(process=FakeProcess(pid))
    box.host_config["Memory"] = 96 * MIB
    harness.supervisor.pids = [pid]
    process.pid = pid
    harness.watchdog.check(box)
    assert process.signals == []


def test_a_container_in_the_pid_namespace_of_another_counts_apart(
    harness: Harness, pid: int
) -> None:
    owner, process = harness.start("owner")
    guest, guest_process = harness.start("guest")
    guest.host_config["PidMode"] = f"container:{owner.id}"
    owner.host_config["Memory"] = guest.host_config["Memory"] = 32 * MIB
    harness.supervisor.pids = [pid]
    guest_process.pid = pid
    harness.watchdog.check(owner)
    assert process.signals == []
    harness.watchdog.check(guest)
    assert guest_process.signals == [SIGKILL]


def test_a_limit_of_minus_one_is_none(harness: Harness, pid: int) -> None:
    box, process = harness.start()
    box.host_config["Memory"] = -1
    harness.supervisor.pids = [pid]
    harness.watchdog.check(box)
    assert process.signals == []
