"""`buildx bake --list`: the targets and groups.

source: docker/buildx, commands/bake.go: parseList, printTargetList.
"""

from __future__ import annotations

import json
from operator import itemgetter
from typing import Any

from docker_magics.cli.flag_types.texts import csv_values
from docker_magics.errors import UsageError
from docker_magics.results.text import Text, tabbed
from docker_magics.wire import go

from ._bake_files import Definitions

#: The hint where variables are asked for.
_PRINT = "Use --print, which shows the values in the targets."


def parse_list(text: str) -> str:
    """Return the format, `table` or `json`, of `targets` or `type=targets,format=FORMAT`.

    Raises:
        UsageError: the text is invalid, or names the variables.
    """
    fields = {"type": text}
    if "," in text or text.startswith("type="):
        fields = {}
        for field in csv_values(text):
            key, equals, value = field.partition("=")
            if not equals:
                raise UsageError(f"invalid value {field}")
            if key.strip().lower() not in {"type", "format"}:
                raise UsageError(f"unexpected key '{key}' in '{field}'")
            fields[key.strip().lower()] = value
    if fields.get("type") == "variables":
        raise UsageError("cannot list the variables: unsupported", hint=_PRINT)
    if fields.get("type") != "targets":
        raise UsageError(f'invalid list type "{fields.get("type", "")}"')
    form = fields.get("format") or "table"
    if form not in {"table", "json"}:
        raise UsageError(f'invalid list format "{form}"')
    return form


def listed(definitions: Definitions, form: str) -> Text:
    """Return the targets and groups with their descriptions; those with a `_` are private."""
    entries: list[dict[str, Any]] = [
        {"name": name, "description": target.get("description", "")}
        for name, target in definitions.targets.items()
    ]
    entries += [
        {"name": name, "description": _described(definitions, name), "group": True}
        for name in definitions.groups
    ]
    entries.sort(key=itemgetter("name"))
    public = [entry for entry in entries if not entry["name"].startswith("_")]
    if form == "json":
        shown = [{key: value for key, value in entry.items() if value} for entry in public]
        return Text(go.escape_html(json.dumps(shown or None, indent=2, ensure_ascii=False)))
    rows = [(entry["name"], str(entry["description"])) for entry in public]
    return Text(tabbed([("TARGET", "DESCRIPTION"), *rows]))


def _described(definitions: Definitions, group: str) -> str:
    members = ", ".join(sorted(definitions.groups[group]))
    description = definitions.descriptions.get(group, "")
    return f"{description} ({members})" if description and members else description or members
