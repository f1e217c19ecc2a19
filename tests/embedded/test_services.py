"""Servers as official images have them, on each driver of the embedded engine.

Each is built, started, asked from outside and by a second container, stopped, and started again
with its data. `DOCKER_MAGICS_NIGHTLY=all` (`make test-nightly`) adds those that take long.
"""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

import docker
import pytest
from conftest import unavailable
from docker.models.containers import Container
from embedded.faults import wait_until
from embedded.services import SERVICES, Service, answer_of, image

from tools import debian, engines, images

pytestmark = pytest.mark.timeout(600)
#: Driver -> the user that starts the engine (empty for this one), whether it has subordinate IDs,
#: and the driver that the engine is told to use.
DRIVERS = {
    "root": ("", True, ""),
    "ids": ("www-data", True, ""),
    "one-id": ("games", False, ""),
    "proot": ("www-data", False, "proot"),
    "systrap": ("www-data", False, "systrap"),
}
#: Seconds until a server answers, and until it has ended.
START_S, STOP_S = 120, 20
NAMES = [
    pytest.param(name, marks=pytest.mark.skipif(
        service.nightly and os.environ.get("DOCKER_MAGICS_NIGHTLY") != "all",
        reason="takes long: make test-nightly",
    ))
    for name, service in SERVICES.items()
]  # fmt: skip


@pytest.fixture(scope="module", params=DRIVERS)
def driver(request: pytest.FixtureRequest) -> str:
    """The name of a driver."""
    return str(request.param)


@pytest.fixture(scope="module")
def api(driver: str) -> Iterator[docker.DockerClient]:
    """A client of a private engine with this driver."""
    user, subordinate_ids, asked_for = DRIVERS[driver]
    if user and os.geteuid() != 0:
        pytest.skip("only root can start another user's engine: sudo make test")
    if missing := debian.missing("images", *(["binder"] if asked_for else [])):
        unavailable(f"images and drivers are needed: {debian.install_command(missing)}")
    with ExitStack() as stack:
        python: tuple[str, ...] = ()
        if user:
            python = stack.enter_context(engines.python_of(user, subordinate_ids=subordinate_ids))
        if asked_for:
            python = (*python[:-1], f"DOCKER_MAGICS_DRIVER={asked_for}", python[-1])
        address = stack.enter_context(engines.embedded(*python))
        images.provide(address, "busybox")
        client = stack.enter_context(closing(docker.DockerClient(address, timeout=120)))
        client.networks.create("back")
        yield client


@pytest.mark.parametrize("name", NAMES)
def test_a_server_answers_stops_and_keeps_its_data(
    api: docker.DockerClient, driver: str, name: str
) -> None:
    service = SERVICES[name]
    if driver == "proot" and service.port < 1024:
        pytest.skip("an ordinary user without a network of its own cannot use ports below 1024")
    if driver == "one-id" and name == "sshd":
        pytest.skip("with one ID every setgid(2) appears to succeed: sshd sees that and ends")
    with ExitStack() as stack:
        if service.database:
            stack.enter_context(image(api, service.database))
            stack.enter_context(started(api, service.database, "db"))
        stack.enter_context(image(api, name))
        with started(api, name, "server") as server:
            first, *rest = shlex.split(service.ask)
            client = service.asks_from or name
            printed = api.containers.run(
                client, rest, entrypoint=first, network="back", remove=True
            )
            assert service.reply.encode() in printed
            write = server.exec_run(service.write)
            assert write.exit_code == 0, write.output
            stop(server)
        with started(api, name, "server") as server:
            wait_until(
                lambda: server.exec_run(service.read).output.strip().endswith(b"42"), START_S
            )
            stop(server)


@contextmanager
def started(api: docker.DockerClient, name: str, hostname: str) -> Iterator[Container]:
    """Start a server with its volume; yield it when its published port answers."""
    service = SERVICES[name]
    server = api.containers.run(
        name,
        name=hostname,
        network="back",
        ports={f"{service.port}/tcp": ("127.0.0.1", None)},
        volumes=[f"{name}-data:{service.data}"],
        detach=True,
    )
    try:
        wait_for_answer(server, service)
        yield server
    finally:
        server.remove(force=True)


def wait_for_answer(server: Container, service: Service) -> None:
    """Wait until a server's published port answers; fail with its log if it ends before."""
    deadline = time.monotonic() + START_S
    while not is_answered(server, service):
        log = server.logs(tail=30).decode(errors="replace")
        assert server.status == "running", log
        assert time.monotonic() < deadline, log
        time.sleep(0.2)


def is_answered(server: Container, service: Service) -> bool:
    """Whether the published port of a server answers as it should."""
    server.reload()
    bindings = server.ports.get(f"{service.port}/tcp") or []
    return any(
        service.answers in answer_of(int(binding["HostPort"]), service.greeting)
        for binding in bindings
    )


def stop(server: Container) -> None:
    """Stop a server, which ends by itself in time."""
    begin = time.monotonic()
    server.stop(timeout=STOP_S)
    assert time.monotonic() - begin < STOP_S
    server.reload()
    assert server.attrs["State"]["ExitCode"] in {0, 143}, server.logs(tail=30)
