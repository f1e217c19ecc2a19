"""Benchmark docker lines in cells against the docker CLI and others, on a private dockerd.

Listings are compared with the bare HTTP request on the socket, the engine's own response time.
"""

from __future__ import annotations

import functools
import io
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import pandas as pd
from IPython.core.interactiveshell import InteractiveShell
from python_on_whales import DockerClient

from tools import debian, engines, images
from tools.bench.measurement import Measurement, interleave, ratio

ROUNDS = 15
#: Number of containers, number of rounds, maximum ratio to the time of the bare request.
LISTINGS = ((20, 31, None), (200, 15, 1.5), (2_000, 9, 1.2))
#: python-on-whales runs the CLI again for each container that is read; above this number, only IDs
#: are read.
WHALES_READ = 200
TAGS = 20
#: A build's context: number of files, and total bytes.
FILES, BYTES = 2_000, 200_000_000


def run() -> Iterator[Measurement]:
    """Yield the measurements, most of them ratios to an alternative."""
    yield from _loading()
    if os.geteuid() != 0 or not debian.ensure("docker", "images"):
        print("a private dockerd is needed; run as root")
        return
    engines.private_network()
    with engines.dockerd(in_memory=True) as host:
        images.provide(host, "busybox")
        os.environ["DOCKER_HOST"] = host
        InteractiveShell.instance().run_line_magic("load_ext", "docker_magics")
        yield from _processes()
        yield _context()
        yield _images()
        yield from _containers(host)


def _cell(line: str) -> object:
    """Run `%docker LINE` as a cell does."""
    return InteractiveShell.instance().run_line_magic("docker", line)


def _cli(line: str) -> bytes:
    """Run the docker CLI as a terminal or `!docker LINE` does."""
    done = subprocess.run(["docker", *line.split()], check=True, capture_output=True)
    return done.stdout


_LOAD = """
import sys, time
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
begun = time.perf_counter()
shell.run_line_magic("load_ext", "docker_magics")
print(1000 * (time.perf_counter() - begun), *{"pandas", "ipywidgets", "docker"} & set(sys.modules))
"""


def _loading() -> Iterator[Measurement]:
    reports = [
        subprocess.check_output([sys.executable, "-c", _LOAD], text=True).split()
        for _ in range(ROUNDS)
    ]
    fastest = min(float(time) for time, *_ in reports)
    yield Measurement("%load_ext docker_magics, over bare IPython", fastest, 60)
    heavy = {module for _, *modules in reports for module in modules}
    what = "of pandas, ipywidgets, docker it imports"
    yield Measurement(what, len(heavy), 0, ", ".join(heavy), unit="")


def _processes() -> Iterator[Measurement]:
    _cli("run -d --name bench busybox sleep 1d")
    for line in ("run --rm busybox true", "exec bench true"):
        yield _beside_cli(line, 1.0, ROUNDS)
    _cli("rm -f bench")


def _beside_cli(line: str, most: float, rounds: int, what: str = "") -> Measurement:
    here, there = interleave(rounds, functools.partial(_cell, line), functools.partial(_cli, line))
    return ratio(what or line, here, most, docker_CLI=there)


def _context() -> Measurement:
    """Compare builds by the classic builder, as the CLI needs a plugin for BuildKit."""
    os.environ["DOCKER_BUILDKIT"] = "0"
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "Dockerfile").write_text("FROM busybox\n")
        for number in range(FILES):
            Path(folder, f"{number}").write_bytes(os.urandom(BYTES // FILES))
        what = f"build: a context of {FILES:,} files, {BYTES // 1_000_000} MB"
        measurement = _beside_cli(f"build --quiet {folder}", 1.0, 5, what)
    del os.environ["DOCKER_BUILDKIT"]
    return measurement


def _images() -> Measurement:
    for number in range(TAGS):
        _cli(f"tag busybox bench:{number}")
    return _beside_cli("images", 0.3, ROUNDS)


def _containers(host: str) -> Iterator[Measurement]:
    bare, whales = _bare_request(host), DockerClient(host=host)
    made = 0
    for count, rounds, most in LISTINGS:
        engines.create_containers(host, range(made, count))
        made = count
        ours, limit, cli, frame = interleave(
            rounds, lambda: _cell("ps -a"), bare, lambda: _cli("ps -a"), _frame_of_cli
        )
        (other,) = interleave(1, functools.partial(_whales_list, whales, count))
        yield ratio(
            f"ps -a of {count:,} containers",
            ours,
            most,
            the_bare_request=limit,
            docker_CLI=cli,
            its_JSON_in_pandas=frame,
            **{f"python-on-whales{'' if count <= WHALES_READ else '_(IDs_alone)'}": other},
        )


def _bare_request(host: str) -> Callable[[], object]:
    connection = HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(host.removeprefix("unix://"))

    def ask() -> bytes:
        connection.request("GET", "/v1.41/containers/json?all=1")
        return connection.getresponse().read()

    return ask


def _frame_of_cli() -> pd.DataFrame:
    return pd.read_json(io.BytesIO(_cli("ps -a --format json")), lines=True)


def _whales_list(whales: DockerClient, count: int) -> list[str]:
    containers = whales.container.list(all=True)
    return [container.name if count <= WHALES_READ else container.id for container in containers]
