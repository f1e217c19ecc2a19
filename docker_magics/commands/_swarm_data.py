"""Secrets and configs: data that a swarm keeps for its services. The two differ in little.

source: docker/cli, cli/command/secret, cli/command/config.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from docker_magics.commands import _flags
from docker_magics.commands._inspect import inspect
from docker_magics.commands._swarm import is_readable, pretty
from docker_magics.engine.client import Engine, path
from docker_magics.results import human
from docker_magics.results.inspect import InspectList
from docker_magics.results.listing import Field, Listing, labels, render_listing
from docker_magics.results.text import Text

if TYPE_CHECKING:
    from docker_magics.results.table import Column

_LABELS = """{{- if .Labels }}
Labels:
{{- range $k, $v := .Labels }}
 - {{ $k }}{{if $v }}={{ $v }}{{ end }}
{{- end }}{{ end }}"""
#: source: docker/cli, secretInspectPrettyTemplate, configInspectPrettyTemplate.
_PRETTY = {
    "secrets": f"""ID:              {{{{.ID}}}}
Name:              {{{{.Name}}}}
{_LABELS}
Driver:            {{{{.Driver}}}}
Created at:        {{{{.CreatedAt}}}}
Updated at:        {{{{.UpdatedAt}}}}""",
    "configs": f"""ID:\t\t\t{{{{.ID}}}}
Name:\t\t\t{{{{.Name}}}}
{_LABELS}
Created at:            \t{{{{.CreatedAt}}}}
Updated at:            \t{{{{.UpdatedAt}}}}
Data:
{{{{.Data}}}}""",
}


def list_data(
    engine: Engine,
    kind: str,
    filters: Sequence[tuple[str, str]],
    *,
    form: str,
    quiet: bool,
    has_driver: bool = False,
) -> Any:
    """The secrets or configs, sorted by name.

    Args:
        engine: a manager of the swarm.
        kind: `secrets` or `configs`.
        filters: of --filter.
        form: of --format.
        quiet: IDs alone.
        has_driver: whether there is a column DRIVER.

    Returns:
        A Table with the columns ID, NAME (, DRIVER), all str, CREATED and UPDATED, UTC timestamps.
    """
    found = engine.get(path(kind), {"filters": _flags.filters(filters)})
    by_name = sorted(found, key=lambda each: human.natural(each["Spec"]["Name"]))
    return render_listing(_listing(kind, has_driver=has_driver), by_name, form=form, quiet=quiet)


def _listing(kind: str, *, has_driver: bool) -> Listing:
    one = kind.removesuffix("s")
    driver = "\t{{.Driver}}" if has_driver else ""
    return Listing(
        fields=FIELDS,
        columns=functools.partial(_columns, has_driver=has_driver),
        table=f"{{{{.ID}}}}\t{{{{.Name}}}}{driver}\t{{{{.CreatedAt}}}}\t{{{{.UpdatedAt}}}}",
        headings={"CreatedAt": "CREATED", "UpdatedAt": "UPDATED"},
        go_type=f"*{one}.{one}Context",
    )


def _columns(*, has_driver: bool) -> Sequence[Column]:
    from docker_magics.results.table import TIME, Column

    return [
        Column("ID", FIELDS["ID"]),
        Column("NAME", FIELDS["Name"]),
        *([Column("DRIVER", FIELDS["Driver"])] if has_driver else []),
        Column("CREATED", lambda each: each["CreatedAt"], TIME, human.ago),
        Column("UPDATED", lambda each: each["UpdatedAt"], TIME, human.ago),
    ]


#: Go's time that was never set.
_NEVER = "0001-01-01T00:00:00Z"
FIELDS: Mapping[str, Field] = {
    "ID": lambda each: each["ID"],
    "Name": lambda each: each["Spec"]["Name"],
    "Driver": lambda each: (each["Spec"].get("Driver") or {}).get("Name", ""),
    "CreatedAt": lambda each: human.ago_rfc3339(each["CreatedAt"]),
    "UpdatedAt": lambda each: human.ago_rfc3339(each["UpdatedAt"]),
    "Labels": lambda each: labels(each["Spec"].get("Labels")),
    "Label": lambda each, name: (each["Spec"].get("Labels") or {}).get(name, ""),
}


def inspect_data(
    engine: Engine, kind: str, names: Sequence[str], *, form: str, readable: bool
) -> InspectList | Text:
    """Inspect secrets or configs; `readable` is --pretty."""
    readable = is_readable(form, pretty=readable)
    found = inspect(names, "" if readable else form, lambda name: engine.get(path(kind, name)))
    if not readable or isinstance(found, Text):
        return found
    return pretty(_PRETTY[kind], [_for_people(each) for each in found])


def _for_people(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "ID": found["ID"],
        "Name": found["Spec"]["Name"],
        "Labels": found["Spec"].get("Labels") or {},
        "Driver": FIELDS["Driver"](found),
        "Data": base64.b64decode(found["Spec"].get("Data") or "").decode(errors="replace"),
        "CreatedAt": human.go_time_rfc3339(found.get("CreatedAt", _NEVER)),
        "UpdatedAt": human.go_time_rfc3339(found.get("UpdatedAt", _NEVER)),
    }
