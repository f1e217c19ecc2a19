"""JupyterLab, Notebook 7 and Chromium for the tests of what people see."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser.shared import Docker
from conftest import unavailable
from playwright.sync_api import Browser, Page

from tools import debian, engines
from tools.front_ends import Server, open_chromium, serve


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless Chromium, Debian's."""
    if packages := debian.missing("browser"):
        unavailable(f"a browser is needed: {debian.install_command(packages)}")
    with open_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def host(request: pytest.FixtureRequest, start: Callable[[str], str]) -> str:
    """The engine's address: dockerd's, or that of the engine which the test's mark names."""
    return start(getattr(request, "param", "docker"))


@pytest.fixture(scope="session")
def server(host: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Jupyter server whose kernels work with a private engine."""
    folder: Path = tmp_path_factory.mktemp("jupyter")
    with serve(folder, host) as server:
        yield server


@pytest.fixture(scope="session")
def docker(host: str) -> Docker:
    """Runs the docker CLI on the tests' engine; gives what it prints."""
    return functools.partial(engines.docker_cli, host)


@pytest.fixture
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    """A page of a fresh browser profile; the kernels that it has started end with it."""
    context = chromium.new_context(
        viewport={"width": 1280, "height": 960}, permissions=["clipboard-read", "clipboard-write"]
    )
    yield context.new_page()
    context.close()
    server.end_kernels()
