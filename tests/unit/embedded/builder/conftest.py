"""Fixtures of the builder's tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from unit.embedded.builder.support import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A builder with an empty image store."""
    return Bench(tmp_path)
