"""Tasks are checked after changes of a real engine, and not after what the checks themselves do."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from docker_magics import docker
from docker_magics.course.checking import find_gaps
from docker_magics.course.exercises import find
from docker_magics.course.watch import Watch
from tools import images


class Tasks:
    """Checks that run programs (02.5) and containers (06.1)."""

    def __init__(self) -> None:
        self.checks = 0
        self.last = float("inf")
        self.gaps: list[str] = []

    def update(self) -> float:
        self.last = float("inf")
        self.gaps = [gap.what.en for name in ("02.5", "06.1") for gap in find_gaps(find(name)[1])]
        self.checks += 1
        self.last = time.monotonic()
        return 0.0

    def report(self, error: Exception) -> None:
        raise error

    def settle(self) -> int:
        """Wait until no check has run for six seconds; return how many there were."""
        begun = time.monotonic()
        while time.monotonic() < begun + 90:
            if time.monotonic() - max(self.last, begun) > 6:
                return self.checks
            time.sleep(0.05)
        raise AssertionError(f"checks do not end: {self.checks}")


@pytest.fixture
def tasks(engine: str) -> Iterator[Tasks]:
    images.provide(engine, "busybox")
    watch, tasks = Watch(), Tasks()
    watch.add(tasks)
    yield tasks
    watch.discard(tasks)
    docker("rm -f twin-a twin-b")
    docker("volume rm -f journal")


@pytest.mark.parametrize("address", ["docker", "embedded"], indirect=True)
def test_checks_cause_no_checks(tasks: Tasks) -> None:
    for name in ("twin-a", "twin-b"):
        docker(f"run -d --name {name} busybox sleep 600")
    docker("run --rm -v journal:/diary busybox sh -c 'echo sunny > /diary/day1'")
    checks = tasks.settle()
    assert tasks.gaps == ["`twin-a` has no file `/secret`"]
    docker("exec twin-a touch /secret")
    assert tasks.settle() <= checks + 2
    assert tasks.gaps == []
