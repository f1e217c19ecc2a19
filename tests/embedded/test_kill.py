"""kill -9 of the embedded engine loses no container and leaves nothing of unfinished requests."""

from __future__ import annotations

import io
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
from embedded.faults import (
    BUSY,
    Registry,
    archive,
    wait_until,
)
from embedded.shared import (
    cgroups_of,
    client,
    command_lines_with,
    connection,
    files_of,
    running,
)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Send SIGKILL to an engine and wait for its end."""
    process.kill()
    process.wait()


def test_a_kill_while_containers_start_and_exit_loses_none(tmp_path: Path, busybox: bytes) -> None:
    """Every reported container exists, its output and exit code too; all can be removed."""
    started: list[str] = []

    def run_some(number: int) -> None:
        with client(tmp_path) as api:
            for _ in range(20):
                short = {"command": ["sh", "-c", f"echo {number}; exit {number}"], "detach": True}
                box = api.containers.run("busybox", **(short if number % 2 else BUSY))
                started.append(box.id)

    with running(tmp_path) as process, ThreadPoolExecutor(4) as pool:
        with client(tmp_path) as api:
            api.images.load(busybox)
        attempts = [pool.submit(run_some, number) for number in range(4)]
        wait_until(lambda: len(started) > 12)
        kill(process)
        assert all(attempt.exception() for attempt in attempts)
    with running(tmp_path), client(tmp_path) as api:
        known = {container.id: container for container in api.containers.list(all=True)}
        assert known.keys() >= set(started)
        for name in started:
            container = known[name]
            if container.attrs["Config"]["Cmd"] == BUSY["command"]:
                assert container.status == "running"
                wait_until(lambda c=container: c.logs() == b"begun\n")
            else:
                code = container.wait(timeout=10)["StatusCode"]
                assert container.logs() == f"{code}\n".encode()
        for container in known.values():
            container.remove(force=True)
        assert list((tmp_path / "root/containers").iterdir()) == []
        assert not any(map(cgroups_of, known))
    wait_until(lambda: not command_lines_with(f"{tmp_path}/root"))


def test_a_pull_works_after_a_kill_during_a_pull(tmp_path: Path, faulty_registry: Registry) -> None:
    faulty_registry.slow = threading.Event()
    with running(tmp_path) as process, client(tmp_path) as api:
        api.ping()
        empty = files_of(tmp_path)
        pull = f"/images/create?fromImage={faulty_registry.name}&tag=latest"
        read_until(tmp_path, b"Downloading", pull)
        assert files_of(tmp_path) > empty
        kill(process)
    faulty_registry.slow.set()
    with running(tmp_path), client(tmp_path) as api:
        assert files_of(tmp_path) == empty
        assert api.images.list(all=True) == []
        assert api.images.pull(faulty_registry.name).tags == [f"{faulty_registry.name}:latest"]


def test_a_build_works_after_a_kill_during_a_build(tmp_path: Path, busybox: bytes) -> None:
    def context(last_command: str) -> bytes:
        text = f"FROM busybox\nRUN echo a > /a\nRUN {last_command} # {tmp_path.name}"
        return archive(("Dockerfile", text.encode()))

    with running(tmp_path) as process, client(tmp_path) as api:
        api.images.load(busybox)
        read_until(tmp_path, rb'"begun\n"', "/build", context("echo begun; sleep 300; true"))
        kill(process)
        assert command_lines_with(f"# {tmp_path.name}")
    with running(tmp_path), client(tmp_path) as api:
        assert api.containers.list(all=True) == []
        assert not command_lines_with(f"# {tmp_path.name}")
        assert [
            path for path in files_of(tmp_path) if path.startswith(("tmp", "containers/"))
        ] == []
        _, messages = api.images.build(fileobj=io.BytesIO(context("true")), custom_context=True)
        assert {"stream": " ---> Using cache\n"} in list(messages)


def read_until(folder: Path, text: bytes, path: str, body: bytes = b"") -> None:
    """Send a POST request, and read lines of the response until one contains a text."""
    with connection(folder) as engine:
        engine.request("POST", path, body)
        response = engine.getresponse()
        assert any(text in line for line in response), response.status
        response.close()


def test_slirp4netns_lives_as_long_as_the_network_helper(tmp_path: Path, busybox: bytes) -> None:
    """Outbound connectivity survives a kill of the engine, and ends with the network helper."""
    with running(tmp_path) as process, client(tmp_path) as api:
        api.images.load(busybox)
        box = api.containers.run("busybox", **BUSY).id
        helper = psutil.Process(int((tmp_path / "root/networks.pid").read_text()))
        slirp_pids = slirp4netns_of(helper)
        kill(process)
    assert slirp4netns_of(helper) == slirp_pids
    with running(tmp_path) as process, client(tmp_path) as api:
        api.containers.run("busybox", "true")
        assert slirp4netns_of(helper) == slirp_pids
        api.containers.get(box).remove(force=True)
        kill(process)
    helper.kill()
    wait_until(lambda: not command_lines_with("slirp4netns") or not slirp4netns_of(helper))


def slirp4netns_of(helper: psutil.Process) -> list[int]:
    """Return the PIDs of the slirp4netns processes of a network helper."""
    return [
        process.pid
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == "slirp4netns"
        and str(helper.pid) in (process.info["cmdline"] or [])
    ]
