"""Logs of many megabytes: their tail is read at once, and nothing of them is lost."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from embedded.shared import client, load_busybox, running

#: Bytes of output; the log is half as large again.
SIZE = 60_000_000
LINE = b"x" * 99 + b"\n"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[docker.DockerClient]:
    """An engine with the container `large`, which has written SIZE bytes and ended."""
    folder = tmp_path_factory.mktemp("engine")
    with running(folder), client(folder) as api:
        load_busybox(folder)
        script = f"yes {'x' * 99} | head -c {SIZE}; printf last"
        api.containers.run("busybox", ["sh", "-c", script], name="large", detach=True).wait()
        yield api


def log_path(engine: docker.DockerClient, name: str) -> Path:
    return Path(engine.containers.get(name).attrs["LogPath"])


def test_the_tail_takes_no_longer_than_that_of_a_short_log(engine: docker.DockerClient) -> None:
    large = engine.containers.get("large")
    assert log_path(engine, "large").stat().st_size > SIZE
    taken = []
    for _ in range(5):
        started = time.perf_counter()
        assert large.logs(tail=2) == LINE + b"last"
        assert large.logs(tail=1, follow=True) == b"last"
        taken.append(time.perf_counter() - started)
    assert min(taken) < 0.1


def test_all_output_arrives(engine: docker.DockerClient) -> None:
    """Counted as frames, one for each line."""
    response = engine.api._get(  # noqa: SLF001 - docker-py would decode 600,000 frames
        engine.api._url("/containers/large/logs"),  # noqa: SLF001
        params={"stdout": 1},
        stream=True,
    )
    received = sum(len(piece) for piece in response.iter_content(1 << 20))
    lines = SIZE // len(LINE)
    assert received == SIZE + len("last") + 8 * (lines + 1)


def test_a_followed_log_is_complete_across_rotations(engine: docker.DockerClient) -> None:
    """The files are so small that many are rotated between two looks."""
    script = "for i in $(seq 2000); do echo $i; [ $((i % 100)) = 0 ] && sleep 0.02; done; true"
    container = engine.containers.create(
        "busybox",
        ["sh", "-c", script],
        log_config={"type": "json-file", "config": {"max-size": "2k", "max-file": "100"}},
    )
    container.start()
    received = b"".join(container.logs(stream=True, follow=True))
    assert received.split() == [b"%d" % number for number in range(1, 2001)]
    assert container.logs().split() == received.split()
    assert container.logs(tail=300).split() == received.split()[-300:]


def test_damaged_lines_and_an_incomplete_one_are_skipped(engine: docker.DockerClient) -> None:
    container = engine.containers.run("busybox", ["seq", "3"], detach=True)
    container.wait()
    with log_path(engine, container.name).open("ab") as log:
        log.write(b'\x00\x00\xff\n{"log":"half\n')
        log.write(
            json.dumps({"log": "4", "stream": "stdout", "time": "2099-01-01T00:00:00Z"}).encode()
        )
    assert container.logs() == b"1\n2\n3\n"
    assert container.logs(tail=2) == b"2\n3\n"


def test_long_and_unfinished_lines(engine: docker.DockerClient) -> None:
    script = "head -c 40000 /dev/zero | tr '\\0' a; echo; printf end"
    container = engine.containers.run("busybox", ["sh", "-c", script], detach=True)
    container.wait()
    assert container.logs() == b"a" * 40000 + b"\nend"
    assert container.logs(tail=1) == b"end"
    assert container.logs(tail=2) == b"a" * (40000 % 16384) + b"\nend"
