"""The embedded engine where nothing is allowed: a pod as Binder's, with proot."""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import unavailable

from tools import debian, images
from tools.pod import HOME, Pod, pod

ROOT = Path(__file__).parent.parent.parent
NOTEBOOKS = ROOT / "notebooks"
IMAGES = ("busybox", "hello-world", "redis", "node")
EXECUTE = """
import sys, pathlib, tempfile, nbformat
from tools import notebook_runner
notebook = nbformat.read(sys.argv[1], as_version=4)
notebook_runner.execute(notebook, pathlib.Path(tempfile.mkdtemp()), timeout=120)
"""
LESSONS = [
    *(pytest.param(path, id=path.stem) for path in sorted(NOTEBOOKS.glob("0*.ipynb"))),
    *(
        pytest.param(path, id=f"ko/{path.stem}", marks=pytest.mark.xdist_group("pod-ko"))
        for path in sorted(NOTEBOOKS.glob("ko/0*.ipynb"))
    ),
]
LAB = f"jupyter-lab --no-browser --ip=127.0.0.1 {HOME} >/tmp/lab.log 2>&1 &"
#: What a session with JupyterLab, a kernel, the engine and its containers may take.
MOST_BYTES = 1_000_000_000


@pytest.fixture(scope="module")
def learner(dockerd: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pod]:
    """A pod with the course's images in its engine, which discovery has started."""
    if lacking := debian.missing("binder"):
        unavailable(f"a pod's engine needs proot: {debian.install_command(lacking)}")
    cache = tmp_path_factory.mktemp("cache")
    cache.chmod(0o755)
    shown = cache / images.CACHE.relative_to(images.CACHE.parent.parent)
    shown.mkdir(parents=True)
    for name in IMAGES:
        shutil.copy(images.built(name), shown)
    with pod(dockerd, cache) as own:
        local = {"DOCKER_MAGICS_IMAGES": "local", "XDG_CACHE_HOME": str(cache)}
        own.python("-m", "tools.images", *IMAGES, env=local, seconds=120)
        own.run("sh", "-c", LAB)
        yield own


@contextlib.contextmanager
def memory_measured(learner: Pod) -> Iterator[list[int]]:
    """What the pod's processes take, looked at now and then while the block runs."""
    found: list[int] = [learner.memory()]
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.5):
            found.append(learner.memory())

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield found
    finally:
        ended.set()
        looking.join()


def test_its_info_says_what_is_missing_there(learner: Pod) -> None:
    said = learner.python("-c", "import docker_magics as d; print(d.docker('info'))").stdout
    assert "Sandbox: proot" in said
    assert "WARNING: No isolation: proot shares network, processes and users with the host" in said


@pytest.mark.parametrize("notebook", LESSONS)
def test_a_notebook_runs(learner: Pod, notebook: Path) -> None:
    with memory_measured(learner) as taken:
        learner.python("-c", EXECUTE, notebook, seconds=280)
    assert max(taken) < MOST_BYTES
