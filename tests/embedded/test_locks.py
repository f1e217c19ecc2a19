"""Concurrent requests cause no deadlock."""

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
from embedded.shared import client, load_busybox, running

ROUNDS, CONTAINERS, RENAMERS = 3, 25, 3


@pytest.fixture
def api(tmp_path: Path) -> Iterator[docker.DockerClient]:
    """A client of a private engine that has busybox."""
    with running(tmp_path), client(tmp_path) as api:
        load_busybox(tmp_path)
        yield api


def test_renames_while_containers_exit_and_are_removed(api: docker.DockerClient) -> None:
    """The engine answers, every container is removed, and its names are free again."""
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
