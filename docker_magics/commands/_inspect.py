"""What every inspect does: an object for each name, as a list, as JSON or through a template."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from docker_magics.errors import DockerMagicsError, EngineError
from docker_magics.results.gotemplate import Template
from docker_magics.results.inspect import InspectList
from docker_magics.results.text import Text

from ._each import combined


def inspect(
    names: Sequence[str], form: str, look_up: Callable[[str], dict[str, Any]]
) -> InspectList | Text:
    """Look up every name.

    Args:
        names: of the objects.
        form: --format: nothing for a list of dicts, `json`, or a Go template.
        look_up: name -> the engine's JSON.

    Raises:
        TemplateError: the template cannot be read or executed.
        EngineError: a name that there is not; `result` has the others.

    source: docker/cli, cli/command/inspect/inspector.go.
    """
    template = Template(form, strict=True) if form not in {"", "json"} else None
    found = InspectList()
    failed: list[EngineError] = []
    for name in names:
        try:
            found.append(look_up(name))
        except EngineError as error:
            failed.append(error)
    result = _formatted(found, form, template)
    if failed:
        raise combined(failed, result)
    return result


def _formatted(found: InspectList, form: str, template: Template | None) -> InspectList | Text:
    if form == "json":
        return Text(json.dumps(list(found), separators=(",", ":"), ensure_ascii=False) + "\n")
    if template is None:
        return found
    try:
        return Text("".join(template.render(each) + "\n" for each in found))
    except DockerMagicsError as error:
        if not error.message.startswith("template parsing error"):
            error.message = f"template parsing error: {error.message}"
        raise
