"""Fixtures of the image store's tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from unit.embedded.images.support import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty image store with fake dependencies."""
    return Store(tmp_path)
