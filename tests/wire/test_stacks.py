"""`docker stack` sends the requests of the docker CLI; Compose reads the files.

stacks.json was recorded from docker CLI 28.2.2, whose requests are those of 29.7.2 (docker/cli,
cli/command/stack and cli/compose/convert did not change them). The CLI creates objects in the
random order of Go's maps.
"""

from __future__ import annotations

import io
import json
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
from wire.fake_engine import STACK_ROUTES, FakeEngine, relevant, same

from docker_magics.cli.terminal import Terminal
from docker_magics.errors import DockerMagicsError
from docker_magics.session import Session

_HERE = Path(__file__).parent
_CASES = json.loads((_HERE / "stacks.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case["line"])
def test_stack(
    case: dict[str, Any], engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "work"
    shutil.copytree(_HERE / "files", folder)
    monkeypatch.chdir(folder)
    for name in ("C", "TAG"):
        monkeypatch.delenv(name, raising=False)
    engine.answers.extend(STACK_ROUTES)
    exit_code = 0
    try:
        Session().run_args(shlex.split(case["line"]), terminal=Terminal(io.BytesIO()))
    except DockerMagicsError as error:
        exit_code = error.exit_code
    placed = json.loads(json.dumps(case["requests"]).replace("{cwd}", str(folder)))
    sent = [request.as_json() for request in relevant(engine.requests)]
    assert _in_order(sent) == _in_order(placed)
    assert exit_code == case["rc"]


def _in_order(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sort requests, and the mounts of services, which the CLI and Compose merge differently."""
    normal = [same(request) for request in requests]
    for request in normal:
        body = request["body"] if isinstance(request["body"], dict) else {}
        container = body.get("TaskTemplate", {}).get("ContainerSpec", {})
        container.get("Mounts", []).sort(key=_text)
    return sorted(normal, key=_text)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
