"""The embedded engine on machines like Colab's and Kaggle's: root, without namespaces and mounts.

Kaggle's has no network, so images come from a data set, which is mounted read-only.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import require_systrap
from embedded import pods

from tools.pod import COLAB, KAGGLE, Pod, pod

ROOT = Path(__file__).parent.parent.parent
DATA_SETS = Path("/kaggle/input")
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


COPY = f"""
from docker_magics import docker
docker("run --rm -v {DATA_SETS}:/in:ro -v $PWD:/out busybox cp /in/train.csv /out")
"""


@pytest.fixture(scope="module", params=["Colab", "Kaggle"])
def machine(
    request: pytest.FixtureRequest, dockerd: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pod]:
    """A machine with the images, and an engine that is not started yet."""
    require_systrap()
    place = KAGGLE if request.param == "Kaggle" else COLAB
    cache = pods.cache_of(IMAGES, tmp_path_factory.mktemp("cache"))
    (cache / "train.csv").write_text("id,label\n")
    with pod(dockerd, {cache: DATA_SETS}, place=place) as own:
        started = own.python("-c", "from docker_magics import docker; docker('ps')")
        assert "Started the embedded engine (systrap, no limits" in started.stderr
        pods.load(own, IMAGES, DATA_SETS)
        yield own


def test_the_quickstart_runs(machine: Pod) -> None:
    notebook = ROOT / "notebooks/01-quickstart.ipynb"
    machine.python("-m", "tools.notebook_runner", notebook, seconds=250)


def test_redis_answers(machine: Pod) -> None:
    assert machine.python("-c", REDIS).stdout == "PONG\n"


def test_node_runs(machine: Pod) -> None:
    assert machine.python("-c", NODE).stdout == "42\n"


def test_a_data_set_is_read_and_the_working_folder_is_written(machine: Pod) -> None:
    machine.python("-c", COPY)
    assert machine.run("cat", "train.csv").stdout == "id,label\n"
    assert machine.run("touch", DATA_SETS / "new", check=False).returncode == 1
