"""Servers as official images have them, on each driver of the embedded engine.

Each is built, started, asked from outside and by a second container, stopped, and started again
with its data. `DOCKER_MAGICS_NIGHTLY=all` (`make test-nightly`) adds those that take long.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing

import docker
import pytest
from embedded import service_life
from embedded.kinds import private_engine
from embedded.services import SERVICES

pytestmark = pytest.mark.timeout(600)
#: The kinds of engines: one of each driver, and of each mapping of IDs.
DRIVERS = ["own", "subuid", "one-id", "proot", "systrap"]
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
        client.networks.create(service_life.NETWORK)
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
    service_life.check(api, name)
