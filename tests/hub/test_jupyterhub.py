"""A JupyterHub without systemd: two learners log in, and each has an engine.

The hub, its proxy and the servers are real ones; `places.py` has the spawners. As a hub takes long
to start, all but one are tried nightly: `DOCKER_MAGICS_NIGHTLY=all` (`make test-nightly`).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path

import psutil
import pytest
import requests
from conftest import unavailable
from hub import places
from hub.learner import LONGEST_S, Learner

from tools import daemons, debian, images
from tools.uv import uv

pytestmark = pytest.mark.timeout(900)
LOCKED = Path(__file__).parent.parent.parent / "requirements/hub.txt"
_NIGHTLY = pytest.mark.skipif(
    os.environ.get("DOCKER_MAGICS_NIGHTLY") != "all", reason="takes long: make test-nightly"
)
SPAWNERS = [
    pytest.param(places.accounts, id="LocalProcessSpawner"),
    pytest.param(places.processes, id="SimpleLocalProcessSpawner", marks=_NIGHTLY),
    *(
        pytest.param(
            partial(places.containers, engine), id=f"DockerSpawner on {engine}", marks=_NIGHTLY
        )
        for engine in ("docker", "embedded")
    ),
]
#: Runs configurable-http-proxy, without the script that pip would make.
_PROXY = "from configurable_http_proxy.cli import main; main()"
_FIRST = """
%load_ext docker_magics
%docker import {images}/busybox.tar busybox
%docker import --change 'CMD ["/bin/cat", "/hello"]' {images}/hello-world.tar hello-world
%docker run --rm hello-world
"""


@pytest.fixture(scope="module")
def shared() -> Iterator[Path]:
    """A folder that all users may read, with the folders `packages` and `images`."""
    if os.geteuid() != 0:
        pytest.skip("only root can run a hub for several users")
    if missing := debian.missing("images"):
        unavailable(f"users and images are needed: {debian.install_command(missing)}")
    with daemons.private_folder("hub-shared") as folder:
        folder.chmod(0o755)
        install = ("pip", "install", "--compile-bytecode", "--python", sys.executable)
        try:
            uv(*install, "--target", folder / "packages", "--require-hashes", "-r", LOCKED)
        except subprocess.CalledProcessError as error:
            unavailable(f"a package index is needed: {error}")
        (folder / "images").mkdir()
        for name in ("busybox", "hello-world"):
            shutil.copy(images.built(name), folder / "images")
        yield folder


@pytest.fixture(scope="module", params=SPAWNERS)
def place(
    request: pytest.FixtureRequest, shared: Path, start: Callable[[str], str]
) -> Iterator[tuple[places.Place, Path]]:
    """A spawner, and the folder of the hub."""
    with daemons.private_folder("hub") as folder:
        folder.chmod(0o755)
        with request.param(start, shared, folder) as place:
            yield place, folder


@pytest.fixture(scope="module")
def learners(place: tuple[places.Place, Path]) -> Iterator[list[Learner]]:
    """Two learners who have logged in at the same time."""
    with _hub(*place) as hub, ThreadPoolExecutor() as pool, ExitStack() as stack:
        stack.callback(_end_engines, place[1])
        both = list(pool.map(partial(Learner, hub), places.LEARNERS))
        for learner in both:
            stack.callback(learner.close)
        yield both


def _end_engines(folder: Path) -> None:
    """Terminate the learners' engines, which outlive the servers, and so their containers."""
    running = [
        process
        for process in psutil.process_iter(["cmdline"])
        if "docker_magics.embedded" in (line := " ".join(process.info["cmdline"] or []))
        and f"{folder}/" in line
    ]
    for process in running:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    deadline = time.monotonic() + LONGEST_S
    while any(map(_runs, running)) and time.monotonic() < deadline:
        time.sleep(0.1)


def _runs(process: psutil.Process) -> bool:
    """Whether a process has not ended; its parent may wait for it later."""
    try:
        return str(process.status()) != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@contextmanager
def _hub(place: places.Place, folder: Path) -> Iterator[str]:
    """Run a JupyterHub; yield its URL."""
    port, proxy_port = daemons.free_port(), daemons.free_port()
    url = f"http://127.0.0.1:{port}"
    slow = {"start_timeout": LONGEST_S, "http_timeout": LONGEST_S}
    config = place.config | {
        "JupyterHub": place.config["JupyterHub"]
        | {
            "bind_url": url,
            "authenticator_class": "dummy",
            "db_url": f"sqlite:///{folder}/hub.sqlite",
            "cookie_secret_file": f"{folder}/cookie_secret",
        },
        "Spawner": place.config.get("Spawner", {}) | slow,
        "ConfigurableHTTPProxy": {
            "command": [*place.python, "-c", _PROXY],
            "api_url": f"http://127.0.0.1:{proxy_port}",
            "pid_file": f"{folder}/proxy.pid",
        },
    }
    (folder / "config.json").write_text(json.dumps(config))
    command = [*place.as_user, *place.python, "-m", "jupyterhub"]
    command += ["--config", f"{folder}/config.json"]
    environ = {"HOME": str(folder), **place.environ}
    with daemons.daemon(command, folder, lambda: _answers(f"{url}/hub/api"), environ):
        yield url


def _answers(url: str) -> bool:
    """Whether the hub is there, behind its proxy."""
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:
        return False


def test_the_first_container_of_the_quickstart(learners: list[Learner], shared: Path) -> None:
    cell = _FIRST.replace("{images}", f"{shared}/images")
    with ThreadPoolExecutor() as pool:
        outputs = list(pool.map(lambda learner: learner.run(cell), learners))
    for output in outputs:
        assert "Started the embedded engine" in output
        assert "Hello from Docker!" in output


def test_learners_do_not_see_each_others_containers(learners: list[Learner]) -> None:
    for learner in learners:
        learner.run("%docker run -d --name mine busybox sleep infinity")
    for learner in learners:
        assert learner.run("%docker ps -a --format '{{.Names}}'") == "mine"
