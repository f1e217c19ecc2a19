"""Engines that can use a registry without TLS, a manager of a swarm, and the name of an image."""

from __future__ import annotations

import uuid
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


@pytest.fixture
def name() -> Iterator[str]:
    """The name of an image that is removed at the end."""
    unique = f"localhost/t-{uuid.uuid4().hex[:8]}:1"
    yield unique
    docker("rmi -f {name}", name=unique)
