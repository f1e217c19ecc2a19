"""A session chooses the engine, and does not change the process's garbage collector."""

from __future__ import annotations

import gc
from types import SimpleNamespace
from typing import Any, cast

import pytest

from docker_magics.cli import global_options
from docker_magics.cli.command import Command
from docker_magics.engine.client import Engine
from docker_magics.engine.http_response import gc_paused
from docker_magics.session import Session


class Blocking(Command):
    """Note whether garbage is collected while this command runs"""

    def run(self, engine: Engine) -> list[str]:
        assert engine
        return [str(gc.isenabled())]


def test_garbage_is_collected_while_a_command_blocks() -> None:
    session = Session({global_options.parse([])[0]: cast("Any", SimpleNamespace())})
    assert session.execute(Blocking()) == ["True"]


def test_the_engine_is_that_of_the_environment_at_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session()
    for host in ("unix:///one.sock", "unix:///other.sock"):
        monkeypatch.setenv("DOCKER_HOST", host)
        assert session.engine().address.host == host


def test_pausing_the_collector_restores_its_setting() -> None:
    with gc_paused():
        assert not gc.isenabled()
        with gc_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
    gc.disable()
    try:
        with gc_paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
