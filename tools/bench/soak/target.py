"""The engine that is tested, and how hard."""

from __future__ import annotations

import contextlib
import resource
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker

from tools import engines, images
from tools.bench.measurement import Measurement
from tools.bench.usage import engine_root

Client = Any  # docker-py has no types

#: The usual limit of descriptors, with which an engine must survive floods of connections.
_DESCRIPTORS = 1024
_PARALLEL = 4


@dataclass(frozen=True)
class Sizes:
    """How many containers, bytes, ... the checks use."""

    cycles: int = 1_000
    execs: int = 200
    consoles: int = 100
    checked: int = 50
    listed: int = 2_000
    log_bytes: int = 1_000_000_000
    connections: int = 1_100
    cuts: int = 5


@dataclass(frozen=True)
class Target:
    """An engine: its address, the folder of its data, and a client of it."""

    address: str
    root: Path
    client: Client


@contextlib.contextmanager
def target() -> Iterator[Target]:
    """Run an engine with the usual limit of descriptors; this process may open more."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    limited = ("prlimit", f"--nofile={_DESCRIPTORS}:{_DESCRIPTORS}", sys.executable)
    with engines.embedded(*limited) as address:
        images.provide(address, "busybox")
        pool = Sizes.execs + Sizes.consoles
        with contextlib.closing(
            docker.DockerClient(address, timeout=120, max_pool_size=pool)
        ) as client:
            yield Target(address, engine_root(address), client)


#: Tests an engine, and yields what it measured.
Check = Callable[[Target, Sizes], Iterator[Measurement]]


def count_failures(act: Callable[[int], object], count: int, at_once: int = _PARALLEL) -> int:
    """Call a function with 0, 1, ... in threads; return how many calls failed or were not True."""

    def fails(number: int) -> bool:
        try:
            return act(number) is not True
        except Exception as error:  # noqa: BLE001 - each failure counts, whatever it is
            print(f"   {number}: {error!r:.200}")
            return True

    with ThreadPoolExecutor(at_once) as pool:
        return sum(pool.map(fails, range(count)))


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for a condition; return whether it became true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
