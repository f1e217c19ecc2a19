"""Values of /proc, read of this test's processes."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator

import pytest

from docker_magics.embedded.runtime import proc

GONE = 1 << 22  # above the largest PID


@pytest.fixture
def family() -> Iterator[subprocess.Popen[bytes]]:
    """Run a shell with two children."""
    with subprocess.Popen(["sh", "-c", "sleep 60 & sleep 60 & wait"]) as shell:
        deadline = time.monotonic() + 10
        while len(proc.children(shell.pid)) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        yield shell
        for pid in proc.descendants(shell.pid):
            os.kill(pid, 9)


def test_descendants(family: subprocess.Popen[bytes]) -> None:
    children = proc.children(family.pid)
    assert len(children) == 2
    assert proc.descendants(os.getpid())[: 1 + len(children)].count(family.pid) == 1
    assert set(children) < set(proc.descendants(os.getpid()))
    assert proc.in_same_namespace(family.pid) == [family.pid, *children]


def test_usage(family: subprocess.Popen[bytes]) -> None:
    usage = proc.usage([family.pid, *proc.children(family.pid), GONE])
    assert usage["pids"] == 3
    assert usage["memory"] > 3 * 4096
    assert usage["cpu_ns"] == usage["user_ns"] + usage["system_ns"]
    assert usage["read"] >= 0
    assert usage["write"] >= 0


def test_processes_that_have_ended() -> None:
    assert proc.children(GONE) == []
    assert proc.descendants(GONE) == []
    assert proc.interface_counters(GONE) == {}
    assert proc.usage([GONE])["pids"] == 0
    assert proc.in_same_namespace(GONE) == [GONE]
    with pytest.raises(FileNotFoundError):
        proc.start_time(GONE)


def test_the_machine() -> None:
    before = proc.system_cpu_ns()
    assert before > 0
    assert proc.system_cpu_ns() >= before
    assert proc.memory_total() > 1 << 20


def test_start_time() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        assert abs(proc.start_time(process.pid) - time.time()) < 5
        process.kill()


def test_interface_counters() -> None:
    for counters in proc.interface_counters(os.getpid()).values():
        assert counters.keys() == {
            f"{way}_{what}"
            for way in ("rx", "tx")
            for what in ("bytes", "packets", "errors", "dropped")
        }
    assert "lo" not in proc.interface_counters(os.getpid())
