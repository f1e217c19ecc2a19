"""Processes of the engine are executed anew and replaced."""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys
import threading
from pathlib import Path

import pytest

from docker_magics.embedded import descriptors, processes

MODULE = """
import os, resource, sys
from docker_magics.embedded import processes
sock = processes.take_stdin()
limits = resource.getrlimit(resource.RLIMIT_NOFILE)
sock.sendall(repr((sys.argv[1:], limits, os.read(0, 1))).encode())
"""


def test_a_module_is_executed_with_sockets_and_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "serves.py").write_text(MODULE)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *filter(None, sys.path)]))
    monkeypatch.setattr(sys, "argv", ["engine", "--root", "/r"])
    ours, theirs = socket.socketpair()
    with ours, theirs:
        pid = processes.execute("serves", theirs)
        theirs.close()
        ours.settimeout(20)
        limits = descriptors.original_limits()
        expected = (["--root", "/r"], limits, b"")
        assert ours.recv(1000).decode() == repr(expected)
    assert processes.wait_for_end(pid, 20) == 0
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, 0)


def test_waiting_for_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    processes.wait_for_end(os.getpid(), 0.01)
    processes.wait_for_end(1 << 30)
    processes.wait_for_end(0)
    monkeypatch.setattr(os, "pidfd_open", lambda _pid: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        processes.wait_for_end(1)


def test_a_process_is_replaced_until_the_engine_ends(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(processes, "_PAUSE_S", 0.01)
    seen, done = [], threading.Event()

    def replace(ended: int) -> bool:
        seen.append(ended)
        if len(seen) == 2:
            raise OSError("no memory")
        if len(seen) == 4:
            done.set()
        return len(seen) < 4

    pids = [os.posix_spawn("/bin/sleep", ["sleep", "60"], {}) for _ in range(4)]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    open_, shortage = os.pidfd_open, iter(["once"])

    def pidfd_open(pid: int) -> int:
        if next(shortage, None):
            raise OSError(errno.EMFILE, "too many open files")
        return open_(pid)

    monkeypatch.setattr(os, "pidfd_open", pidfd_open)
    processes.keep("it", lambda: pids[len(seen)], replace)
    assert done.wait(20)
    assert seen == pids
    assert "cannot replace it" in caplog.text
    assert f"it (process {pids[0]}) has ended: it was replaced" in caplog.text
