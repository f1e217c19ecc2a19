"""Many containers, execs, consoles and health checks."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

from tools.bench.measurement import Measurement
from tools.bench.soak.target import Sizes, Target, count_failures, wait_until
from tools.bench.usage import Left, processes, pss

#: Containers before the first measurement: caches and pools have their size then.
_WARM_UP = 100
_SETTLE_S = 20.0
#: The longest answer to `docker ps` while health checks run, and to a long listing.
_MOST_LATENCY_MS, _MOST_LISTING_MS = 1_000, 2_000
_SECOND_NS = 1_000_000_000


def cycles(engine: Target, sizes: Sizes) -> Iterator[Measurement]:
    """Start, stop and remove containers; count what is left of them."""

    def cycle(_number: int) -> bool:
        box = engine.client.containers.run("busybox", "sleep 1d", detach=True)
        box.stop(timeout=0)
        box.remove()
        return True

    count_failures(cycle, min(_WARM_UP, sizes.cycles))
    time.sleep(2)  # the kernel removes interfaces asynchronously
    engine.client.close()  # its idle connections are threads and descriptors of the engine
    before, used = Left.of(engine.root), pss(processes(engine.root))
    started = time.monotonic()
    failed = count_failures(cycle, sizes.cycles)
    seconds = time.monotonic() - started
    what = f"{sizes.cycles:,} containers started, stopped and removed"
    beside = f"{seconds:.0f} s"
    yield Measurement(f"{what}: failures", failed, 0, beside, unit="")
    engine.client.close()
    wait_until(lambda: Left.of(engine.root).beyond(before).total == 0, _SETTLE_S)
    left = Left.of(engine.root).beyond(before)
    yield Measurement("  what is left of them", left.total, 0, str(left), unit="")
    after = pss(processes(engine.root))
    growth = 100 * (after - used) / used
    beside = f"{used:.1f} -> {after:.1f} MiB"
    yield Measurement("  growth of the engine's memory", growth, 10, beside, unit="%")


def execs(engine: Target, sizes: Sizes) -> Iterator[Measurement]:
    """Run execs at the same time in one container."""
    box = engine.client.containers.run("busybox", "sleep 1d", detach=True)

    def run(number: int) -> bool:
        result = box.exec_run(["echo", str(number)])
        return (result.exit_code, result.output) == (0, b"%d\n" % number)

    started = time.monotonic()
    failed = count_failures(run, sizes.execs, at_once=sizes.execs)
    what = f"{sizes.execs} execs at the same time: failures"
    yield Measurement(what, failed, 0, f"{time.monotonic() - started:.1f} s", unit="")
    box.remove(force=True)


def consoles(engine: Target, sizes: Sizes) -> Iterator[Measurement]:
    """Keep shells open in terminals, type in each, and end them."""
    box = engine.client.containers.run("busybox", "sleep 1d", detach=True)
    api = engine.client.api
    opened: dict[int, Any] = {}

    def open_one(number: int) -> bool:
        exec_id = api.exec_create(box.id, "sh", stdin=True, tty=True)["Id"]
        opened[number] = api.exec_start(exec_id, tty=True, socket=True)
        return True

    def type_in(number: int) -> bool:
        console = opened[number]._sock  # noqa: SLF001
        console.settimeout(60)
        console.sendall(b"echo $((%d + 1000))=\n" % number)
        return _receives(console, b"%d=" % (number + 1000))

    def end(number: int) -> bool:
        console = opened[number]._sock  # noqa: SLF001
        console.sendall(b"exit\n")
        return _receives(console, None)

    started = time.monotonic()
    failed = sum(
        count_failures(act, sizes.consoles, at_once=sizes.consoles)
        for act in (open_one, type_in, end)
    )
    what = f"{sizes.consoles} consoles at the same time: failures"
    yield Measurement(what, failed, 0, f"{time.monotonic() - started:.1f} s", unit="")
    for console in opened.values():
        console._response.close()  # noqa: SLF001 - docker-py's
        console.close()
    box.remove(force=True)


def _receives(console: socket.socket, expected: bytes | None) -> bool:
    """Whether a terminal sends a text, or with None ends."""
    received = b""
    while data := console.recv(4096):
        received += data
        if expected is not None and expected in received:
            return True
    return expected is None


def health_checks(engine: Target, sizes: Sizes) -> Iterator[Measurement]:
    """Run containers whose health is checked; measure how long `docker ps` takes meanwhile."""
    check = {"test": ["CMD", "true"], "interval": 3 * _SECOND_NS, "timeout": 30 * _SECOND_NS}

    def start(number: int) -> bool:
        name = f"checked{number}"
        engine.client.containers.run(
            "busybox", "sleep 1d", detach=True, name=name, healthcheck=check
        )
        return True

    def healthy() -> int:
        return len(engine.client.api.containers(filters={"health": "healthy"}))

    failed = count_failures(start, sizes.checked)
    wait_until(lambda: healthy() == sizes.checked, 90)
    latencies = []
    for _ in range(30):
        started = time.perf_counter()
        engine.client.api.containers()
        latencies.append(1000 * (time.perf_counter() - started))
        time.sleep(0.3)
    failed += sizes.checked - healthy()
    what = f"{sizes.checked} containers with health checks: not healthy"
    yield Measurement(what, failed, 0, unit="")
    yield Measurement("  the slowest `docker ps` meanwhile", max(latencies), _MOST_LATENCY_MS)
    count_failures(lambda number: _removed(engine, f"checked{number}"), sizes.checked)


def _removed(engine: Target, name: str) -> bool:
    engine.client.api.remove_container(name, force=True)
    return True


def listing(engine: Target, sizes: Sizes) -> Iterator[Measurement]:
    """List many containers, and remove them."""
    api = engine.client.api

    def create(_number: int) -> bool:
        return "Id" in api.create_container("busybox", "true")

    failed = count_failures(create, sizes.listed)
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        failed += len(api.containers(all=True)) != sizes.listed
        seconds.append(time.perf_counter() - started)
    what = f"{sizes.listed:,} containers listed"
    yield Measurement(what, 1000 * min(seconds), _MOST_LISTING_MS)
    api.prune_containers()
    failed += len(api.containers(all=True))
    yield Measurement("  failures, and what `docker container prune` leaves", failed, 0, unit="")


CHECKS = (cycles, execs, consoles, health_checks, listing)
