"""What a line sends is what the docker CLI 28.2.2 sends.

cases.json and more.json were recorded from it; a case lists what writes, or where nothing does,
what reads (`relevant`).
"""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from wire.fake_engine import FakeEngine, relevant, same

from docker_magics.errors import DockerMagicsError, UnknownCommand
from docker_magics.session import Session

_HERE = Path(__file__).parent
_CASES = [
    case
    for name in ("cases.json", "more.json")
    for case in json.loads((_HERE / name).read_text(encoding="utf-8"))
]


def _ids(case: dict[str, Any]) -> str:
    return str(case["line"])


@pytest.mark.parametrize("case", _CASES, ids=_ids)
def test_requests(case: dict[str, Any], engine: FakeEngine) -> None:
    """Same requests, same exit code."""
    exit_code = 0
    try:
        result = Session().run_words(shlex.split(case["line"]))
        exit_code = getattr(result, "exit_code", None) or 0
    except UnknownCommand:
        pytest.xfail("not written yet")
    except DockerMagicsError as error:
        exit_code = error.exit_code
    finally:
        for name in ("/tmp/wire-none-cid", "/tmp/wire-hosts", "/tmp/wire-s.tar"):
            Path(name).unlink(missing_ok=True)
    sent = [same(request.as_json()) for request in relevant(engine.requests)]
    assert sent == [same(request) for request in case["requests"]]
    assert exit_code == case["rc"]
