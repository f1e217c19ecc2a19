"""An engine that only listens, for the tests of what is sent."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from wire.fake_engine import FakeEngine


@pytest.fixture(scope="session")
def _listening() -> Iterator[FakeEngine]:
    with tempfile.TemporaryDirectory() as folder:  # a socket's path must be short
        fake = FakeEngine(Path(folder) / "s").start()
        yield fake
        fake.stop()


@pytest.fixture
def engine(
    _listening: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FakeEngine]:
    """A fake engine that DOCKER_HOST names; the CLI's configuration is empty."""
    monkeypatch.setenv("DOCKER_HOST", _listening.host)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path.parent / "no-config"))
    monkeypatch.delenv("DOCKER_MAGICS_ENGINE", raising=False)
    monkeypatch.delenv("DOCKER_CONTEXT", raising=False)
    yield _listening
    _listening.requests.clear()
    _listening.answers.clear()
