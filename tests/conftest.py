"""Fixtures: real engines, private to the test run, with the images that tests need."""

from __future__ import annotations

import os
import platform
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NoReturn

import pytest
from conformance import document, recorder
from xdist.remote import Producer
from xdist.scheduler import LoadGroupScheduling

from docker_magics.embedded import syscalls
from tools import debian, engines, images

#: The name of the engine of an ordinary user in a pod.
POD = "embedded-pod"
#: The name of the engine of an ordinary user with namespaces; only the course's matrix runs on it.
USER = "embedded-user"
#: Files whose tests run on it too, as its driver makes a difference. `make test-nightly` runs all.
_POD_FILES = {
    "test_compose", "test_container_cp", "test_container_interrupt", "test_container_run",
    "test_container_stats", "test_course_matrix", "test_debug", "test_quickstart", "test_session",
    "test_terminal",
}  # fmt: skip


@contextmanager
def _embedded() -> Iterator[str]:
    """Run the embedded engine, and compare its responses with the API's description."""
    with engines.embedded(*recorder.COMMAND) as address:
        yield address
        document.check(recorder.responses(Path(address.removeprefix("unix://")).parent))


@contextmanager
def _embedded_in_a_pod() -> Iterator[str]:
    """Run the embedded engine of an ordinary user with systrap, as in a pod."""
    require_systrap()
    with engines.python_of("www-data", subordinate_ids=False) as python:
        systrap = ("env", "DOCKER_MAGICS_DRIVER=systrap", *python)
        with engines.embedded(*systrap, name=POD) as address:
            yield address


@contextmanager
def _embedded_of_a_user() -> Iterator[str]:
    """Run the embedded engine of an ordinary user."""
    with (
        engines.python_of("www-data", subordinate_ids=False) as python,
        engines.embedded(*python, name=USER) as address,
    ):
        yield address


#: Engine -> (how to start it, the group of Debian packages that it needs, if any). Engines that
#: need packages also need root.
ENGINES: dict[str, tuple[Callable[[], AbstractContextManager[str]], str | None]] = {
    "docker": (engines.dockerd, "docker"),
    "podman": (engines.podman, "podman"),
    "embedded": (_embedded, None),
    POD: (_embedded_in_a_pod, "images"),
    USER: (_embedded_of_a_user, "images"),
}
IMAGES = ("busybox", "hello-world")


def pytest_configure(config: pytest.Config) -> None:
    """Give each test process a private network and mounts before it starts threads."""
    _restore_signals()
    for name in ("COLUMNS", "LINES"):  # readline sets them, and xdist's workers inherit them
        os.environ.pop(name, None)
    if config.getoption("dist", "no") == "no" and _may_start_engines():
        engines.private_network()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the pod's engine runs nightly only."""
    if os.environ.get("DOCKER_MAGICS_NIGHTLY") == "all":
        return
    left_out = [item for item in items if POD in item.name and item.path.stem not in _POD_FILES]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadGroupScheduling:
    """Return the scheduler of `pytest -n 2 --dist loadgroup`."""
    return ByFile(config, log)


class ByFile(LoadGroupScheduling):
    """Runs all tests of a file on one worker, which creates their fixtures once.

    Tests marked with an `xdist_group` form a separate unit.
    """

    def _split_scope(self, nodeid: str) -> str:
        group: str = super()._split_scope(nodeid)
        return nodeid.partition("::")[0] if group == nodeid else group


def _restore_signals() -> None:
    """Handle SIGINT and SIGHUP: nohup and `&` ignore them, and child processes inherit this."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def _may_start_engines() -> bool:
    return os.geteuid() == 0 and not debian.missing("docker")


def unavailable(reason: str) -> NoReturn:
    """Skip the test; in CI, fail it. The reason says how to install what is missing."""
    if os.environ.get("CI"):
        pytest.fail(f"in CI nothing may be missing: {reason}")
    pytest.skip(reason)


def require_systrap() -> None:
    """Skip the test, in CI fail it, where systrap cannot work."""
    if platform.machine() != "x86_64" or not syscalls.landlock_version():
        unavailable("systrap needs Linux with Landlock, on x86_64")


@pytest.fixture(scope="session")
def start() -> Iterator[Callable[[str], str]]:
    """A function that starts an engine by name, once, and returns its address."""
    running: dict[str, str] = {}
    with ExitStack() as stack:

        def address_of(name: str) -> str:
            if name not in running:
                run, packages = ENGINES[name]
                if packages and (missing := debian.missing(packages)):
                    unavailable(f"{name} is needed: {debian.install_command(missing)}")
                if packages and os.geteuid() != 0:
                    unavailable(f"only root can start a private {name}: sudo make test")
                running[name] = stack.enter_context(run())
                images.provide(running[name], *IMAGES)
            return running[name]

        yield address_of


@pytest.fixture(scope="session", params=[name for name in ENGINES if name != USER])
def address(request: pytest.FixtureRequest, start: Callable[[str], str]) -> str:
    """The address of each engine, as in DOCKER_HOST."""
    return start(request.param)


@pytest.fixture(scope="session")
def dockerd(start: Callable[[str], str]) -> str:
    """The address of Docker Engine."""
    return start("docker")


@pytest.fixture(scope="session")
def registry() -> Iterator[str]:
    """HOST:PORT of a registry."""
    if packages := debian.missing("registry"):
        unavailable(f"a registry is needed: {debian.install_command(packages)}")
    with engines.registry() as host:
        yield host


@pytest.fixture
def engine(address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of the engine that `docker(...)` and cells use in this test."""
    monkeypatch.setenv("DOCKER_HOST", address)
    for name in ("DOCKER_CONTEXT", "DOCKER_MAGICS_ENGINE", "DOCKER_BUILDKIT"):
        monkeypatch.delenv(name, raising=False)
    return address


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Path]:
    """The socket of an SSH agent without keys, which answers one connection, in two pieces."""
    path = tmp_path / "agent"
    request, answer = b"\0\0\0\x01\x0b", b"\0\0\0\x05\x0c\0\0\0\0"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def serve() -> None:
        with suppress(OSError), listener.accept()[0] as connection:
            while connection.recv(len(request)) == request:
                connection.sendall(answer[:3])
                connection.sendall(answer[3:])

    threading.Thread(target=serve, daemon=True).start()
    yield path
    listener.close()
