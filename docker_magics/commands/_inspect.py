"""What every inspect does: an object for each name, as a list, as JSON or through a template."""

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
    return collect(names, look_up, lambda found: _formatted(found, form, template))


def _formatted(
    found: list[dict[str, Any]], form: str, template: Template | None
) -> InspectList | Text:
    if form == "json":
        return Text(json.dumps(found, separators=(",", ":"), ensure_ascii=False) + "\n")
    if template is None:
        return InspectList(found)
    try:
        return Text("".join(template.render(each) + "\n" for each in found))
    except DockerMagicsError as error:
        error.message = ERROR_PREFIX + error.message.removeprefix(ERROR_PREFIX)
        raise
