"""Benchmark the embedded engine against dockerd, both through docker-py.

The two are measured in turns, so that other load on the machine affects both. Memory is PSS, which
counts shared pages once.
"""

from __future__ import annotations

import functools
import io
import os
import random
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import docker
import psutil

from tools import debian, engines, images
from tools.bench.measurement import Measurement, interleave, ratio
from tools.bench.usage import engine_root, processes, pss

ROUNDS = 11
CONTAINERS = 200
#: Bytes of a typical layer of packages, and of its many small and few large files.
LAYER = 100_000_000
SMALL, LARGE = 20_000, 5_000_000
STEPS = 10
#: Bytes of a container's output.
OUTPUT = 100_000_000

Client = Any  # docker-py has no types


def run() -> Iterator[Measurement]:
    """Yield times as ratios to dockerd's, and memory in MiB."""
    if os.geteuid() != 0 or not debian.ensure("docker", "registry", "images"):
        print("a private dockerd is needed; run as root")
        return
    engines.private_network()
    with ExitStack() as stack:
        registry = stack.enter_context(engines.registry())
        addresses = [stack.enter_context(start()) for start in (engines.embedded, engines.dockerd)]
        for address in addresses:
            images.provide(address, "busybox", "redis")
        ours, theirs = (
            stack.enter_context(closing(docker.DockerClient(address, timeout=300)))
            for address in addresses
        )
        pair = ours, theirs
        yield from _memory(ours, addresses[0])
        for client in pair:
            client.containers.run("busybox", "sleep 1d", detach=True, name="bench")
        yield _beside("run --rm busybox true", 0.25, pair, _run)
        yield _beside("exec true", 0.6, pair, _exec)
        yield _cached_build(pair)
        yield _pull(pair, registry)
        yield from _output(addresses)
        yield _find(ours)
        yield _listing(pair)
        for container in ours.containers.list(all=True):
            container.remove(force=True)
        used = pss(processes(engine_root(addresses[0])))
        yield Measurement("memory of the engine after all this", used, 60, unit="MiB")
    yield _first_answer()


def _beside(
    what: str,
    most: float,
    clients: tuple[Client, Client],
    act: Callable[[Client], object],
    rounds: int = ROUNDS,
) -> Measurement:
    here, there = interleave(rounds, *(functools.partial(act, client) for client in clients))
    return ratio(what, here, most, dockerd=there)


def _run(client: Client) -> None:
    client.containers.run("busybox", "true", remove=True)


def _exec(client: Client) -> None:
    client.containers.get("bench").exec_run("true")


def _listing(clients: tuple[Client, Client]) -> Measurement:
    for client in clients:
        for _ in range(CONTAINERS):
            client.api.create_container("busybox", "true")
    what = f"ps -a of {CONTAINERS} containers"
    return _beside(what, 1.0, clients, lambda client: client.api.containers(all=True))


def _cached_build(clients: tuple[Client, Client]) -> Measurement:
    steps = [f"RUN echo {number} > /{number}" for number in range(STEPS)]
    dockerfile = "\n".join(["FROM busybox", *steps]).encode()

    def build(client: Client) -> None:
        client.images.build(fileobj=io.BytesIO(dockerfile), rm=True)

    for client in clients:
        build(client)
    return _beside(f"a cached build of {STEPS} steps", 1.0, clients, build)


def _pull(clients: tuple[Client, Client], registry: str) -> Measurement:
    name = f"{registry}/bench"
    _, theirs = clients
    theirs.api.import_image_from_data(_layer(), repository=name, tag="latest")
    theirs.images.push(name)

    def pull(client: Client) -> None:
        client.images.pull(name, tag="latest")
        client.images.remove(name, force=True)

    theirs.images.remove(name)
    what = f"pull, unpack and remove {LAYER // 1_000_000} MB, from a local registry"
    return _beside(what, 1.2, clients, pull, rounds=3)


def _layer() -> bytes:
    """Return a root filesystem as a tar: one half small files, one half large ones."""
    noise = random.Random(1)  # noqa: S311 - the same bytes each time
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for size in (SMALL, LARGE):
            for number in range(LAYER // 2 // size):
                info = tarfile.TarInfo(f"usr/share/{size}/{number % 100}/{number}")
                info.size = size
                tar.addfile(info, io.BytesIO(noise.randbytes(size // 2) + bytes(size - size // 2)))
    return archive.getvalue()


def _output(addresses: list[str]) -> Iterator[Measurement]:
    """Compare the time of much output, through the docker CLI: attached, and from the log."""
    script = f"yes {'x' * 99} | head -c {OUTPUT}"
    megabytes = f"{OUTPUT // 1_000_000} MB"
    name = "bench-output"

    def timed(what: str, most: float, *command: str) -> Measurement:
        here, there = interleave(
            3, *(functools.partial(_docker, address, *command) for address in addresses)
        )
        return ratio(what, here, most, dockerd=there)

    yield timed(
        f"run with {megabytes} of output", 1.3, "run", "--rm", "busybox", "sh", "-c", script
    )
    for address in addresses:
        _docker(address, "run", "--name", name, "busybox", "sh", "-c", script)
    yield timed(f"logs of {megabytes}", 1.3, "logs", name)
    yield timed(f"logs --tail 5 of {megabytes}", 1.3, "logs", "--tail", "5", name)


def _docker(address: str, *command: str) -> None:
    subprocess.run(["docker", "-H", address, *command], check=True, stdout=subprocess.DEVNULL)


def _find(client: Client) -> Measurement:
    """Compare `find` over the machine's /usr inside and outside a container."""
    busybox = Path("/bin/busybox")
    program = str(busybox) if busybox.exists() else "find"
    command = [program, "find"] if busybox.exists() else ["find"]
    command += ["/usr", "-name", "no-such-file"]
    binds = ["/usr:/usr:ro", "/bin:/bin:ro", "/lib:/lib:ro", "/lib64:/lib64:ro"]
    box = client.containers.run("busybox", ["sleep", "1d"], detach=True, volumes=binds)
    # Repeated, to make the time of the exec itself negligible.
    timed = ["sh", "-c", 'for i in 1 2 3; do "$@"; done', "sh", *command]
    here, there = interleave(
        3, lambda: box.exec_run(timed), lambda: subprocess.run(timed, check=True)
    )
    box.remove(force=True)
    return ratio("find /usr, three times", here, 1.1, outside=there)


def _memory(client: Client, address: str) -> Iterator[Measurement]:
    root = engine_root(address)
    idle = pss(processes(root))
    yield Measurement("memory of the idle engine", idle, 60, unit="MiB")
    boxes = [client.containers.run("busybox", "sleep 1d", detach=True) for _ in range(10)]
    own = [psutil.Process(box.attrs["State"]["Pid"]) for box in map(_reloaded, boxes)]
    with_boxes = pss(processes(root)) - pss(own)
    yield Measurement(
        "memory beside each running container", (with_boxes - idle) / 10, 10, unit="MiB"
    )
    for box in boxes:
        box.remove(force=True)
    db = client.containers.run("redis", detach=True)
    command = [sys.executable, "-c", _LEARNER]
    environ = {**os.environ, "DOCKER_HOST": address}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ
    ) as kernel:
        assert kernel.stdout is not None
        kernel.stdout.readline()
        used = pss([*processes(root), psutil.Process(kernel.pid)])
        kernel.terminate()
    db.remove(force=True)
    yield Measurement("a learner: kernel with pandas, engine, redis", used, 200, unit="MiB")


#: A typical kernel: load the extension, show a listing as a DataFrame.
_LEARNER = """
import sys
from ipykernel.kernelapp import IPKernelApp
app = IPKernelApp.instance()
app.initialize(["--quiet"])
app.shell.run_cell("%load_ext docker_magics")
app.shell.run_cell("%docker ps")
print("ready", file=sys.__stdout__, flush=True)
sys.__stdin__.readline()
"""


def _reloaded(box: Any) -> Any:
    box.reload()
    return box


def _first_answer() -> Measurement:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # installed packages have bytecode
    taken = []
    for _ in range(6):
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            with engines.embedded(root=Path(folder)):
                taken.append((time.perf_counter() - started) * 1000)
    return Measurement(
        "from the engine's start to its first answer", statistics.median(taken[1:]), 600
    )
