"""The engine's processes are killed, as by the OOM killer: they are replaced, containers run on."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import docker
import docker.errors
import psutil
import pytest
from docker.models.containers import Container
from embedded.faults import wait_until
from embedded.kinds import python_of
from embedded.shared import cgroups_of, pids_with

from tools import engines, images
from tools.daemons import private_folder, run

#: Who runs the engine: root, and an ordinary user with subordinate IDs.
USERS = ("root", "www-data")
VICTIMS = ("docker-zygote", "docker-networks")
#: How long a replacement may take, in seconds.
PROMPT_S = 2.0
FOREVER = {"command": ["sleep", "600"], "detach": True, "stop_signal": "KILL"}


@dataclass
class Engine:
    """A private engine.

    Attributes:
        root: its root folder.
        api: docker-py, connected to it.
        user: who runs it.
    """

    root: Path
    api: docker.DockerClient
    user: str

    def named(self, name: str) -> list[psutil.Process]:
        """Return its processes of a name, such as docker-zygote."""
        processes = []
        for pid in pids_with(str(self.root)):
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(pid)
                processes += [process] if process.name() == name else []
        return processes

    def pid(self) -> int:
        """Return its own PID."""
        (pid,) = {child.pid for child in psutil.Process().children()} & {*pids_with(str(self.root))}
        return pid

    def helper(self) -> int:
        """Return the PID of the network helper."""
        return int((self.root / "networks.pid").read_text())

    def slirp4netns(self) -> list[int]:
        """Return the PIDs of the slirp4netns of the network helper."""
        return pids_with(f" {self.helper()} tap0")

    def shim(self, container: Container) -> int:
        """Return the PID of a container's shim."""
        container.reload()
        return psutil.Process(container.attrs["State"]["Pid"]).ppid()


@pytest.fixture(scope="module", params=USERS)
def user(request: pytest.FixtureRequest) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Who runs the engine: the name, and the command that runs Python as this user."""
    with (
        python_of(request.param, has_ids=True) as python,
        tun_device() if python else contextlib.nullcontext(),
    ):
        yield request.param, python


@contextlib.contextmanager
def tun_device() -> Iterator[None]:
    """Open /dev/net/tun to all users, in this process's mount namespace."""
    if not Path("/dev/net/tun").exists():
        yield
        return
    with private_folder("tun") as folder:
        os.mknod(folder / "tun", 0o020666, os.makedev(10, 200))
        folder.chmod(0o755)
        (folder / "tun").chmod(0o666)
        run("mount", "--bind", str(folder / "tun"), "/dev/net/tun")
        try:
            yield
        finally:
            run("umount", "/dev/net/tun")


@contextlib.contextmanager
def running(home: Path, user: tuple[str, tuple[str, ...]]) -> Iterator[Engine]:
    """Run an engine whose root folder is in `home`."""
    name, python = user
    home.chmod(0o1777)
    with engines.embedded(*python, root=home) as address:
        images.provide(address, "busybox")
        with contextlib.closing(docker.DockerClient(address, timeout=30)) as api:
            yield Engine(home / "root", api, name)


@pytest.fixture(scope="module")
def engine(user: tuple[str, tuple[str, ...]]) -> Iterator[Engine]:
    """An engine that serves the network `web`, with the container `server` on it."""
    with private_folder("healing") as home, running(home, user) as engine:
        engine.api.networks.create("web")
        script = "while true; do nc -l -p 80 -e echo served; done"
        engine.api.containers.run(
            "busybox", ["sh", "-c", script], name="server", network="web", detach=True,
            ports={"80/tcp": ("127.0.0.1", None)}, stop_signal="KILL",
        )  # fmt: skip
        yield engine
        for container in engine.api.containers.list(all=True):
            container.remove(force=True)


def kill(pid: int) -> None:
    """Kill a process, and wait for its end."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not psutil.pid_exists(pid) or zombie(pid))


def zombie(pid: int) -> bool:
    """Whether a process has ended, and its parent does not know yet."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    return True


def works(engine: Engine) -> None:
    """Check a running container: exec, its name, its port; and that another one runs."""
    server = engine.api.containers.get("server")
    assert server.status == "running"
    ask = "nc server 80 </dev/null"
    assert engine.api.containers.run("busybox", ["sh", "-c", ask], network="web", remove=True) == (
        b"served\n"
    )
    looked_up = server.exec_run(
        ["sh", "-c", "nslookup server 127.0.0.11 | grep -c 'Name:.*server'"]
    )
    assert looked_up.output.strip() == b"1"
    port = server.attrs["NetworkSettings"]["Ports"]["80/tcp"][0]["HostPort"]
    assert answer_of(int(port)) == b"served\n"


def answer_of(port: int) -> bytes:
    """Return what a server on the host's loopback sends."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        data = b""
        while piece := sock.recv(100):
            data += piece
        return data


def replaced(current: object, within: float = PROMPT_S) -> None:
    """Wait until there is another process."""
    deadline = time.monotonic() + within
    while not current():  # type: ignore[operator]
        assert time.monotonic() < deadline, "not replaced in time"
        time.sleep(0.02)


def test_the_network_helper_is_replaced(engine: Engine) -> None:
    works(engine)
    helper = engine.helper()
    kill(helper)
    replaced(lambda: engine.helper() != helper and engine.named("docker-networks"))
    if engine.slirp4netns():
        replaced(engine.slirp4netns)
    works(engine)


def test_slirp4netns_is_replaced(engine: Engine) -> None:
    if not engine.slirp4netns():
        pytest.skip("no outbound connectivity here: install slirp4netns, open /dev/net/tun")
    (slirp,) = engine.slirp4netns()
    kill(slirp)
    replaced(lambda: engine.slirp4netns() not in ([], [slirp]))
    works(engine)


def test_the_zygote_is_replaced(engine: Engine) -> None:
    """Containers of the replacement inherit neither a descriptor nor the engine's limits."""
    command = ["sh", "-c", "ulimit -S -n; ls /proc/self/fd"]
    before = engine.api.containers.run("busybox", command, remove=True)
    (zygote,) = engine.named("docker-zygote")
    kill(zygote.pid)
    works(engine)
    replaced(lambda: engine.named("docker-zygote"))
    assert engine.api.containers.run("busybox", command, remove=True) == before


def test_a_storm_of_kills(engine: Engine) -> None:
    """Each request succeeds, or fails with one error."""

    def request(number: int) -> str:
        try:
            return str(engine.api.containers.run("busybox", ["echo", str(number)], remove=True))
        except docker.errors.APIError as error:
            assert "\n" not in error.explanation  # noqa: PT017
            return ""

    with ThreadPoolExecutor(4) as pool:
        requests = [pool.submit(request, number) for number in range(30)]
        for victim in VICTIMS * 5:
            replaced(lambda name=victim: engine.named(name), within=60)
            for process in engine.named(victim):
                kill(process.pid)
        for number, answer in enumerate(requests):
            assert answer.result(60) in {f"b'{number}\\n'", ""}
    for victim in VICTIMS:
        replaced(lambda name=victim: engine.named(name), within=60)
    works(engine)
    assert [c.name for c in engine.api.containers.list()] == ["server"]


def test_engine_and_network_helper_are_killed(user: tuple[str, tuple[str, ...]]) -> None:
    """The next engine enters the user namespace of the shims, and makes new networks."""
    with private_folder("killed") as home:
        _kill_both(home, user)


def _kill_both(home: Path, user: tuple[str, tuple[str, ...]]) -> None:
    with running(home, user) as engine:
        engine.api.networks.create("web")
        engine.api.containers.run(
            "busybox", ["sh", "-c", "while true; do nc -l -p 80 -e echo served; done"],
            name="server", network="web", ports={"80/tcp": ("127.0.0.1", None)}, detach=True,
        )  # fmt: skip
        helper = engine.helper()
        kill(engine.pid())
        kill(helper)
    (home / "docker.sock").unlink()
    with running(home, user) as engine:
        assert engine.helper() != helper
        works(engine)
        engine.api.containers.get("server").remove(force=True)


SURVIVOR = "setsid sleep 611 & (sleep 612 &); exec sleep 613"


@pytest.mark.parametrize(
    "options", [{}, {"pid_mode": "host"}, {"init": True}, {"tty": True, "stdin_open": True}]
)
def test_a_containers_shim_is_killed(engine: Engine, options: dict[str, object]) -> None:
    """The container has ended with 137, and nothing of it is left."""
    container = engine.api.containers.run(
        "busybox",
        ["sh", "-c", SURVIVOR],
        detach=True,
        ports={"80/tcp": ("127.0.0.1", None)},
        **options,
    )
    wait_until(lambda: len(sleeping(container)) == 3)
    shim = engine.shim(container)
    port = container.attrs["NetworkSettings"]["Ports"]["80/tcp"][0]["HostPort"]
    os.kill(shim, signal.SIGKILL)
    assert container.wait(timeout=10)["StatusCode"] == 137
    container.reload()
    assert container.status == "exited"
    assert container.attrs["State"]["FinishedAt"] > container.attrs["State"]["StartedAt"]
    assert sleeping(container) == []
    with pytest.raises(OSError, match="refused"):
        answer_of(int(port))
    assert cgroups_of(container.id) == []
    assert not list((engine.root / "containers" / container.id).glob("*.sock"))
    container.start()
    assert container.exec_run("true").exit_code == 0  # which enters no namespace of the host
    container.remove(force=True)
    assert sleeping(container) == []
    assert not (engine.root / "containers" / container.id).exists()


def sleeping(container: Container) -> list[int]:
    """Return the PIDs of the container's sleeping programs."""
    pids = []
    for number in (611, 612, 613):
        for pid in pids_with(f"sleep {number}"):
            with contextlib.suppress(OSError, psutil.Error):
                is_mine = container.id in Path(f"/proc/{pid}/mountinfo").read_text()
                pids += [pid] if is_mine and psutil.Process(pid).name() == "sleep" else []
    return pids


def test_a_restart_policy_applies_to_a_killed_shim(engine: Engine) -> None:
    container = engine.api.containers.run("busybox", restart_policy={"Name": "always"}, **FOREVER)
    kill(engine.shim(container))
    wait_until(lambda: is_running_again(container))
    assert container.attrs["RestartCount"] == 1
    assert container.exec_run("true").exit_code == 0


def is_running_again(container: Container) -> bool:
    """Whether a container runs, and has restarted."""
    container.reload()
    return bool(container.attrs["RestartCount"] and container.attrs["State"]["Pid"])


def test_an_execs_shim_is_killed(engine: Engine) -> None:
    """The exec ends with 137, and what it has started too; the container runs on."""
    container = engine.api.containers.run("busybox", **FOREVER)
    exec_id = engine.api.api.exec_create(container.id, ["sh", "-c", "sleep 611 & exec sleep 612"])[
        "Id"
    ]
    engine.api.api.exec_start(exec_id, detach=True)
    wait_until(lambda: len(sleeping(container)) == 2)
    kill(psutil.Process(engine.api.api.exec_inspect(exec_id)["Pid"]).ppid())
    wait_until(lambda: engine.api.api.exec_inspect(exec_id)["ExitCode"] == 137)
    assert sleeping(container) == []
    assert container.exec_run("true").exit_code == 0
