"""What hostile images, containers and servers try to reach beyond what they are given."""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import docker
import pytest
from embedded.faults import wait_until
from embedded.kinds import private_engine
from embedded.shared import client, running
from embedded.test_hostile import peak_memory

#: Reads a file through the root of each process that appears in the PID namespace.
SPY = "while :; do cat /proc/[0-9]*/root$0 2>/dev/null && echo; done"
#: Prints the capabilities and descriptors that processes have beyond those of the container, whose
#: folder / is open while an exec's user is looked up.
SPY_ON_PRIVILEGES = """
own=$(grep CapPrm /proc/1/status)
echo ready
while :; do
    cat /proc/[0-9]*/status | grep CapPrm | grep -v -e "$own" -e 0000000000000000
    ls -l /proc/[0-9]*/fd | grep -e '->' |
        grep -v -e 'pipe:' -e 'socket:' -e ' /proc' -e ' /dev/' -e ' /etc/' -e '> /$'
done 2>/dev/null
"""
#: Executes a program with a session keyring, whose key only its possessors see.
WITH_KEY = """
import ctypes, os, sys
call = ctypes.CDLL(None).syscall
add_key, keyctl = {"x86_64": (248, 250), "aarch64": (217, 219)}[os.uname().machine]
call(keyctl, 1, None)
key = call(add_key, b"user", b"key-of-the-host", b"secret", 6, -3)
assert key > 0
call(keyctl, 5, key, 0x3F000000)
os.execv(sys.argv[1], sys.argv[1:])
"""


def test_an_exec_shows_no_mounts_of_the_host(tmp_path: Path, busybox: bytes) -> None:
    """A container with SYS_PTRACE may open /proc/PID/root of all processes that it sees."""
    secret = tmp_path / "secret"
    secret.write_text("of the host")
    spy = ["sh", "-c", SPY, str(secret)]
    with running(tmp_path), client(tmp_path) as api:
        api.images.load(busybox)
        box = api.containers.run("busybox", spy, detach=True, cap_add=["SYS_PTRACE"])
        for _ in range(60):
            assert box.exec_run(["true"]).exit_code == 0
        assert box.logs() == b""
        box.remove(force=True)


@pytest.mark.parametrize("kind", ["root", "subuid", "one-id"])
def test_a_container_that_shares_its_processes_sees_no_files_of_the_host(kind: str) -> None:
    """Nor does it see more privileges, while a container is started in its PID namespace."""
    with (
        tempfile.NamedTemporaryFile() as secret,
        private_engine(kind, "busybox") as address,
        contextlib.closing(docker.DockerClient(address)) as api,
    ):
        secret.write(b"of the host")
        secret.flush()
        Path(secret.name).chmod(0o644)
        spy = ["sh", "-c", SPY, secret.name]
        box = api.containers.run("busybox", spy, detach=True, cap_add=["SYS_PTRACE"])
        mode = f"container:{box.id}"
        for options in ({}, {"init": True}, {"user": "1000"}, {"tty": True}):
            for _ in range(8):
                shown = api.containers.run(
                    "busybox", ["ls", "/proc/1/comm"], pid_mode=mode, remove=True, **options
                )
                assert shown.strip() == b"/proc/1/comm"
        assert box.logs() == b""
        box.remove(force=True)


@pytest.mark.parametrize("kind", ["root", "subuid"])
def test_an_exec_that_is_being_started_has_no_privileges_to_take(kind: str) -> None:
    """A container with SYS_PTRACE may trace all processes that it sees, and reopen their files."""
    with (
        private_engine(kind, "busybox") as address,
        contextlib.closing(docker.DockerClient(address)) as api,
    ):
        spy = ["sh", "-c", SPY_ON_PRIVILEGES]
        box = api.containers.run("busybox", spy, detach=True, cap_add=["SYS_PTRACE"])
        wait_until(lambda: box.logs() == b"ready\n")
        for options in ({}, {"user": "1000"}, {"tty": True}):
            for _ in range(8):
                assert box.exec_run(["true"], **options).exit_code == 0
        assert box.logs() == b"ready\n"
        box.remove(force=True)


def test_containers_have_no_keys_of_the_host(tmp_path: Path, busybox: bytes) -> None:
    """Without masks and seccomp, as with `--privileged`, a container lists its keys."""
    before = (sys.executable, "-c", WITH_KEY)
    with running(tmp_path, *before), client(tmp_path) as api:
        api.images.load(busybox)
        box = api.containers.run("busybox", ["sleep", "100"], privileged=True, detach=True)
        listed = box.exec_run(["cat", "/proc/keys"], privileged=True)
        assert listed.exit_code == 0
        assert b"key-of-the-host" not in listed.output
        box.remove(force=True)
        keys = api.containers.run("busybox", ["cat", "/proc/keys"], privileged=True, remove=True)
        assert b"key-of-the-host" not in keys


def test_a_hosts_file_that_a_container_has_written(tmp_path: Path, busybox: bytes) -> None:
    """Containers that share a network get the donor's file, whatever it has and however much."""
    with running(tmp_path) as engine, client(tmp_path) as api:
        api.images.load(busybox)
        script = "printf '\\377\\376' > /etc/hosts; truncate -s 500M /etc/hosts; exec sleep 100"
        donor = api.containers.run("busybox", ["sh", "-c", script], detach=True)
        while donor.exec_run(["stat", "-c", "%s", "/etc/hosts"]).output != b"524288000\n":
            time.sleep(0.05)
        before = peak_memory(engine.pid)
        size = ["stat", "-c", "%s", "/etc/hosts"]
        mode = f"container:{donor.id}"
        shown = api.containers.run("busybox", size, network_mode=mode, remove=True)
        assert shown == b"1048576\n"
        assert peak_memory(engine.pid) - before < 30 << 20
        donor.remove(force=True)


def test_no_sysctl_changes_the_host(tmp_path: Path, busybox: bytes) -> None:
    """Dockerd has runc refuse them; a client other than docker's sends any."""
    path = Path("/proc/sys/kernel/random/write_wakeup_threshold")
    value = path.read_text().strip()
    with running(tmp_path), client(tmp_path) as api:
        api.images.load(busybox)
        for name in (
            "kernel.random.write_wakeup_threshold",
            "kernel/random/write_wakeup_threshold",
        ):
            with pytest.raises(docker.errors.APIError, match="not in a separate kernel namespace"):
                api.containers.run("busybox", "true", sysctls={name: value})
        for box in api.containers.list(all=True):
            box.remove()


def pings(box: docker.models.containers.Container) -> int:
    """Return how many ICMP messages a container has received."""
    titles, values = (
        line.split()
        for line in box.exec_run(["cat", "/proc/net/snmp"]).output.decode().splitlines()
        if line.startswith("Icmp:")
    )
    return int(values[titles.index("InMsgs")])


def test_a_wrong_source_does_not_reach_other_networks(tmp_path: Path, busybox: bytes) -> None:
    """The networks are apart by the sources of packets, which a container may choose."""
    with running(tmp_path), client(tmp_path) as api:
        api.images.load(busybox)
        networks = [api.networks.create(name) for name in ("na", "nb")]
        networks.append(api.networks.create("nc", internal=True))
        boxes = [
            api.containers.run(
                "busybox",
                ["sleep", "100"],
                network=network.name,
                detach=True,
                cap_add=["NET_ADMIN"],
            )
            for network in networks
        ]
        attacker, *others = boxes
        for other in others:
            other.reload()
            (endpoint,) = other.attrs["NetworkSettings"]["Networks"].values()
            address = endpoint["IPAddress"]
            for source in ("1.2.3.4", f"{address}7", endpoint["Gateway"] or "1.2.3.5"):
                attacker.exec_run(["ip", "address", "add", f"{source}/32", "dev", "lo"])
                ping = ["ping", "-c", "1", "-W", "1", "-I", source, address]
                assert attacker.exec_run(ping).exit_code == 1
            assert pings(other) == 0
        for box in boxes:
            box.remove(force=True)


def test_an_internal_network_is_one_whatever_had_its_addresses(
    tmp_path: Path, busybox: bytes
) -> None:
    """And the other way round: the rules of a removed network do not stay."""
    with running(tmp_path), client(tmp_path) as api:
        api.images.load(busybox)
        for is_internal in (False, True, False):
            pool = docker.types.IPAMPool(subnet="10.77.0.0/24", gateway="10.77.0.1")
            network = api.networks.create(
                "n", internal=is_internal, ipam=docker.types.IPAMConfig(pool_configs=[pool])
            )
            box = api.containers.run("busybox", ["sleep", "100"], network="n", detach=True)
            reached = box.exec_run(["ping", "-c", "1", "-W", "1", "10.77.0.1"]).exit_code == 0
            assert reached is not is_internal
            box.remove(force=True)
            network.remove()


@contextlib.contextmanager
def busy_server() -> Iterator[str]:
    """Run a server that asks clients to come back tomorrow; yield its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503)
            self.send_header("Retry-After", "86400")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Write no log."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_server_that_asks_to_retry_tomorrow(tmp_path: Path) -> None:
    with running(tmp_path), client(tmp_path) as api, busy_server() as url:
        dockerfile = f"FROM scratch\nADD {url}/x /\n".encode()
        with pytest.raises(docker.errors.BuildError, match="503 Service Unavailable"):
            api.images.build(fileobj=io.BytesIO(dockerfile))
        with pytest.raises(docker.errors.APIError, match="503 Service Unavailable"):
            api.api.import_image_from_url(f"{url}/x", repository="x")
        name = f"{url.removeprefix('http://')}/x"
        with pytest.raises(docker.errors.APIError, match="503 Service Unavailable"):
            api.api.pull(name, tag="latest")


def test_values_with_nul_are_errors_of_the_engine(tmp_path: Path, busybox: bytes) -> None:
    """They reach system calls in the container, where Python must not load what it reports with."""
    with running(tmp_path), client(tmp_path) as api:
        api.images.load(busybox)
        box = api.containers.run("busybox", ["sleep", "100"], detach=True)
        created = api.api.exec_create(box.id, ["true"], workdir="/a\0b")
        assert b"embedded null" in api.api.exec_start(created["Id"])
        assert api.api.exec_inspect(created["Id"])["ExitCode"] == 128
        for arguments in ({"environment": ["A=a\0b"]}, {}):
            command = ["true"] if arguments else ["true", "a\0b"]
            with pytest.raises(docker.errors.ContainerError) as caught:
                api.containers.run("busybox", command, **arguments, remove=True)
            assert caught.value.stderr == b"exec /bin/true: invalid argument\n"
        box.remove(force=True)
