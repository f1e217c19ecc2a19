"""An engine that only listens, for the tests of what is sent."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from wire.fake_engine import FakeEngine


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEngine]:
    """A fake engine that DOCKER_HOST names; the CLI's configuration is empty."""
    with tempfile.TemporaryDirectory() as folder:  # a socket's path must be short
        fake = FakeEngine(Path(folder) / "s").start()
        monkeypatch.setenv("DOCKER_HOST", fake.host)
        monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "config"))
        monkeypatch.delenv("DOCKER_MAGICS_ENGINE", raising=False)
        yield fake
        fake.stop()
