"""Large logs, floods of connections, and pulls over bad connections."""

from __future__ import annotations

import contextlib
import io
import os
import random
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException

import docker
import psutil

from tools import engines, tars
from tools.bench.measurement import Measurement
from tools.bench.soak.cutting_proxy import cutting
from tools.bench.soak.target import Sizes, Target, wait_until
from tools.bench.usage import MIB, processes, pss

_LINE = "x" * 99
#: Seconds before the container prints, and until the log must have been read.
_QUIET_S, _LOGS_S = 4, 400
#: The growth of memory that is flat: a client keeps 8 MiB of the output.
_MOST_ENGINE_MIB, _MOST_CLIENT_MIB = 30, 60
#: How soon the API answers during and after a flood.
_MOST_ANSWER_MS = 5_000
_IDLE_CLIENTS = 6
_LAYER = 20_000_000
#: Follows a log as `%docker logs -f` does; prints the end of what it kept.
_CLIENT = """
import sys
from docker_magics.session import shared
output = str(shared().run(sys.argv[1]))
print(len(output), output[-10:].split()[-1])
"""


def logs(engine: Target, sizes: Sizes) -> Iterator[Measurement]:
    """Follow the log of a container that prints much; sample the memory of both ends."""
    script = f"sleep {_QUIET_S}; yes {_LINE} | head -c {sizes.log_bytes}; echo; echo end"
    box = engine.client.containers.run("busybox", ["sh", "-c", script], detach=True)
    command = [sys.executable, "-c", _CLIENT, f"logs -f {box.id}"]
    environ = {**os.environ, "DOCKER_HOST": engine.address}
    started = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as client:
        growth = _sampled(engine, psutil.Process(client.pid))
        client.kill()
        assert client.stdout is not None
        is_complete = client.stdout.read().split()[-1:] == ["end"]
    seconds = time.monotonic() - started
    megabytes = sizes.log_bytes / 1_000_000
    what = f"{megabytes:,.0f} MB of logs followed: incomplete"
    beside = f"{seconds:.0f} s, {megabytes / seconds:.0f} MB/s"
    yield Measurement(what, not is_complete, 0, beside, unit="")
    engine_growth, client_growth = growth
    yield Measurement(
        "  growth of the engine's memory", engine_growth, _MOST_ENGINE_MIB, unit="MiB"
    )
    yield Measurement(
        "  growth of the client's memory", client_growth, _MOST_CLIENT_MIB, unit="MiB"
    )
    box.remove(force=True)


def _sampled(engine: Target, client: psutil.Process) -> tuple[float, float]:
    """Wait for the client's end; return how much memory the engine and the client gained."""
    samples: list[tuple[float, float]] = []

    def ended() -> bool:
        with contextlib.suppress(psutil.NoSuchProcess):
            if client.status() != psutil.STATUS_ZOMBIE:
                samples.append((pss(processes(engine.root)), client.memory_info().rss / MIB))
                return False
        return True

    time.sleep(_QUIET_S - 0.5)  # the client has started, and the container prints nothing yet
    wait_until(ended, _LOGS_S)
    gains = [max(memory) - memory[0] for memory in zip(*samples, strict=True)]
    return gains[0], gains[1]


def connections(engine: Target, sizes: Sizes) -> Iterator[Measurement]:
    """Flood a published port, with idle clients of the API; measure the API's answers."""
    httpd = ["sh", "-c", "echo works > /index.html; exec httpd -f -p 80"]
    box = engine.client.containers.run(
        "busybox", httpd, detach=True, ports={"80/tcp": ("127.0.0.1", None)}
    )
    box.reload()
    port = int(box.attrs["NetworkSettings"]["Ports"]["80/tcp"][0]["HostPort"])
    wait_until(lambda: _is_served(port), 20)
    with contextlib.ExitStack() as stack:
        for _ in range(_IDLE_CLIENTS):
            stack.enter_context(_api_connection(engine))
        for _ in range(sizes.connections):
            stack.enter_context(_connecting(port))
        time.sleep(2)
        during = _answer_ms(engine)
    time.sleep(1)
    what = f"{sizes.connections:,} connections to a published port: the API's answer"
    yield Measurement(what, during, _MOST_ANSWER_MS)
    yield Measurement("  the API's answer afterwards", _answer_ms(engine), _MOST_ANSWER_MS)
    is_served = wait_until(lambda: _is_served(port), 20)
    yield Measurement("  the port does not answer afterwards", not is_served, 0, unit="")
    box.remove(force=True)


@contextlib.contextmanager
def _connecting(port: int) -> Iterator[socket.socket]:
    with socket.socket() as sock:
        sock.setblocking(False)  # noqa: FBT003 - a positional parameter
        with contextlib.suppress(BlockingIOError):
            sock.connect(("127.0.0.1", port))
        yield sock


def _is_served(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    with contextlib.closing(connection), contextlib.suppress(OSError, HTTPException):
        connection.request("GET", "/")
        return connection.getresponse().read() == b"works\n"
    return False


@contextlib.contextmanager
def _api_connection(engine: Target) -> Iterator[HTTPConnection]:
    connection = HTTPConnection("engine")
    with socket.socket(socket.AF_UNIX) as connection.sock:
        connection.sock.settimeout(4 * _MOST_ANSWER_MS / 1000)
        connection.sock.connect(engine.address.removeprefix("unix://"))
        yield connection


def _answer_ms(engine: Target) -> float:
    """Return how long `docker ps` takes over a new connection; the timeout if it fails."""
    started = time.perf_counter()
    with contextlib.suppress(OSError, HTTPException), _api_connection(engine) as connection:
        connection.request("GET", "/containers/json")
        response = connection.getresponse()
        response.read()
        if response.status == 200:
            return 1000 * (time.perf_counter() - started)
    return float("inf")


def interrupted_pull(engine: Target, sizes: Sizes) -> Iterator[Measurement]:
    """Pull an image while a proxy cuts the connections."""
    with (
        engines.registry() as registry,
        cutting(registry, sizes.cuts, _LAYER // (2 * sizes.cuts)) as proxy,
    ):
        api = engine.client.api
        api.import_image_from_data(_image(), repository=f"{registry}/soak", tag="latest")
        engine.client.images.push(f"{registry}/soak")
        pushed = engine.client.images.get(f"{registry}/soak").id
        engine.client.images.remove(f"{registry}/soak")
        started = time.monotonic()
        reason = ""
        try:
            pulled = engine.client.images.pull(f"{proxy.address}/soak", tag="latest").id
        except docker.errors.APIError as error:
            pulled, reason = "", str(error)
        seconds = time.monotonic() - started
    what = f"a pull over a connection that is cut {sizes.cuts} times: failures"
    beside = f"{seconds:.1f} s, {proxy.cuts} cuts {reason}"
    is_whole = pulled == pushed and proxy.cuts == sizes.cuts
    yield Measurement(what, not is_whole, 0, beside, unit="")


def _image() -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tars.file(tar, "noise", random.Random(1).randbytes(_LAYER))  # noqa: S311 - the same bytes
    return archive.getvalue()


CHECKS = (logs, connections, interrupted_pull)
