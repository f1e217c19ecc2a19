"""docker stats without names follows containers that start and stop."""

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
    """A running `docker stats` without names."""
    stats = ContainerStats().run(Session().engine())

    def read() -> None:
        for arrival in stats.arrivals():
            stats.update(arrival)

    reader = threading.Thread(target=read)
    reader.start()
    yield stats
    stats.interrupt(1)
    reader.join(WITHIN_S)
    assert not reader.is_alive()


def test_stats_add_and_remove_containers(live: LiveStats) -> None:
    name = f"stats-{uuid.uuid4().hex[:8]}"
    docker("run -d --name {name} busybox sleep 1000", name=name)
    try:
        _wait(lambda: name in live.text())
    finally:
        docker("rm -f {name}", name=name)
    _wait(lambda: name not in live.text())


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)
