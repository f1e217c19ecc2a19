"""Values of /proc, read of this test's processes."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

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
    assert proc.descendants(family.pid) == children
    ours = proc.descendants(os.getpid())  # those of other tests may be among them
    assert ours.count(family.pid) == 1
    assert ours.index(family.pid) < min(ours.index(child) for child in children)
    assert proc.in_same_namespace(family.pid) == [family.pid, *children]


def test_expected_signals() -> None:
    pid = os.getpid()
    assert proc.expects(pid, signal.SIGINT)
    assert not proc.expects(pid, signal.SIGXCPU)
    previous = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGXCPU})
    assert proc.expects(pid, signal.SIGXCPU)
    signal.pthread_sigmask(signal.SIG_SETMASK, previous)


def test_usage(family: subprocess.Popen[bytes]) -> None:
    usage = proc.usage([family.pid, *proc.children(family.pid), GONE])
    assert usage["pids"] == 3
    assert usage["memory"] > 3 * 4096
    assert usage["cpu_ns"] == usage["user_ns"] + usage["system_ns"]
    assert usage["read"] >= 0
    assert usage["write"] >= 0


def test_memory_that_cannot_be_dropped(family: subprocess.Popen[bytes]) -> None:
    pids = [family.pid, *proc.children(family.pid), GONE]
    assert 3 * 4096 < proc.unreclaimable(pids) < proc.usage(pids)["memory"]


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


def test_processes_of_a_program(family: subprocess.Popen[bytes]) -> None:
    children = proc.children(family.pid)
    assert set(proc.of_program("sh", "sleep 60 & sleep 60")) >= {family.pid, *children}
    assert proc.of_program("sh", "no such argument") == []


def test_processes_by_what_is_mounted_in_their_namespace(tmp_path: Path) -> None:
    roots = [line.split()[3] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    within = next((root for root in roots if root.count("/") > 1), None)
    if within is not None:
        assert os.getpid() in proc.with_mount_of(Path(within.split("/")[1]))
    assert proc.with_mount_of(tmp_path / "no-such-folder") == []


def test_all_are_killed(family: subprocess.Popen[bytes]) -> None:
    """Those that are found only after others were stopped too."""
    children = proc.children(family.pid)
    rounds = iter([[family.pid], [family.pid, *children], [family.pid, *children], []])
    proc.kill_all(lambda: next(rounds))
    family.wait()
    assert family.returncode == -9


def test_a_name_is_any_bytes(tmp_path: Path) -> None:
    """The kernel cuts a name after 15 bytes, also within a character."""
    program = tmp_path / "a데이터처리"
    program.symlink_to("/bin/sleep")
    with subprocess.Popen([str(program), "60"]) as process:
        try:
            assert proc.parent(process.pid) == os.getpid()
            assert proc.usage([process.pid])["pids"] == 1
            assert proc.start_time(process.pid) > 0
            assert proc.of_program("sleep", "no such text") == []
            assert proc.ancestors(process.pid)[:2] == [os.getpid(), os.getppid()]
        finally:
            process.kill()


def test_a_shortage_of_descriptors_is_not_a_lack_of_children(
    family: subprocess.Popen[bytes],
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        with pytest.raises(OSError, match="Too many open files"):
            proc.descendants(family.pid)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
