"""Common parts of the swarm commands: data from files, spec updates, --pretty."""

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
    """Return the content of a file, or of standard input for `-`, in base64.

    Raises:
        UsageError: the file cannot be read, or is empty.
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
    """Return the API's Driver, or None without a name."""
    return {"Name": name} if name else None


def update_spec(
    engine: Engine,
    kind: str,
    resource: Mapping[str, Any],
    query: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> list[str]:
    """Send an object's modified spec; return the engine's warnings.

    The request contains the version that was read, so that the engine rejects the update if the
    object has changed since (optimistic locking).

    Args:
        engine: a manager of the swarm.
        kind: `services` or `nodes`.
        resource: the object, with the modified `Spec`.
        query: further parameters.
        headers: further headers.
    """
    target = path(kind, resource["ID"], "update")
    version = {"version": resource["Version"]["Index"]}
    query = version | dict(query or {})
    response = engine.post(target, query, resource["Spec"], headers=headers) or {}
    return response.get("Warnings") or []


def titled(text: object) -> str:
    """Return a state as the CLI prints it: `Ready`."""
    return str(text or "").title()


def pretty(template: str, objects: list[dict[str, Any]]) -> Text:
    """Format objects by the CLI's template of `inspect --pretty`, separated by blank lines."""
    parsed = Template(template)
    return Text("\n".join(parsed.render(item) + "\n" for item in objects))


def is_readable(form: str, *, pretty: bool) -> bool:
    """Whether --pretty or `--format pretty` was given.

    Raises:
        UsageError: a template follows `pretty`.
    """
    if form.startswith("pretty") and form != "pretty" and not pretty:
        raise UsageError("cannot supply extra formatting options to the pretty template")
    return pretty or form == "pretty"
