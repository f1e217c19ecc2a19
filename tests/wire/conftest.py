"""A fake engine that records requests."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from wire.fake_engine import FakeEngine


@pytest.fixture(scope="session")
def _fake_engine() -> Iterator[FakeEngine]:
    with tempfile.TemporaryDirectory() as folder:  # tmp_path may be too long for a socket
        fake = FakeEngine(Path(folder) / "s").start()
        yield fake
        fake.stop()


@pytest.fixture
def engine(
    _fake_engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FakeEngine]:
    """The fake engine, selected by DOCKER_HOST, with an empty CLI configuration."""
    monkeypatch.setenv("DOCKER_HOST", _fake_engine.host)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path.parent / "no-config"))
    monkeypatch.delenv("DOCKER_MAGICS_ENGINE", raising=False)
    monkeypatch.delenv("DOCKER_CONTEXT", raising=False)
    yield _fake_engine
    _fake_engine.requests.clear()
    _fake_engine.answers.clear()
