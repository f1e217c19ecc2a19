"""Container commands on real engines: run, create, start, attach, logs, exec and others."""

from __future__ import annotations

import hashlib
import tarfile
import threading
import time
import tracemalloc
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from docker_magics import docker
from docker_magics.errors import ApiError, DockerMagicsError, NotFound, UsageError
from docker_magics.results.live import Interactive, Process, Pump
from docker_magics.session import Session
from docker_magics.wire.frames import Stream

pytestmark = pytest.mark.usefixtures("engine")

_LOOP = "while :; do sleep 0.2; done"


@pytest.fixture
def name() -> Iterator[str]:
    """The name of a container that is removed at the end."""
    unique = f"t-{uuid.uuid4().hex[:8]}"
    yield unique
    docker("rm -f -v {name}", name=unique)


def _live(*args: str) -> Process:
    """Start a command; return its unread live result."""
    session = Session()
    command, options = session.parse(list(args))
    assert not isinstance(command, str)
    live = command.run(session.engine(options))
    assert isinstance(live, Process)
    return live


def _rest(pump: Pump) -> bytes:
    """Read all remaining output."""
    return b"".join(frame.data for frame in iter(lambda: pump.get(timeout=30), None))


def _until(pump: Pump, text: bytes) -> bytes:
    """Read output until it contains a text; return what was read."""
    output = b""
    while text not in output:
        frame = pump.get(timeout=30)
        assert frame is not None, output
        output += frame.data
    return output


def test_run_returns_streams_and_exit_code(name: str) -> None:
    result = docker("run --name {name} busybox sh -c 'echo out; echo err >&2; exit 3'", name=name)
    assert (result, result.stderr, result.exit_code) == ("out", "err", 3)


def test_streams_arrive_in_the_order_of_writing() -> None:
    script = "for i in 1 2 3; do echo o$i; sleep 0.1; echo e$i >&2; sleep 0.1; done"
    pump = Pump(_live("run", "--rm", "busybox", "sh", "-c", script))
    frames = list(iter(lambda: pump.get(timeout=30), None))
    pump.close()
    assert [frame.stream for frame in frames] == [Stream.STDOUT, Stream.STDERR] * 3


def test_run_sends_stdin_until_eof() -> None:
    data = bytes(range(256)) * 4096
    result = docker("run --rm -i busybox sh -c 'sha256sum; echo end'", input=data)
    assert hashlib.sha256(data).hexdigest() in result
    assert result.endswith("end")


def test_lifecycle_of_a_detached_container(name: str) -> None:
    identity = docker("run -d --name {name} busybox sleep 1000", name=name)
    assert len(identity) == 64
    with pytest.raises(DockerMagicsError, match="already in use"):
        docker("create --name {name} busybox", name=name)
    with pytest.raises(ApiError, match="running"):
        docker("rm {name}", name=name)
    assert docker("stop -t 0 {name}", name=name) == [name]
    assert docker("wait {name}", name=name)[0] in {"137", "143"}
    assert docker("start {name}", name=name) == [name]
    assert docker("kill {name}", name=name) == [name]
    assert docker("rm -f {name}", name=name) == [name]


def test_a_missing_command_is_exit_code_127() -> None:
    with pytest.raises(DockerMagicsError) as caught:
        docker("run --rm busybox no-such-command")
    assert caught.value.exit_code == 127


def test_create_flags_reach_the_process(name: str) -> None:
    docker(
        "create --name {name} -e A=1 -e B='two words' -l k=v -w /tmp -u 1000 -m 64m -h box"
        " --tmpfs /scratch busybox sh -c 'env; pwd; id -u'",
        name=name,
    )
    lines = docker("start -a {name}", name=name).splitlines()
    assert {"A=1", "B=two words", "/tmp", "1000"} <= set(lines)


def test_logs_and_their_flags(name: str) -> None:
    script = "echo one; sleep 0.2; echo two >&2; sleep 0.2; echo three"
    docker("run --name {name} busybox sh -c {script}", name=name, script=script)
    logs = docker("logs {name}", name=name)
    assert (logs, logs.stderr, logs.exit_code) == ("one\nthree", "two", None)
    assert docker("logs -n 1 {name}", name=name) == "three"
    assert docker("logs -t -n 1 {name}", name=name).endswith("Z three")
    assert docker("logs --since 1h {name}", name=name) == "one\nthree"
    assert docker("logs --until 1h {name}", name=name) == ""


def test_an_interrupt_ends_logs_follow(name: str) -> None:
    docker("run -d --name {name} busybox sh -c 'while :; do echo x; sleep 0.1; done'", name=name)
    live = _live("logs", "-f", name)
    pump = Pump(live)
    _until(pump, b"x\nx\n")
    live.interrupt(1)
    _rest(pump)
    pump.close()
    assert docker("exec {name} echo still", name=name) == "still"


def test_an_interrupt_reaches_the_container(name: str) -> None:
    script = f"trap 'echo got; exit 3' INT; echo ready; {_LOOP}"
    live = _live("run", "--name", name, "busybox", "sh", "-c", script)
    pump = Pump(live)
    _until(pump, b"ready\n")
    assert name in str(live.interrupt(1))
    assert _rest(pump) == b"got\n"
    pump.close()
    assert live.result() == 3


def test_a_second_interrupt_stops_the_container(name: str) -> None:
    script = f"trap 'echo no' INT; trap 'exit 4' TERM; echo ready; {_LOOP}"
    live = _live("run", "--name", name, "busybox", "sh", "-c", script)
    pump = Pump(live)
    _until(pump, b"ready\n")
    live.interrupt(1)
    _until(pump, b"no\n")
    live.interrupt(2)
    _rest(pump)
    pump.close()
    assert live.result() in {4, 137}  # Podman 4.3 sends SIGKILL immediately after SIGTERM


def test_without_sig_proxy_the_container_keeps_running(name: str) -> None:
    live = _live(
        "run", "--sig-proxy=false", "--name", name, "busybox", "sh", "-c", f"echo a; {_LOOP}"
    )
    pump = Pump(live)
    _until(pump, b"a\n")
    assert "is still running" in str(live.interrupt(1))
    _rest(pump)
    pump.close()
    assert live.result() is None
    assert docker("exec {name} echo yes", name=name) == "yes"


def test_attach_and_its_error(name: str) -> None:
    docker("run -d -i --name {name} busybox sh -c 'read x; echo got $x; exit 7'", name=name)
    result = docker("attach {name}", name=name, input="word\n")
    assert (result, result.exit_code) == ("got word", 7)
    with pytest.raises(UsageError, match="cannot attach to a stopped container"):
        docker("attach {name}", name=name)


def test_exec_and_its_errors(name: str) -> None:
    docker("run -d --name {name} busybox sleep 1000", name=name)
    result = docker(
        "exec -e A=1 -w /tmp {name} sh -c 'echo $A; pwd; echo e >&2; exit 5'", name=name
    )
    assert (result, result.stderr, result.exit_code) == ("1\n/tmp", "e", 5)
    assert docker("exec -i {name} cat", name=name, input="in\n") == "in"
    assert docker("exec -d {name} touch /made", name=name) is None
    assert docker("exec {name} no-such-command", name=name).exit_code in {126, 127}
    with pytest.raises(NotFound):
        docker("exec no-such-container ls")


def test_programs_of_a_volume(name: str, tmp_path: Path) -> None:
    write = "printf '#!/bin/sh\necho hello from $0\n' >/app/tool; chmod 755 /app/tool"
    docker("run --rm -v {name}:/app busybox sh -c {write}", name=name, write=write)
    with pytest.raises(ApiError, match="permission denied"):
        docker("run --rm -v {name}:/app busybox /app", name=name)
    tool = "run --name {name} -v {name}:/app -w /app/new busybox ../tool"
    assert docker(tool, name=name) == "hello from ../tool"
    docker("cp {name}:/app/. {folder}", name=name, folder=tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"new", "tool"}
    docker("rm {name}", name=name)
    docker("volume rm {name}", name=name)


def test_what_an_exec_leaves_running_ends_with_the_container(name: str) -> None:
    docker("run -d --name {name} busybox sleep 1000", name=name)
    docker("exec {name} sh -c 'setsid sleep 4321 >/dev/null 2>&1 & echo'", name=name)
    assert "sleep 4321" in docker("top {name}", name=name).to_string()
    assert "4321" in docker("exec {name} sh -c 'cat /proc/[0-9]*/cmdline'", name=name)
    docker("restart -t 0 {name}", name=name)
    assert "sleep 4321" not in docker("top {name}", name=name).to_string()


def test_an_interrupt_kills_only_that_exec(name: str) -> None:
    """The child processes of the exec are killed too."""
    docker("run -d --name {name} busybox sleep 1000", name=name)
    args = ("exec", name, "sh", "-c", "echo ready; sleep 500; true")
    lives = [_live(*args) for _ in range(3)]
    pumps = [Pump(live) for live in lives]
    for pump in pumps:
        _until(pump, b"ready\n")
    for times, place in ((1, 1), (2, 0), (2, 2)):
        lives[place].interrupt(times)
        _rest(pumps[place])
        pumps[place].close()
        assert lives[place].result() in {130, 137}
    left = docker("exec {name} sh -c 'cat /proc/[0-9]*/cmdline'", name=name)
    assert "500" not in left


def test_hanging_up_a_console_kills_its_processes(name: str) -> None:
    docker("run -d --name {name} busybox sleep 1000", name=name)
    live = _live("exec", "-it", name, "sh")
    assert isinstance(live, Interactive)
    live.stdin = None
    live.resize(33, 99)
    pump = Pump(live)
    live.write(b"sleep 500 &\n")
    live.write(b"while ! stty size | grep -q '33 99'; do sleep 0.1; done; echo sized\n")
    _until(pump, b"\nsized")
    live.hang_up()
    pump.close()
    time.sleep(0.2)
    assert "500" not in docker("exec {name} sh -c 'cat /proc/[0-9]*/cmdline'", name=name)


def test_a_console_runs_a_script(name: str) -> None:
    result = docker("run -it --name {name} busybox sh", name=name, input="echo $((6*7))\nexit 4\n")
    assert "42" in result
    assert result.exit_code == 4


def test_large_output_is_truncated_in_memory() -> None:
    tracemalloc.start()
    script = "yes | head -c 200000000"
    result = docker("run --rm --log-driver none busybox sh -c {script}", script=script)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert result.exit_code == 0
    assert len(result) + result.truncated >= 200_000_000
    assert peak < 100_000_000


def test_run_leaves_no_thread() -> None:
    docker("run --rm -i busybox cat", input="x")
    deadline = time.monotonic() + 10
    while any(thread.name.startswith("docker-magics") for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_commit_update_rename_export(name: str, tmp_path: Path) -> None:
    docker("run --name {name} busybox touch /made", name=name)
    image = docker("commit -m note -c 'ENV A=1' {name} t-committed:{name}", name=name)
    try:
        assert docker("run --rm {image} sh -c 'ls /made; echo $A'", image=image) == "/made\n1"
    finally:
        docker("rmi -f {image}", image=image)
    file = tmp_path / "export.tar"
    docker("export -o {file} {name}", file=file, name=name)
    with tarfile.open(file) as tar:
        assert "made" in tar.getnames()
    assert file.stat().st_mode & 0o777 == 0o600


def test_run_rm_keeps_a_volume_with_a_generated_name(name: str) -> None:
    made = docker("volume create").strip()
    try:
        docker("run --rm --name {name} -v {made}:/data busybox true", name=name, made=made)
        assert made in docker("volume ls -q")
    finally:
        docker("volume rm {made}", made=made)
