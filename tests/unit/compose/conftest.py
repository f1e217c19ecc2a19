"""A fixture that writes a stand-in for Compose: a Python script."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from docker_magics.compose.body import ComposeBody
from docker_magics.compose.call import Call

MakeCall = Callable[..., Call]


@pytest.fixture
def make_call(tmp_path: Path) -> MakeCall:
    """Return a function: the script's code, args, body -> a call of it."""

    def make(code: str, *args: str, options: tuple[str, ...] = (), body: str | None = None) -> Call:
        program = tmp_path / "docker-compose"
        program.write_text(f"#!{sys.executable}\nimport json, sys, os, time\n{code}\n")
        program.chmod(0o755)
        text = None if body is None else ComposeBody(body)
        return Call(program, options, args, dict(os.environ), text)

    return make
