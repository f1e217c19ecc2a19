"""A fake engine for tests of requests."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from wire.fake_engine import FakeEngine


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEngine]:
    """A fake engine, selected by DOCKER_HOST, with an empty CLI configuration."""
    with tempfile.TemporaryDirectory() as folder:  # a socket's path must be short
        fake = FakeEngine(Path(folder) / "s").start()
        monkeypatch.setenv("DOCKER_HOST", fake.host)
        monkeypatch.setenv("DOCKER_CONFIG", f"{folder}/config")
        for name in ("DOCKER_MAGICS_ENGINE", "DOCKER_CONTEXT"):
            monkeypatch.delenv(name, raising=False)
        yield fake
        fake.stop()
