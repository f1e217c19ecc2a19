"""What tests run against: real engines, private to the test run, with the images they need."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import NoReturn

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadGroupScheduling

from tools import debian, engines, images

#: How each engine is started, and the Debian packages it needs; those that need any need root.
ENGINES: dict[str, tuple[Callable[[], AbstractContextManager[str]], str | None]] = {
    "docker": (engines.dockerd, "docker"),
    "podman": (engines.podman, "podman"),
    "embedded": (engines.embedded, None),
}
IMAGES = ("busybox", "hello-world")


def pytest_configure(config: pytest.Config) -> None:
    """Give each process that runs tests a network and mounts of its own, before it has threads."""
    _heed_signals()
    for name in ("COLUMNS", "LINES"):  # readline sets them, and xdist's workers inherit them
        os.environ.pop(name, None)
    if config.getoption("dist", "no") == "no" and _may_start_engines():
        engines.private_network()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadGroupScheduling:
    """Under `pytest -n 2 --dist loadgroup`: see `ByFile`."""
    return ByFile(config, log)


class ByFile(LoadGroupScheduling):
    """Keeps a file's tests on one worker, which makes their fixtures once.

    Tests that are marked with an `xdist_group` are a unit of their own.
    """

    def _split_scope(self, nodeid: str) -> str:
        group: str = super()._split_scope(nodeid)
        return nodeid.partition("::")[0] if group == nodeid else group


def _heed_signals() -> None:
    """Under nohup, or behind `&`, signals are ignored, and what tests start would inherit it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def _may_start_engines() -> bool:
    return os.geteuid() == 0 and not debian.missing("docker")


def unavailable(reason: str) -> NoReturn:
    """Skip with a reason that says how to get it; in CI nothing may be missing."""
    if os.environ.get("CI"):
        pytest.fail(f"in CI nothing may be missing: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def start() -> Iterator[Callable[[str], str]]:
    """Starts an engine by its name, or gives the one that runs already; all end with the run."""
    running: dict[str, str] = {}
    with ExitStack() as stack:

        def started(name: str) -> str:
            if name not in running:
                run, packages = ENGINES[name]
                if packages and (lacking := debian.missing(packages)):
                    unavailable(f"{name} is needed: {debian.install_command(lacking)}")
                if packages and os.geteuid() != 0:
                    unavailable(f"a private {name} is started by root alone: sudo make test")
                running[name] = stack.enter_context(run())
                images.provide(running[name], *IMAGES)
            return running[name]

        yield started


@pytest.fixture(scope="session", params=list(ENGINES))
def address(request: pytest.FixtureRequest, start: Callable[[str], str]) -> str:
    """Each engine in turn: its address, as DOCKER_HOST takes it."""
    return start(request.param)


@pytest.fixture(scope="session")
def dockerd(start: Callable[[str], str]) -> str:
    """Docker Engine's address."""
    return start("docker")


@pytest.fixture(scope="session")
def registry() -> Iterator[str]:
    """A registry's HOST:PORT."""
    if packages := debian.missing("registry"):
        unavailable(f"a registry is needed: {debian.install_command(packages)}")
    with engines.registry() as host:
        yield host


@pytest.fixture
def engine(address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The engine that `docker(...)` and cells talk to in this test."""
    monkeypatch.setenv("DOCKER_HOST", address)
    for name in ("DOCKER_CONTEXT", "DOCKER_MAGICS_ENGINE", "DOCKER_BUILDKIT"):
        monkeypatch.delenv(name, raising=False)
    return address
