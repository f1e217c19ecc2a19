"""Inspecting objects by name: as a list of dicts, as JSON, or formatted by a template."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from docker_magics.errors import DockerMagicsError
from docker_magics.results.gotemplate import ERROR_PREFIX, Template
from docker_magics.results.inspect import InspectList
from docker_magics.results.text import BLANK_LINE, Text

from ._batch import collect


def inspect(
    names: Sequence[str], form: str, look_up: Callable[[str], dict[str, Any]]
) -> InspectList | Text:
    """Look up objects and format them.

    Args:
        names: the names or IDs.
        form: --format: "" for a list of dicts, `json`, or a Go template.
        look_up: name -> the engine's JSON.

    Raises:
        TemplateError: the template has a syntax error, or its execution fails.
        DockerMagicsError: an object does not exist; `result` has the others.

    source: docker/cli, cli/command/inspect/inspector.go.
    """
    if form == "":
        return collect(names, look_up, InspectList)
    if form == "json":
        return collect(names, look_up, _as_json)
    template = Template(form, strict=True)
    return collect(names, lambda name: _rendered(template, look_up(name)), _joined)


def _as_json(objects: list[dict[str, Any]]) -> Text:
    return Text(json.dumps(objects, separators=(",", ":"), ensure_ascii=False) + "\n")


def _rendered(template: Template, item: dict[str, Any]) -> str:
    try:
        return template.render(item)
    except DockerMagicsError as error:
        error.message = ERROR_PREFIX + error.message.removeprefix(ERROR_PREFIX)
        raise


def _joined(texts: list[str]) -> Text:
    return Text("".join(f"{text}\n" for text in texts)) if texts else BLANK_LINE
