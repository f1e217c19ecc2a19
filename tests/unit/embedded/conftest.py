"""Fixtures for the tests of the embedded engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from unit.embedded.slow_server import SlowServer

from docker_magics.embedded.state import remove_tree


@pytest.fixture
def deep_path(tmp_path: Path) -> Iterator[Path]:
    """A temporary folder for trees so deep that pytest cannot remove them."""
    yield tmp_path
    remove_tree(tmp_path)


@pytest.fixture
def slow_server() -> Iterator[SlowServer]:
    """A web server that sends slowly."""
    server = SlowServer()
    yield server
    server.close()
