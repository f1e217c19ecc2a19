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
from docker.models.containers import Container
from embedded.faults import wait_until
from embedded.kinds import private_engine
from embedded.services import SERVICES, Service, answer_of, image

pytestmark = pytest.mark.timeout(600)
#: The kinds of engines: one of each driver, and of each mapping of IDs.
DRIVERS = ["own", "subuid", "one-id", "proot", "systrap"]
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
    with (
        private_engine(driver, "busybox") as address,
        closing(docker.DockerClient(address, timeout=120)) as client,
    ):
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
