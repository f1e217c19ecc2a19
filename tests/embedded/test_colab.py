"""The embedded engine on a machine like Colab's: root, but no user namespaces and no mounts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import require_systrap
from embedded import pods

from tools.pod import Pod, pod

ROOT = Path(__file__).parent.parent.parent
IMAGES = ("busybox", "hello-world", "redis", "node")
REDIS = """
import time
from docker_magics import docker
docker("run -d --name db redis")
for _ in range(100):
    if (answer := docker("exec db redis-cli PING")) == "PONG":
        break
    time.sleep(0.1)
print(answer)
docker("rm -f db")
"""
NODE = """
from docker_magics import docker
print(docker("run --rm node node -e 'console.log(6 * 7)'"))
"""


@pytest.fixture(scope="module")
def machine(dockerd: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pod]:
    """A machine with the images, and an engine that is not started yet."""
    require_systrap()
    cache = pods.cache_of(IMAGES, tmp_path_factory.mktemp("cache"))
    with pod(dockerd, cache, is_root=True) as own:
        started = own.python("-c", "from docker_magics import docker; docker('ps')")
        assert "Started the embedded engine (systrap, no limits" in started.stderr
        pods.load(own, IMAGES, cache)
        yield own


def test_the_quickstart_runs(machine: Pod) -> None:
    notebook = ROOT / "notebooks/01-quickstart.ipynb"
    machine.python("-m", "tools.notebook_runner", notebook, seconds=250)


def test_redis_answers(machine: Pod) -> None:
    assert machine.python("-c", REDIS).stdout == "PONG\n"


def test_node_runs(machine: Pod) -> None:
    assert machine.python("-c", NODE).stdout == "42\n"
