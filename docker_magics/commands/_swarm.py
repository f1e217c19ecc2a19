"""What the commands of a swarm share: data given in files, specs sent back, times and names."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docker_magics.cli.terminal import Terminal
from docker_magics.engine.client import Engine, path
from docker_magics.errors import UsageError
from docker_magics.results.gotemplate import Template
from docker_magics.results.text import Text


def data_of(name: str, terminal: Terminal) -> str:
    """The contents of a file, or of standard input for `-`, in base64 as the API takes them.

    Raises:
        UsageError: there is no such file, or nothing in it.
    """
    where = "STDIN" if name == "-" else name
    try:
        data = terminal.stdin.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        reason = f"open {name}: {str(error.strerror).lower()}"
        raise UsageError(f"error reading from {where}: {reason}") from error
    if not data:
        raise UsageError(f"error reading from {where}: data is empty")
    return base64.b64encode(data).decode()


def driver(name: str) -> dict[str, str] | None:
    """The API's Driver, where one is named."""
    return {"Name": name} if name else None


def update_spec(
    engine: Engine,
    kind: str,
    found: Mapping[str, Any],
    query: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> list[str]:
    """Update a service or node with its changed spec; gives the engine's warnings.

    The version that was read goes along: who changed it meanwhile is not overwritten.
    """
    target = path(kind, found["ID"], "update")
    version = {"version": found["Version"]["Index"]}
    query = version | dict(query or {})
    answer = engine.post(target, query, found["Spec"], headers=headers) or {}
    return answer.get("Warnings") or []


def titled(text: object) -> str:
    """A state as the CLI prints it: `Ready`."""
    return str(text or "").title()


def pretty(template: str, objects: list[dict[str, Any]]) -> Text:
    """Objects through the CLI's template of `inspect --pretty`, a blank line between two."""
    made = Template(template)
    return Text("\n".join(made.render(each) + "\n" for each in objects))


def is_readable(form: str, *, pretty: bool) -> bool:
    """Whether the human friendly format is wanted: by --pretty, or as `--format pretty`.

    Raises:
        UsageError: a template behind that.
    """
    if form.startswith("pretty") and form != "pretty" and not pretty:
        raise UsageError("cannot supply extra formatting options to the pretty template")
    return pretty or form == "pretty"
