"""Engines that can use a registry without TLS."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from conftest import ENGINES

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
