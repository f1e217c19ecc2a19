"""Signals that an exec's shim sends for the exec's processes."""

from __future__ import annotations

import errno
import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from docker_magics.embedded.runtime import proc, signal_broker
from docker_magics.embedded.runtime.signal_broker import SignalBroker

ASK = """
import socket, struct, sys
client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
client.connect(sys.argv[1])
client.send(struct.pack("2i", int(sys.argv[2]), int(sys.argv[3])))
print(*struct.unpack("i", client.recv(4)))
"""


@pytest.fixture
def init() -> Iterator[subprocess.Popen[bytes]]:
    """A container's first process; this one is its shim, and that of an exec."""
    with subprocess.Popen(["sleep", "1000"], process_group=0) as process:
        yield process
        process.kill()


@pytest.fixture
def broker(tmp_path: Path, init: subprocess.Popen[bytes]) -> Iterator[SignalBroker]:
    """A broker that answers."""
    made = SignalBroker(tmp_path, init.pid)
    made.start()
    yield made
    made.remove()
    assert not made.path.exists()


def ask(broker: SignalBroker, pid: int, number: int) -> int:
    """Ask as a process of the exec; return the answer."""
    command = [sys.executable, "-c", ASK, str(broker.path), str(pid), str(number)]
    return int(subprocess.check_output(command))


@pytest.mark.parametrize("is_one", [True, False])
def test_a_process_of_the_container(
    broker: SignalBroker, init: subprocess.Popen[bytes], *, is_one: bool
) -> None:
    assert ask(broker, init.pid, 0) == 0
    assert ask(broker, 1 if is_one else init.pid, signal.SIGTERM) == 0
    assert init.wait() == -signal.SIGTERM


def test_a_process_group(broker: SignalBroker, init: subprocess.Popen[bytes]) -> None:
    assert proc.group(init.pid) == init.pid
    assert ask(broker, -(2**30), 0) == -errno.EPERM
    assert ask(broker, -init.pid, signal.SIGTERM) == 0
    assert init.wait() == -signal.SIGTERM


def test_other_execs_are_found_while_they_run(broker: SignalBroker, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as other:
        other.bind(str(tmp_path / "signals-7"))
        assert signal_broker.exec_shims(tmp_path) == [os.getpid()]
        other.listen()
        assert sorted(signal_broker.exec_shims(tmp_path)) == [7, os.getpid()]
    assert signal_broker.exec_shims(tmp_path) == [os.getpid()]
    assert broker.path.exists()


def test_other_processes(broker: SignalBroker) -> None:
    assert ask(broker, os.getppid(), 0) == -errno.EPERM
    assert ask(broker, os.getpid(), 0) == -errno.EPERM
    assert ask(broker, 2**31 - 1, 0) == -errno.ESRCH


def test_who_is_not_of_the_exec(broker: SignalBroker, init: subprocess.Popen[bytes]) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
        client.connect(str(broker.path))
        client.send(struct.pack("2i", init.pid, signal.SIGKILL))
        assert struct.unpack("i", client.recv(4)) == (-errno.EPERM,)
    assert init.poll() is None


def test_who_does_not_ask_delays_others_only_a_while(
    broker: SignalBroker, init: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal_broker, "_TIMEOUT_S", 0.05)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
        client.connect(str(broker.path))
        assert ask(broker, init.pid, 0) == 0


def test_a_request_that_is_none(broker: SignalBroker, init: subprocess.Popen[bytes]) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
        client.connect(str(broker.path))
        client.send(b"x")
        assert client.recv(4) == b""
    assert ask(broker, init.pid, 0) == 0
