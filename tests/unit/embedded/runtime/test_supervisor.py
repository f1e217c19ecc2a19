"""Containers' processes from creation to exit: supervisor, zygote, shim, and the engine's side."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from unit.embedded.runtime.plain_driver import PlainDriver, spec

from docker_magics.embedded import processes
from docker_magics.embedded.errors import ApiError, BadParameter, NotFound
from docker_magics.embedded.runtime import messages, shim, zygote
from docker_magics.embedded.runtime.process import (
    CONTAINER,
    Exit,
    Process,
    StartFailed,
    runc_message,
)
from docker_magics.embedded.runtime.spec import ContainerSpec, Spec
from docker_magics.embedded.runtime.supervisor import Supervisor, shims
from docker_magics.wire import frames


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    """Return a supervisor with a driver without isolation; containers end with the test."""
    created: list[Process] = []

    class Recorder(Supervisor):
        def create(self, folder: Path, spec: Spec, name: str = CONTAINER) -> Process:
            created.append(super().create(folder, spec, name))
            return created[-1]

    supervisor = Recorder(PlainDriver())
    yield supervisor
    supervisor.close()
    for process in created:
        with contextlib.suppress(ProcessLookupError):
            process.signal(signal.SIGKILL)


def start(supervisor: Supervisor, folder: Path, container: ContainerSpec) -> Process:
    """Create and start a container."""
    created = supervisor.create(folder, container)
    created.start()
    return created


def output(sock: socket.socket) -> bytes:
    """Read everything from a connection."""
    sock.settimeout(10)
    data = b""
    while piece := sock.recv(4096):
        data += piece
    sock.close()
    return data


@pytest.mark.parametrize(
    ("script", "code"), [("exit 0", 0), ("exit 42", 42), ("kill -KILL $$", 137)]
)
def test_exit_codes(supervisor: Supervisor, tmp_path: Path, script: str, code: int) -> None:
    before = time.time_ns()
    container = start(supervisor, tmp_path, spec("sh", "-c", script))
    ended = container.wait()
    assert ended.code == code
    assert before < ended.finished <= time.time_ns()
    assert container.wait() == ended, "the shim has gone, and its file tells"
    assert container.saved_exit() == ended
    assert not (tmp_path / "shim.sock").exists()


def test_a_created_container_does_not_run_yet(supervisor: Supervisor, tmp_path: Path) -> None:
    container = supervisor.create(tmp_path, spec("touch", str(tmp_path / "ran")))
    assert supervisor.processes(container)[0] == container.pid
    time.sleep(0.1)
    assert not (tmp_path / "ran").exists()
    container.start()
    assert container.wait().code == 0
    assert (tmp_path / "ran").exists()


def test_output_goes_to_the_log_and_to_clients(supervisor: Supervisor, tmp_path: Path) -> None:
    log = {"path": str(tmp_path / "log"), "max_size": 0, "max_file": 1}
    container = supervisor.create(
        tmp_path, spec("sh", "-c", "echo out; sleep 0.1; echo err >&2", log=log)
    )
    both = container.attach(stdin=False)
    errors = container.attach(stdin=False, streams=("stderr",))
    container.start()
    error = frames.encode(frames.Stream.STDERR, b"err\n")
    assert output(both) == frames.encode(frames.Stream.STDOUT, b"out\n") + error
    assert output(errors) == error
    assert container.wait().code == 0
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [(line["stream"], line["log"]) for line in lines] == [
        ("stdout", "out\n"),
        ("stderr", "err\n"),
    ]


def test_a_terminal(supervisor: Supervisor, tmp_path: Path) -> None:
    script = "stty size; read line; stty size; echo got $line; tty"
    container = supervisor.create(
        tmp_path, spec("sh", "-c", script, tty=True, stdin=True, size=[30, 90])
    )
    sock = container.attach(stdin=True)
    sock.settimeout(10)
    container.start()
    assert sock.recv(100) == b"30 90\r\n"
    container.resize(20, 70)
    sock.sendall(b"typed\n")
    data = output(sock)
    assert b"20 70\r\n" in data
    assert b"got typed\r\n" in data
    assert b"/dev/" in data
    assert container.wait().code == 0


@pytest.mark.parametrize(
    ("container", "code", "message"),
    [
        (spec("no-such"), 127, "executable file not found in $PATH"),
        (spec("/etc/passwd"), 126, "permission denied"),
        (spec("sh", hostname="execute"), 126, "execute failed"),
    ],
)
def test_programs_that_cannot_be_executed(
    supervisor: Supervisor, tmp_path: Path, container: ContainerSpec, code: int, message: str
) -> None:
    created = supervisor.create(tmp_path, container)
    with pytest.raises(StartFailed) as caught:
        created.start()
    assert caught.value.exit_code == code
    assert message in caught.value.reason
    assert str(caught.value).startswith(
        "failed to create task for container: failed to create shim task: OCI runtime create failed"
    )
    assert created.wait().code == code


@pytest.mark.parametrize(
    ("step", "message"),
    [("prepare", "prepare failed"), ("enter", "enter failed"), ("die", "init process died")],
)
def test_containers_that_cannot_be_created(
    supervisor: Supervisor, tmp_path: Path, step: str, message: str
) -> None:
    with pytest.raises(StartFailed, match=message) as caught:
        supervisor.create(tmp_path, spec("true", hostname=step))
    assert caught.value.exit_code == 126
    assert start(supervisor, tmp_path, spec("true")).wait().code == 0, "the next one works"


def test_a_control_group_that_was_removed(supervisor: Supervisor, tmp_path: Path) -> None:
    with pytest.raises(StartFailed, match="No such file"):
        supervisor.create(tmp_path, spec("true", cgroup=[str(tmp_path / "removed/cgroup.procs")]))


def test_it_joins_its_control_group(supervisor: Supervisor, tmp_path: Path) -> None:
    (tmp_path / "procs").touch()
    container = start(supervisor, tmp_path, spec("true", cgroup=[str(tmp_path / "procs")]))
    container.wait()
    assert (tmp_path / "procs").read_text() == "0"


def test_signals(supervisor: Supervisor, tmp_path: Path) -> None:
    container = start(supervisor, tmp_path, spec("sleep", "60"))
    container.signal(signal.SIGTERM)
    assert container.wait().code == 143
    with pytest.raises(ProcessLookupError):
        container.signal(signal.SIGTERM)
    with pytest.raises(BadParameter, match="cannot resize a stopped container"):
        container.resize(10, 10)
    with pytest.raises(FileNotFoundError):
        container.attach(stdin=False)


def test_all_waiting_callers_receive_the_exit_code(supervisor: Supervisor, tmp_path: Path) -> None:
    container = start(supervisor, tmp_path, spec("cat", stdin=True, stdin_once=True))
    ends: list[Exit] = []
    threads = [threading.Thread(target=lambda: ends.append(container.wait())) for _ in range(5)]
    for thread in threads:
        thread.start()
    container.attach(stdin=True).close()
    for thread in threads:
        thread.join(10)
    assert [end.code for end in ends] == [0] * 5


def test_a_new_supervisor_reattaches(supervisor: Supervisor, tmp_path: Path) -> None:
    container = start(supervisor, tmp_path, spec("cat", stdin=True, stdin_once=True))
    supervisor.close()
    later = Supervisor(PlainDriver())
    try:
        again = later.reattach(tmp_path, container.pid)
        assert again is not None
        assert again.pid == container.pid
        with again.attach(stdin=True) as sock:
            sock.sendall(b"echo")
            sock.settimeout(10)
            assert sock.recv(100) == frames.encode(frames.Stream.STDOUT, b"echo")
        assert again.wait().code == 0
        assert later.reattach(tmp_path, container.pid) is None
    finally:
        later.close()


def test_a_shim_that_is_killed(supervisor: Supervisor, tmp_path: Path) -> None:
    container = start(supervisor, tmp_path, spec("sleep", "60"))
    stat = Path(f"/proc/{container.pid}/stat").read_text().rpartition(")")[2].split()
    os.kill(int(stat[1]), signal.SIGKILL)
    try:
        assert container.wait() == Exit(137, 0)
    finally:
        os.kill(container.pid, signal.SIGKILL)


@pytest.mark.parametrize("text", ["", "{", "no JSON"])
def test_a_damaged_exit_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "shim.exit").write_text(text)
    assert Process(tmp_path, CONTAINER, 1).saved_exit() == Exit(137, 0)


def test_what_a_killed_shim_leaves_is_ended(supervisor: Supervisor, tmp_path: Path) -> None:
    """All of a container; of an exec, what it has started."""
    mark = f": {tmp_path}/; "
    both = [
        start(supervisor, tmp_path, spec("sh", "-c", f"{mark}sleep 71 & sleep 72; true")),
        supervisor.create(tmp_path, spec("sh", "-c", f"{mark}sleep 73; true"), "exec-1"),
    ]
    both[1].start()
    for process in both:
        os.kill(psutil.Process(process.pid).ppid(), signal.SIGKILL)
        assert process.wait() == Exit(137, 0)
    supervisor.end_orphans(tmp_path, "exec-1", both[1].pid)
    assert not (tmp_path / "exec-1.sock").exists()
    assert runs(both[0].pid)
    assert not runs(both[1].pid)
    supervisor.end_orphans(tmp_path)
    assert not runs(both[0].pid)
    assert not (tmp_path / "shim.sock").exists()
    supervisor.end_orphans(tmp_path)


def runs(pid: int) -> bool:
    """Whether a process has not ended."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def test_a_closed_supervisor_starts_nothing(tmp_path: Path) -> None:
    supervisor = Supervisor(PlainDriver())
    supervisor.close()
    with pytest.raises(ApiError, match=r"cannot fork a shim: .*; try again"):
        supervisor.create(tmp_path, spec("true"))


def test_a_killed_zygote_is_replaced(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the request that needs it, or before."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    zygote = supervisor._zygote  # noqa: SLF001
    os.kill(zygote._pid, signal.SIGKILL)  # noqa: SLF001
    assert start(supervisor, tmp_path, spec("true")).wait().code == 0
    supervisor.keep()
    killed = zygote._pid  # noqa: SLF001
    os.kill(killed, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while zygote._pid == killed:  # noqa: SLF001
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert start(supervisor, tmp_path, spec("true")).wait().code == 0


def test_a_zygote_that_ends_at_its_start(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def execute(module: str, _stdin: socket.socket) -> int:
        assert module == zygote.__name__
        return os.posix_spawn("/bin/sh", ["sh", "-c", "exit 3"], {})

    monkeypatch.setattr(processes, "execute", execute)
    os.kill(supervisor._zygote._pid, signal.SIGKILL)  # noqa: SLF001
    with pytest.raises(ApiError, match=r"^cannot start the zygote: exit status 3$"):
        supervisor.create(tmp_path, spec("true"))


MODULE = """
import os
def serve(first, second):
    os.write(second, os.read(first, 9) + b" " + str(os.getsid(0) == os.getpid()).encode())
"""


def test_a_helper_process_is_forked_with_descriptors(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a zygote that was replaced, which finds the module on its path."""
    (tmp_path / "served.py").write_text(MODULE)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *filter(None, sys.path)]))
    os.kill(supervisor._zygote._pid, signal.SIGKILL)  # noqa: SLF001
    ours, theirs = socket.socketpair()
    reader, writer = os.pipe()
    os.write(writer, b"passed")
    with ours:
        with theirs:
            pid = supervisor.fork("served", (reader, theirs.fileno()))
        ours.settimeout(20)
        assert ours.recv(100) == b"passed True"
        assert ours.recv(100) == b"", "the process has ended"
    assert pid > 0
    os.close(reader)
    os.close(writer)


def test_the_shims_of_containers(supervisor: Supervisor, tmp_path: Path) -> None:
    (tmp_path / "ended").mkdir()
    (tmp_path / "ended/shim.sock").touch()
    folder = tmp_path / "running"
    folder.mkdir()
    process = supervisor.create(folder, spec("true"))
    assert shims(tmp_path) == [psutil.Process(process.pid).ppid()]


def test_a_spec_that_cannot_be_written(supervisor: Supervisor, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="No such container: missing"):
        supervisor.create(tmp_path / "missing", spec("true"))


def test_the_files_of_a_container_that_does_not_run(supervisor: Supervisor, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text")
    container = spec("true")
    with supervisor.files(tmp_path, {"rootfs": container["rootfs"], "mounts": []}) as root:
        assert root.read("/file") == b"text"


@contextlib.contextmanager
def shim_in_this_process(folder: Path, container: ContainerSpec) -> Iterator[dict[str, Any]]:
    """Run a shim in a thread, where coverage is measured; yield what it reports."""
    reader, writer = os.pipe()
    launcher = PlainDriver().launcher(container)
    with messages.listen(folder, "shim.sock") as listener:
        one = shim._Shim(folder / "shim", container, listener, launcher, forks_again=False)  # noqa: SLF001
        with one._ours, one._theirs:  # noqa: SLF001 - a shim never closes them: it ends
            thread = threading.Thread(target=one.run, args=(writer,))
            thread.start()
            with os.fdopen(reader) as status:
                report = json.loads(status.readline())
            yield report
            thread.join(10)


def test_the_requests_of_a_shim(tmp_path: Path) -> None:
    container = spec("sh", "-c", "read line; exit $line", stdin=True, stdin_once=True)
    with shim_in_this_process(tmp_path, container) as report:
        engine_side = Process(tmp_path, CONTAINER, report["pid"])
        engine_side.start()
        assert engine_side._ask({"op": "dance"}) == {"error": "unknown operation dance"}  # noqa: SLF001
        engine_side.signal(0)
        with pytest.raises(ProcessLookupError, match="Invalid argument"):
            engine_side.signal(999)
        with engine_side.attach(stdin=True) as sock:
            sock.sendall(b"7\n")
        assert engine_side.wait().code == 7
    assert json.loads((tmp_path / "shim.exit").read_text())["code"] == 7


@pytest.mark.parametrize("step", ["prepare", "enter", "die"])
def test_a_shim_reports_that_it_cannot_create(tmp_path: Path, step: str) -> None:
    with shim_in_this_process(tmp_path, spec("true", hostname=step)) as report:
        assert "error" in report
    assert not (tmp_path / "shim.exit").exists()


def test_messages_of_runc() -> None:
    plain = runc_message("exec failed", "no such thing")
    assert plain == "exec failed: unable to start container process: no such thing: unknown"
    hint = runc_message("exec failed", "x: not a directory")
    assert hint.endswith("exists and is the expected type")
    assert str(StartFailed("no user", 128)) == "no user"
