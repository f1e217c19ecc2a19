"""Real engines and a real registry, private and short-lived.

Each is a context manager that yields its address and leaves no process, mount, rule or file behind.
Each keeps its state in a private folder, so that concurrent runs do not interfere; after
`private_network`, their networks do not either.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import functools
import json
import os
import resource
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import docker

from docker_magics.embedded.background import answers
from docker_magics.engine.address import Address
from docker_magics.engine.client import Engine
from tools.daemons import (
    STOP_S,
    StartError,
    daemon,
    free_port,
    killed_with_parent,
    listens,
    private_folder,
    run,
    stop,
)

_PROJECT = Path(__file__).parent.parent
_CLONE_NEWNS, _CLONE_NEWNET = 0x00020000, 0x40000000
#: The name server of slirp4netns, as seen by containers and this process.
_SLIRP_DNS = "10.0.2.3"
_ID_FILES = ("/etc/subuid", "/etc/subgid")


@functools.cache
def private_network() -> None:
    """Move this process and its children to new network and mount namespaces. Needs root.

    docker0, iptables rules and ports then do not collide with those of others, and the kernel
    removes them with the last process. The namespace has its own 127.0.0.1; slirp4netns provides
    outbound connectivity, if it is installed. Call this before the process starts threads.

    Raises:
        StartError: this machine does not allow it.
    """
    connect = _slirp4netns()
    if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNS | _CLONE_NEWNET):
        raise StartError(f"cannot create a network namespace: {os.strerror(ctypes.get_errno())}")
    run("mount", "--make-rprivate", "/")
    run("ip", "link", "set", "lo", "up")
    if connect:
        connect()


def _slirp4netns() -> Callable[[], None] | None:
    """Start a helper in the current network namespace; the result connects the next one to it."""
    if not shutil.which("slirp4netns"):
        return None
    script = (
        'read go; exec slirp4netns --configure --mtu=65520 --disable-host-loopback "$0" tap0'
        ' --ready-fd="$1"'
    )
    ready, says_ready = os.pipe()
    helper = subprocess.Popen(
        killed_with_parent("sh", "-c", script, str(os.getpid()), str(says_ready)),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[says_ready],
    )
    os.close(says_ready)
    atexit.register(stop, helper)

    def connect() -> None:
        with tempfile.NamedTemporaryFile("w", prefix="resolv.conf.") as names:
            names.write(f"nameserver {_SLIRP_DNS}\n")
            names.flush()
            Path(names.name).chmod(0o644)
            run("mount", "--bind", names.name, str(Path("/etc/resolv.conf").resolve()))
        assert helper.stdin is not None
        helper.stdin.write(b"go\n")
        helper.stdin.close()
        os.read(ready, 1)
        os.close(ready)

    return connect


@contextlib.contextmanager
def dockerd(*options: str, in_memory: bool = False) -> Iterator[str]:
    """Run a Docker Engine, Debian's `docker.io`, in this process's network. Needs root.

    Args:
        options: further options of dockerd.
        in_memory: whether to keep its data in a tmpfs, which removes thousands of containers at
            once. Needs `private_network`, which hides the mount from other processes.

    Yields:
        The engine's address, as in DOCKER_HOST.
    """
    with private_folder("dockerd") as folder:
        if in_memory:
            run("mount", "-t", "tmpfs", "tmpfs", str(folder))
        address = f"unix://{folder}/docker.sock"
        command = ["dockerd", "--host", address, "--data-root", f"{folder}/data"]
        command += ["--exec-root", f"{folder}/exec", "--pidfile", f"{folder}/pid"]
        command += [
            "--bip=10.213.0.1/24",
            "--default-address-pool=base=10.214.0.0/16,size=24",
            *options,
        ]
        with daemon(command, folder, lambda: _answers(address)):
            yield address
            _remove_containers(address)


@contextlib.contextmanager
def podman(insecure_registry: str = "") -> Iterator[str]:
    """Run Podman's Docker-compatible service.

    Args:
        insecure_registry: the HOST:PORT of a registry to use over plain HTTP.

    Yields:
        The engine's address, as in DOCKER_HOST.
    """
    with private_folder("podman") as folder:
        address = f"unix://{folder}/podman.sock"
        command = ["podman", "--root", f"{folder}/root", "--runroot", f"{folder}/run"]
        command += ["--cgroup-manager", "cgroupfs", "system", "service", "--time=0", address]
        environ = _podman_configuration(folder, insecure_registry)
        with daemon(command, folder, lambda: _answers(address), environ):
            yield address
            _remove_containers(address)


@contextlib.contextmanager
def embedded(*python: str, root: Path | None = None, name: str = "embedded") -> Iterator[str]:
    """Run the embedded engine, as this user or by another Python command.

    Args:
        python: the command that runs Python, `python_of` another user; by default this Python.
        root: the folder of the engine's data; by default a private one.
        name: what the private folder's name, and so the address, begins with.

    Yields:
        The engine's address, as in DOCKER_HOST.
    """
    with private_folder(name) as folder:
        folder.chmod(0o711)  # another user must be able to enter its folder
        home = root or folder / "engine"
        if root is None:
            home.mkdir()
            home.chmod(0o1777)
        address = f"unix://{home}/docker.sock"
        command = [*(python or [sys.executable]), "-m", "docker_magics.embedded"]
        command += ["--host", address, "--root", f"{home}/root"]
        with daemon(command, folder, lambda: _answers(address), {"PYTHONPATH": str(_PROJECT)}):
            yield address


@contextlib.contextmanager
def python_of(
    user: str, *, subordinate_ids: bool, packages: Sequence[Path] = ()
) -> Iterator[tuple[str, ...]]:
    """Prepare to run this Python, with its packages and the project, as an unprivileged user.

    Needs root and `private_network`.

    Args:
        user: the user's name.
        subordinate_ids: whether the user has a range of subordinate IDs.
        packages: further folders with packages, which come first.

    Yields:
        The command that runs Python as this user, without Python's arguments.
    """
    ranges = f"{user}:300000:65536\n" if subordinate_ids else ""
    with python_of_all(*packages) as python, subordinate_ids_of(ranges):
        as_user = ("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups")
        yield (*as_user, *python)


@contextlib.contextmanager
def python_of_all(*packages: Path) -> Iterator[tuple[str, ...]]:
    """Bind-mount this Python, its packages and the project where all users may read them.

    Needs root and `private_network`.

    Args:
        packages: further folders with packages, which come first.

    Yields:
        The command that runs Python, without Python's arguments.
    """
    with private_folder("python") as folder:
        folder.chmod(0o755)
        shown = {
            "base": sys.base_prefix,
            "packages": sysconfig.get_path("purelib"),
            "own": _PROJECT,
        }
        for name, source in shown.items():
            (folder / name).mkdir()
            run("mount", "--bind", str(source), f"{folder}/{name}")
        python = Path(sys._base_executable).resolve().relative_to(sys.base_prefix)  # type: ignore[attr-defined]  # noqa: SLF001
        path = ":".join([f"{folder}/own", *map(str, packages), f"{folder}/packages"])
        variables = (f"PYTHONPATH={path}", f"LD_LIBRARY_PATH={folder}/base/lib")
        yield ("env", *variables, f"{folder}/base/{python}")


@contextlib.contextmanager
def subordinate_ids_of(ranges: str) -> Iterator[None]:
    """Replace /etc/subuid and /etc/subgid by bind mounts, in `private_network`.

    Args:
        ranges: a line USER:FIRST:COUNT for each user that has subordinate IDs.
    """
    with private_folder("ids") as folder:
        file = folder / "ids"
        file.write_text(ranges)
        for name in _ID_FILES:
            Path(name).touch()
            run("mount", "--bind", str(file), name)
        try:
            yield
        finally:
            for name in _ID_FILES:
                run("umount", name)


def _podman_configuration(folder: Path, insecure_registry: str) -> dict[str, str]:
    """Write Podman's configuration files; return the environment that selects them."""
    # Podman fails to start containers if its default ulimits exceed the machine's.
    files = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 20000)
    processes = min(resource.getrlimit(resource.RLIMIT_NPROC)[1], 32768)
    ulimits = [f"nofile={files}:{files}", f"nproc={processes}:{processes}"]
    containers = folder / "containers.conf"
    containers.write_text(
        "[containers]\n"
        f"default_ulimits = {json.dumps(ulimits)}\n"
        "[engine]\n"
        f'tmp_dir = "{folder / "scratch"}"\n'
        "[network]\n"
        f'network_config_dir = "{folder}/networks"\n'
    )
    registries = folder / "registries.conf"
    registries.write_text('unqualified-search-registries = ["docker.io"]\n')
    if insecure_registry:
        with registries.open("a") as file:
            file.write(f'[[registry]]\nlocation = "{insecure_registry}"\ninsecure = true\n')
    return {
        "CONTAINERS_CONF": str(containers),
        "CONTAINERS_REGISTRIES_CONF": str(registries),
    }


@contextlib.contextmanager
def registry(htpasswd: str = "") -> Iterator[str]:
    """Run a registry (distribution, Debian's `docker-registry`) over plain HTTP on loopback.

    Args:
        htpasswd: the lines of an htpasswd file (bcrypt); without them, access is anonymous.

    Yields:
        The registry's HOST:PORT, as in image references.
    """
    with private_folder("registry") as folder:
        address = f"127.0.0.1:{free_port()}"
        configuration = folder / "config.yml"
        settings = {
            "version": "0.1",
            "storage": {
                "filesystem": {"rootdirectory": f"{folder}/data"},
                "delete": {"enabled": True},
            },
            "http": {"addr": address},
        }
        if htpasswd:
            users = folder / "htpasswd"
            users.write_text(htpasswd)
            settings["auth"] = {"htpasswd": {"realm": "registry", "path": str(users)}}
        configuration.write_text(json.dumps(settings))
        host, port = address.split(":")
        command = ["docker-registry", "serve", str(configuration)]
        with daemon(command, folder, lambda: listens(host, int(port))):
            yield address


def docker_cli(host: str, *args: str) -> str:
    """Run the docker CLI with the engine at this address; return its stdout.

    Raises:
        CalledProcessError: the command failed.
    """
    command = ["docker", "-H", host, *args]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def create_containers(host: str, numbers: Iterable[int]) -> None:
    """Create containers `many-NUMBER` of busybox without a network, and do not start them."""
    body = {"Image": "busybox", "Cmd": ["true"], "HostConfig": {"NetworkMode": "none"}}
    with (
        contextlib.closing(Engine(Address(host))) as engine,
        ThreadPoolExecutor(4) as pool,
    ):
        futures = [
            pool.submit(engine.post, "/containers/create", {"name": f"many-{number}"}, body)
            for number in numbers
        ]
        for future in futures:
            future.result()


def _remove_containers(address: str) -> None:
    with contextlib.closing(docker.DockerClient(address, timeout=STOP_S)) as client:
        # Stopped containers have nothing outside the folder.
        for container in client.api.containers():
            with contextlib.suppress(docker.errors.APIError):
                client.api.remove_container(container["Id"], force=True, v=True)


def _answers(address: str) -> bool:
    return answers(Path(address.removeprefix("unix://")))
