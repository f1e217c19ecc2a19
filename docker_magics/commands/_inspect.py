"""Inspecting objects by name: as a list of dicts, as JSON, or formatted by a template."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from docker_magics.errors import DockerMagicsError
from docker_magics.results.gotemplate import ERROR_PREFIX, Template
from docker_magics.results.inspect import InspectList
from docker_magics.results.text import Text

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
        EngineError: an object does not exist; `result` has the others.

    source: docker/cli, cli/command/inspect/inspector.go.
    """
    template = Template(form, strict=True) if form not in {"", "json"} else None
    return collect(names, look_up, lambda objects: _formatted(objects, form, template))


def _formatted(
    objects: list[dict[str, Any]], form: str, template: Template | None
) -> InspectList | Text:
    if form == "json":
        return Text(json.dumps(objects, separators=(",", ":"), ensure_ascii=False) + "\n")
    if template is None:
        return InspectList(objects)
    try:
        return Text("".join(template.render(item) + "\n" for item in objects))
    except DockerMagicsError as error:
        error.message = ERROR_PREFIX + error.message.removeprefix(ERROR_PREFIX)
        raise
