"""Fixtures of the containers' unit tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from unit.embedded.containers.harness import Harness


@pytest.fixture
def harness(tmp_path: Path) -> Harness:
    """The parts that run containers, on an empty root."""
    return Harness(tmp_path)
