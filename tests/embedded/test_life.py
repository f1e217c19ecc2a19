"""The embedded engine protects its files, survives kill -9, and cleans up."""

from __future__ import annotations

import io
import socket
import stat
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container
from embedded.faults import wait_until
from embedded.shared import client, command_lines_with, load_busybox, running

from docker_magics.embedded.background import IN_USE


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Path]:
    """The folder of a private engine that has busybox."""
    with running(tmp_path):
        load_busybox(tmp_path)
        yield tmp_path


def test_only_the_user_may_access_socket_and_store(engine: Path) -> None:
    assert stat.S_IMODE((engine / "d.sock").stat().st_mode) == 0o600
    assert stat.S_IMODE((engine / "root").stat().st_mode) == 0o700


def test_a_second_engine_on_the_same_root_fails_with_a_clear_error(
    engine: Path,
) -> None:
    command = [sys.executable, "-m", "docker_magics.embedded", "--host", f"unix://{engine}/2.sock"]
    second = subprocess.run(
        [*command, "--root", f"{engine}/root"],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert second.returncode == IN_USE
    assert second.stderr.count("\n") == 1
    assert "another engine" in second.stderr


def test_a_killed_engine_loses_no_container(tmp_path: Path) -> None:
    """The next engine reattaches: output continues, and the exit code is known."""
    with running(tmp_path) as process:
        load_busybox(tmp_path)
        with client(tmp_path) as api:
            script = "echo before; while [ ! -e /go ]; do sleep 0.05; done; echo after; exit 7"
            name = api.containers.run("busybox", ["sh", "-c", script], detach=True).id
        process.kill()
    (tmp_path / "d.sock").unlink()
    with running(tmp_path), client(tmp_path) as api:
        container = api.containers.get(name)
        assert container.status == "running"
        assert container.exec_run(["touch", "/go"]).exit_code == 0
        assert container.wait()["StatusCode"] == 7
        assert container.logs() == b"before\nafter\n"
        container.remove()


def test_many_containers_leave_nothing(engine: Path) -> None:
    """No process, mount or folder of removed containers."""
    mounts = Path("/proc/self/mounts").read_text(encoding="utf-8")
    with client(engine) as api:
        for number in range(40):
            output = api.containers.run(
                "busybox", ["echo", f"gone-{number}-{engine.name}"], remove=True
            )
            assert output.decode().startswith(f"gone-{number}-")
        assert api.containers.list(all=True) == []
    assert Path("/proc/self/mounts").read_text(encoding="utf-8") == mounts
    assert command_lines_with(f"-{engine.name}") == []
    assert list((engine / "root" / "containers").glob("*")) == []


def malicious_archive(kind: bytes, name: str, target: str = "") -> bytes:
    """Return an archive with a member that points outside its root."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, target
        member.size = 1 if kind == tarfile.REGTYPE else 0
        archive.addfile(member, io.BytesIO(b"x") if member.size else None)
        below = tarfile.TarInfo(f"{name}/owned")
        below.size = 1
        if target:
            archive.addfile(below, io.BytesIO(b"x"))
    return buffer.getvalue()


@pytest.fixture
def container(engine: Path) -> Iterator[Container]:
    """A running container."""
    with client(engine) as api:
        container = api.containers.run("busybox", ["sleep", "60"], detach=True)
        yield container
        container.remove(force=True)


@pytest.mark.parametrize("up", ["../" * 12, "/"])
def test_an_archive_writes_nothing_outside_its_root(
    container: Container, tmp_path: Path, up: str
) -> None:
    """Neither by the names of its members nor through a link in the archive."""
    outside = tmp_path / "outside"
    outside.mkdir()
    attempts = [
        malicious_archive(tarfile.REGTYPE, f"{up}{str(outside).lstrip('/')}/owned"),
        malicious_archive(tarfile.SYMTYPE, "way-out", f"{up}{str(outside).lstrip('/')}"),
    ]
    for archive in attempts:
        try:
            container.put_archive("/tmp", archive)
        except docker.errors.APIError as error:
            assert "\n" not in error.explanation  # noqa: PT017
    assert list(outside.iterdir()) == []


def test_containers_inherit_no_descriptors_of_the_engine(container: Container) -> None:
    """A socket of the engine would allow escaping from the container."""
    init_fds = container.exec_run("ls /proc/1/fd").output.split()
    assert init_fds == [b"0", b"1", b"2"]
    assert container.exec_run("ls /proc/self/fd").output.split() == [b"0", b"1", b"2", b"3"]


def test_logs_skip_a_damaged_line(container: Container, engine: Path) -> None:
    """A crash of the machine can leave half a line."""
    log = engine / f"root/containers/{container.id}/{container.id}-json.log"
    line = '{"log":"%s\\n","stream":"stdout","time":"2026-01-01T00:00:00Z"}\n'
    log.write_text(line % "before" + '{"log":"half\n' + line % "after", encoding="utf-8")
    assert container.logs() == b"before\nafter\n"


def test_health_checks_that_time_out_leave_nothing(engine: Path) -> None:
    """No exec folder of a check stays in the container's folder."""
    check = {"test": ["CMD", "sleep", "9"], "interval": 10**8, "timeout": 10**8, "retries": 1}
    with client(engine) as api:
        container = api.containers.run("busybox", ["sleep", "60"], detach=True, healthcheck=check)
        deadline = time.monotonic() + 20
        while container.attrs["State"].get("Health", {}).get("FailingStreak", 0) < 3:
            assert time.monotonic() < deadline
            time.sleep(0.05)
            container.reload()
        container.stop(timeout=0)
        folder = engine / f"root/containers/{container.id}"
        wait_until(lambda: not list(folder.glob("exec-*")))
        container.remove()


def test_the_dns_server_answers_over_tcp(engine: Path) -> None:
    """Resolvers repeat a query over TCP after a truncated response."""
    with client(engine) as api:
        network = api.networks.create("named")
        container = api.containers.run(
            "busybox", ["sleep", "60"], detach=True, name="me", network="named"
        )
        query = b"\x12\x34\x01\x00\x00\x01" + bytes(6) + b"\x02me\x00\x00\x01\x00\x01"
        message = len(query).to_bytes(2, "big") + query
        escaped = "".join(f"\\{byte:03o}" for byte in message)
        script = f"printf '{escaped}' | nc 127.0.0.11 53 | tail -c 4 | od -An -tu1"
        answer = container.exec_run(["sh", "-c", script]).output.split()
        container.reload()
        address = container.attrs["NetworkSettings"]["Networks"]["named"]["IPAddress"]
        assert b".".join(answer).decode() == address
        container.remove(force=True)
        network.remove()


def test_the_head_of_a_hijacked_response_is_sent_separately(engine: Path) -> None:
    """docker-py loses body bytes that it reads together with the head."""
    with client(engine) as api:
        ended = api.containers.create("busybox", ["echo", "hello"])
        ended.start()
        ended.wait()
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(str(engine / "d.sock"))
            query = f"/containers/{ended.id}/attach?logs=1&stdout=1"
            sock.sendall(f"POST {query} HTTP/1.1\r\nHost: x\r\nUpgrade: tcp\r\n\r\n".encode())
            time.sleep(0.1)
            assert sock.recv(8192).endswith(b"\r\n\r\n")
            assert sock.recv(8192).endswith(b"hello\n")
