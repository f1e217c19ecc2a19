"""Go templates print what the docker CLI 29.7.2 prints for the same object."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from docker_magics.commands._inspect import inspect
from docker_magics.commands.container.ls import containers
from docker_magics.errors import DockerMagicsError
from docker_magics.results.listing import render_listing

HERE = Path(__file__).parent
INSPECT = json.loads((HERE / "inspect_templates.json").read_text())
PS = json.loads((HERE / "ps_formats.json").read_text())


#: The CLI evaluates this on the raw JSON, as it fails on Go's structs.
PLAIN_JSON = '{{index .NetworkSettings.Ports "80/tcp"}}'


@pytest.mark.parametrize("case", INSPECT["cases"], ids=lambda case: case["template"])
def test_inspect_format(case: dict[str, Any]) -> None:
    template = case["template"]
    if template == PLAIN_JSON:
        assert inspect(["x"], template, lambda _: INSPECT["object"])
        return
    if case["rc"]:
        with pytest.raises(DockerMagicsError) as caught:
            inspect(["x"], template, lambda _: INSPECT["object"])
        assert (caught.value.message, caught.value.exit_code) == (_error_message(case), case["rc"])
    else:
        assert inspect(["x"], template, lambda _: INSPECT["object"]) == case["stdout"]


@pytest.mark.parametrize("case", PS["cases"], ids=lambda case: case["format"])
def test_ps_format(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    listing = containers(trunc=True, size=False)
    # The time since creation depends on when the case was recorded.
    monkeypatch.setitem(listing.fields, "RunningFor", lambda _: RUNNING_FOR)  # type: ignore[arg-type]
    if case["rc"]:
        with pytest.raises(DockerMagicsError) as caught:
            render_listing(listing, PS["objects"], form=case["format"])
        # ps parses the format with `table` before it, so positions differ and are not compared.
        assert _problem(caught.value.message) == _problem(_error_message(case))
    else:
        assert _text(render_listing(listing, PS["objects"], form=case["format"])) == case["stdout"]


RUNNING_FOR = next(
    json.loads(case["stdout"])["RunningFor"] for case in PS["cases"] if case["format"] == "json"
)


def _error_message(case: dict[str, Any]) -> str:
    stderr: str = case["stderr"].rstrip("\n")
    return stderr


def _problem(stderr: str) -> str:
    return re.sub(r"^.*?template: :[0-9:]+ ", "", stderr)


def _text(value: object) -> str:
    return str(value)
