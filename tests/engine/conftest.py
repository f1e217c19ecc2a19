"""Engines that can use a registry without TLS, and a manager of a swarm."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from conftest import ENGINES
from engine.differences import skip_where_different

from docker_magics import docker
from tools import engines, images


@pytest.fixture(scope="module", params=list(ENGINES))
def with_registry(
    request: pytest.FixtureRequest, registry: str, start: Callable[[str], str]
) -> Iterator[str]:
    """The address of each engine, configured to use the registry without TLS."""
    address = start(request.param)
    if request.param != "podman":  # the others trust registries on loopback
        yield address
        return
    with engines.podman(registry) as address:
        images.provide(address, "busybox")
        yield address


def _join_swarm() -> None:
    docker("swarm init --advertise-addr 127.0.0.1")


@pytest.fixture
def manager(engine: str) -> Iterator[None]:
    """Make the engine the manager of a swarm."""
    skip_where_different(engine, "swarm", _join_swarm)
    _join_swarm()
    yield
    docker("swarm leave -f")
