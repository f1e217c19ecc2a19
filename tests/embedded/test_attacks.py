"""What hostile images, containers and servers try to reach beyond what they are given."""

from __future__ import annotations

import contextlib
import io
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import docker
import pytest
from embedded.shared import client, running
from embedded.test_hostile import peak_memory

#: Reads a file through the root of each process that appears in the PID namespace.
SPY = "while :; do cat /proc/[0-9]*/root$0 2>/dev/null && echo; done"
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
        assert api.api.exec_inspect(created["Id"])["ExitCode"] == 126
        for arguments in ({"environment": ["A=a\0b"]}, {}):
            command = ["true"] if arguments else ["true", "a\0b"]
            with pytest.raises(docker.errors.ContainerError) as caught:
                api.containers.run("busybox", command, **arguments, remove=True)
            assert caught.value.stderr == b"exec /bin/true: invalid argument\n"
        box.remove(force=True)
