"""stats: once, and while containers come and go."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator

import pytest

from docker_magics import docker
from docker_magics.commands.container.stats import ContainerStats, LiveStats
from docker_magics.session import Session

WITHIN_S = 20.0

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture
def live() -> Iterator[LiveStats]:
    """`docker stats` without names, read by a thread."""
    found = ContainerStats().run(Session().engine())

    def read() -> None:
        for arrival in found.arrivals():
            found.update(arrival)

    reader = threading.Thread(target=read)
    reader.start()
    yield found
    found.interrupt(1)
    reader.join(WITHIN_S)
    assert not reader.is_alive()


def test_containers_come_and_go(live: LiveStats) -> None:
    name = f"stats-{uuid.uuid4().hex[:8]}"
    docker("run -d --name {name} busybox sleep 1000", name=name)
    try:
        _wait(lambda: name in live.text())
    finally:
        docker("rm -f {name}", name=name)
    _wait(lambda: name not in live.text())


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.1)
