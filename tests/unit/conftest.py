"""Fixtures: an IPython shell without a kernel, and a session with a stub engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
from unit.commands.stub_engine import StubEngine

from docker_magics import program, session
from docker_magics.cli.global_options import GlobalOptions
from docker_magics.results.listing import AS_TEXT


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the user's own settings out of the tests."""
    for name in ("ENGINE", "ROOT", "DRIVER", "LANG"):
        monkeypatch.delenv(f"DOCKER_MAGICS_{name}", raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", "/proc/none")  # a test that writes it sets its own


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """An IPython shell with private settings and no history."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    InteractiveShell.clear_instance()
    yield InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    InteractiveShell.clear_instance()


class StubSession(session.Session):
    """A session that always uses one engine."""

    def __init__(self, engine: StubEngine) -> None:
        super().__init__()
        self._engine = engine

    def engine(self, options: GlobalOptions | None = None) -> StubEngine:  # noqa: ARG002
        return self._engine


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> StubEngine:
    """The stub engine of the shared session."""
    engine = StubEngine()
    replacement = StubSession(engine)
    monkeypatch.setattr(session, "shared", lambda: replacement)
    return engine


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[StubEngine]:
    """The engine of the `docker-magics` program."""
    engine = StubEngine()
    monkeypatch.setattr(program, "Session", lambda: StubSession(engine))
    yield engine
    AS_TEXT.set(False)


def run_program(line: str, capfdbinary: pytest.CaptureFixture[bytes]) -> tuple[int, bytes, bytes]:
    """Return the exit code, stdout and stderr of a line of the `docker-magics` program."""
    code = program.run(line.split())
    captured = capfdbinary.readouterr()
    return code, captured.out, captured.err
