"""Requests that meet each other: no order of locks leaves the engine hanging."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import docker
import docker.errors
import pytest
import requests
from embedded.shared import client, give_busybox, running

ROUNDS, CONTAINERS, RENAMERS = 3, 25, 3


@pytest.fixture
def api(tmp_path: Path) -> Iterator[docker.DockerClient]:
    """An engine of the test's own, with busybox in it."""
    with running(tmp_path), client(tmp_path) as api:
        give_busybox(tmp_path)
        yield api


def test_renames_while_containers_end_and_go(api: docker.DockerClient) -> None:
    """The engine answers, each container goes, and its names are free again."""
    for _ in range(ROUNDS):
        ids = [
            api.containers.run("busybox", ["sleep", "0.5"], detach=True, remove=True).id
            for _ in range(CONTAINERS)
        ]
        numbers = itertools.count()
        unexpected: list[Exception] = []

        def rename(ids: list[str], numbers: Iterator[int], unexpected: list[Exception]) -> None:
            left = set(ids)
            while left:
                for identity in list(left):
                    try:
                        api.api.rename(identity, f"renamed-{next(numbers)}")
                    except docker.errors.NotFound:
                        left.discard(identity)
                    except (docker.errors.DockerException, requests.RequestException) as error:
                        unexpected.append(error)
                        return

        threads = [
            threading.Thread(target=rename, args=(ids, numbers, unexpected))
            for _ in range(RENAMERS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert not any(thread.is_alive() for thread in threads)
        assert not unexpected
        began = time.monotonic()
        api.containers.create("busybox", name="after").remove()
        assert time.monotonic() - began < 1
        assert api.containers.list(all=True) == []
