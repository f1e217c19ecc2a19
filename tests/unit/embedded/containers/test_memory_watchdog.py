"""The watchdog of memory limits, with a process that uses memory."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from unit.embedded.containers.harness import SIGKILL, Harness, wait_for

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


def test_what_does_not_run_is_left_alone(harness: Harness) -> None:
    box = harness.add()
    box.host_config["Memory"] = MIB
    harness.watchdog.check(box)
    assert not harness.watchdog.has_killed(box)
