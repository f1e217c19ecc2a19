"""Fixtures: JupyterLab, Notebook 7 and Chromium."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser.shared import Docker
from conftest import unavailable
from playwright.sync_api import Browser, Page

from tools import debian, engines
from tools.front_ends import Server, open_chromium, serve

_LOOP = "while true; do echo tick; sleep 1; done"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    if packages := debian.missing("browser"):
        unavailable(f"a browser is needed: {debian.install_command(packages)}")
    with open_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def host(request: pytest.FixtureRequest, start: Callable[[str], str]) -> str:
    """The address of the engine in the test's mark; by default Docker Engine's."""
    return start(getattr(request, "param", "docker"))


@pytest.fixture(scope="session")
def server(host: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Jupyter server with kernels that use the private engine."""
    folder: Path = tmp_path_factory.mktemp("jupyter")
    with serve(folder, host) as server:
        yield server


@pytest.fixture(scope="session")
def docker(host: str) -> Docker:
    """A function that runs the docker CLI with the engine and returns its stdout."""
    return functools.partial(engines.docker_cli, host)


@pytest.fixture
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    """A page of a new browser profile; its kernels are shut down at the end."""
    context = chromium.new_context(
        viewport={"width": 1280, "height": 960}, permissions=["clipboard-read", "clipboard-write"]
    )
    yield context.new_page()
    context.close()
    server.end_kernels()


@pytest.fixture
def web(docker: Docker) -> Iterator[str]:
    """A running container with output, which ignores SIGTERM."""
    name = f"web-{time.monotonic_ns()}"
    hostile = "text=<script>alert(1)</script>"
    docker(
        *("run", "-d", "--network=none", "--name", name, "--stop-timeout=2", "--label", hostile),
        *("busybox", "sh", "-c", f"echo '<img src=x onerror=alert(2)>'; {_LOOP}"),
    )
    yield name
    if remaining := docker("ps", "-aq", "--filter", f"name={name}").split():
        docker("rm", "-f", *remaining)
