"""What a line sends is what the docker CLI 28.2.2 sends.

cases.json, more.json and swarm.json were recorded from it; a case lists what writes, or where
nothing does, what reads (`relevant`).
"""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from wire.fake_engine import USERS_KEYS, FakeEngine, relevant, same

from docker_magics.errors import DockerMagicsError
from docker_magics.session import Session

_HERE = Path(__file__).parent


def _cases(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((_HERE / name).read_text(encoding="utf-8"))
    return cases


def _ids(case: dict[str, Any]) -> str:
    return str(case["line"])


@pytest.mark.parametrize("case", _cases("cases.json"), ids=_ids)
def test_the_130_lines(case: dict[str, Any], engine: FakeEngine) -> None:
    """They were recorded without any empty field."""
    _check(case, engine, frozenset())


@pytest.mark.parametrize("case", [*_cases("more.json"), *_cases("swarm.json")], ids=_ids)
def test_more_lines(case: dict[str, Any], engine: FakeEngine) -> None:
    """All that a line can say, and its exit code."""
    _check(case, engine, USERS_KEYS)


def _check(case: dict[str, Any], engine: FakeEngine, whole: frozenset[str]) -> None:
    exit_code = 0
    try:
        result = Session().run_words(shlex.split(case["line"]))
        exit_code = getattr(result, "exit_code", None) or 0
    except DockerMagicsError as error:
        exit_code = error.exit_code
    finally:
        for name in ("/tmp/wire-none-cid", "/tmp/wire-hosts", "/tmp/wire-s.tar"):
            Path(name).unlink(missing_ok=True)
    sent = [same(request.as_json(), whole=whole) for request in relevant(engine.requests)]
    assert sent == [same(request, whole=whole) for request in case["requests"]]
    assert exit_code == case["rc"]
