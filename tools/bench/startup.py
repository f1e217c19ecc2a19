"""Benchmark `docker-magics ps` against `docker ps`: the CPU time of whole processes."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence

from tools import engines
from tools.bench.measurement import Measurement, ratio

ROUNDS = 15
_OURS = (sys.executable, "-P", "-m", "docker_magics")


def run() -> Iterator[Measurement]:
    """Yield the CPU time of two listings relative to the docker CLI's.

    Most of ours is Python's start and the imports; the goal is 5 times the CLI's.
    """
    engines.private_network()
    with engines.embedded() as host:
        os.environ["DOCKER_HOST"] = host
        for line in ("ps", "images"):
            ours, cli = _cpu_times([*_OURS, line], ["docker", line])
            yield ratio(f"docker-magics {line}, CPU time", ours, None, docker_CLI=cli)


def _cpu_times(*commands: Sequence[str]) -> list[float]:
    """Run the commands in turns; return the minimum CPU seconds of each."""
    times: list[list[float]] = [[] for _ in commands]
    for _ in range(ROUNDS):
        for command, taken in zip(commands, times, strict=True):
            before = _children()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            taken.append(_children() - before)
    return [min(taken) for taken in times]


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
