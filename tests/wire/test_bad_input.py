"""Wrong command lines result in a short error and change nothing on the engine.

wrong.json contains lines with the exit code and message of docker CLI 29.7.2.
"""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from wire.fake_engine import FakeEngine

from docker_magics.errors import DockerMagicsError
from docker_magics.session import Session

_WRONG = json.loads((Path(__file__).parent / "wrong.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", _WRONG, ids=[case["line"] for case in _WRONG])
def test_wrong_line(
    case: dict[str, Any], engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error is one line with an optional hint; only read requests are sent."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DockerMagicsError) as caught:
        Session().run_args(shlex.split(case["line"]))
    message = str(caught.value).removesuffix(f"\n{caught.value.hint}")
    assert "\n" not in message
    assert case["message"] in message.replace(f"{tmp_path}/", "")
    assert caught.value.exit_code == case["rc"]
    assert [request for request in engine.requests if request.method not in {"GET", "HEAD"}] == []
    assert list(tmp_path.iterdir()) == []
