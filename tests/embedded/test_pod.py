"""The embedded engine in an unprivileged pod like Binder's, with systrap."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import require_systrap
from embedded import pods

from tools.pod import BINDER, Pod, pod

ROOT = Path(__file__).parent.parent.parent
NOTEBOOKS = ROOT / "notebooks"
IMAGES = ("busybox", "hello-world", "redis", "node", "registry")
LESSONS = [
    *(pytest.param(path, id=path.stem) for path in sorted(NOTEBOOKS.glob("0*.ipynb"))),
    *(
        pytest.param(path, id=f"ko/{path.stem}", marks=pytest.mark.xdist_group("pod-ko"))
        for path in sorted(NOTEBOOKS.glob("ko/0*.ipynb"))
    ),
]
LAB = f"jupyter-lab --no-browser --ip=127.0.0.1 {BINDER.home} >/tmp/lab.log 2>&1 &"
#: The memory limit of a session with JupyterLab, a kernel, the engine and its containers.
MOST_BYTES = 1_000_000_000


@pytest.fixture(scope="module")
def learner(dockerd: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pod]:
    """A pod with JupyterLab, an engine and the course's images."""
    require_systrap()
    cache = pods.cache_of(IMAGES, tmp_path_factory.mktemp("cache"))
    with pod(dockerd, {cache: cache}) as own:
        pods.load(own, IMAGES, cache)
        own.run("sh", "-c", LAB)
        yield own


@contextlib.contextmanager
def memory_measured(learner: Pod) -> Iterator[list[int]]:
    """Measure the pod's memory in bytes every 0.5 s while the block runs; yield the samples."""
    samples: list[int] = [learner.memory()]
    ended = threading.Event()

    def measure() -> None:
        while not ended.wait(0.5):
            samples.append(learner.memory())

    thread = threading.Thread(target=measure)
    thread.start()
    try:
        yield samples
    finally:
        ended.set()
        thread.join()


def test_info_warns_of_missing_isolation(learner: Pod) -> None:
    info = learner.python("-m", "docker_magics", "info")
    assert "Sandbox: systrap" in info.stdout
    assert "WARNING: Little isolation: only files are confined (Landlock)" in info.stderr


@pytest.mark.parametrize("notebook", LESSONS)
def test_a_notebook_runs(learner: Pod, notebook: Path) -> None:
    with memory_measured(learner) as samples:
        learner.python("-m", "tools.notebook_runner", notebook, seconds=280)
    assert max(samples) < MOST_BYTES
