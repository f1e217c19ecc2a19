"""Benchmark containers under systrap against namespaces: starts, for images of four sizes; servers.

Both engines are an ordinary user's, on this machine, and are measured in turns.
"""

from __future__ import annotations

import functools
import os
import tarfile
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import docker

from docker_magics.embedded.runtime import systrap
from tools import debian, engines, images, tars
from tools.bench import throughput
from tools.bench.measurement import Measurement, interleave, ratio

ROUNDS = 7
#: How much slower than with namespaces a start may be.
MOST = 1.5
IMAGES = ("busybox", "debian", "node")
#: An image of 1 GB: as many files of so many bytes, in folders of 100.
LARGE = "large"
FILES, BYTES = 40_000, 25_000
AT_ONCE = 10
#: Until a root filesystem is made ahead.
_PAUSE_S = 5
_PROGRAMS = "for _ in $(seq 200); do /bin/true; done"

Client = Any  # docker-py has no types


def run() -> Iterator[Measurement]:
    """Yield times under systrap, relative to namespaces."""
    if os.geteuid() != 0 or not debian.ensure("images"):
        print("users and images are needed; run as root")
        return
    engines.private_network()
    with ExitStack() as stack:
        python = stack.enter_context(engines.python_of("www-data", subordinate_ids=False))
        clients = []
        for driver in (systrap.NAME, "namespaces"):
            command = ("env", f"DOCKER_MAGICS_DRIVER={driver}", *python)
            address = stack.enter_context(engines.embedded(*command))
            images.provide(address, *IMAGES)
            clients.append(stack.enter_context(closing(docker.DockerClient(address, timeout=300))))
        _import_large(clients)
        time.sleep(_PAUSE_S)
        for image in (*IMAGES, LARGE):
            yield from _of_image(image, clients)
        yield from throughput.run(clients)


def _import_large(clients: list[Client]) -> None:
    """Import busybox with many files."""
    with tempfile.TemporaryDirectory() as folder:
        archive = f"{folder}/{LARGE}.tar"
        with tarfile.open(archive, "w") as tar, tarfile.open(images.built("busybox")) as busybox:
            for member in busybox:
                tar.addfile(member, busybox.extractfile(member) if member.isreg() else None)
            for number in range(FILES):
                tars.file(tar, f"usr/share/large/{number // 100}/{number}", bytes(BYTES))
        for client in clients:
            client.api.import_image_from_file(archive, repository=LARGE, tag="latest")


def _of_image(image: str, clients: list[Client]) -> Iterator[Measurement]:
    def timed(
        what: str, act: Callable[[Client], object], most: float | None = None, rounds: int = ROUNDS
    ) -> Measurement:
        acts = [functools.partial(act, client) for client in clients]
        here, there = interleave(rounds, *acts)
        return ratio(f"systrap, {image}: {what}", here, most, namespaces=there)

    def start(client: Client) -> None:
        client.containers.run(image, "true", remove=True)

    yield timed("first run --rm", start, MOST, 1)
    yield timed("second run --rm", start, None, 1)
    yield timed("run --rm", start, MOST)
    yield timed(f"{AT_ONCE} times run --rm at once", functools.partial(_at_once, start), None, 3)
    for client in clients:
        client.containers.run(image, "sleep 1d", detach=True, name="bench")
    yield timed("exec true", lambda client: _exec(client, "true"), MOST)
    yield timed("exec sh, 200 programs", lambda client: _exec(client, "sh", "-c", _PROGRAMS))
    yield timed("rm -f", lambda client: client.containers.get("bench").remove(force=True), MOST, 1)


def _exec(client: Client, *command: str) -> None:
    client.containers.get("bench").exec_run(list(command))


def _at_once(act: Callable[[Client], object], client: Client) -> None:
    threads = [threading.Thread(target=act, args=(client,)) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
