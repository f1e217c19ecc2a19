"""Secrets and configs: the swarm's data for its services. Both have nearly the same API.

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
    """List secrets or configs, sorted by name.

    Args:
        engine: a manager of the swarm.
        kind: `secrets` or `configs`.
        filters: --filter.
        form: --format.
        quiet: -q: return IDs.
        has_driver: whether to add the column DRIVER.

    Returns:
        A Table with the columns ID, NAME (, DRIVER), all str, CREATED and UPDATED, UTC timestamps.
    """
    items = engine.get(path(kind), {"filters": _flags.filters(filters)})
    by_name = sorted(items, key=lambda item: human.natural(item["Spec"]["Name"]))
    form = _flags.listing_format(form, f"{kind.removesuffix('s')}Format", quiet=quiet)
    return render_listing(_listing(kind, has_driver=has_driver), by_name, form=form, quiet=quiet)


def _listing(kind: str, *, has_driver: bool) -> Listing:
    singular = kind.removesuffix("s")
    driver = "\t{{.Driver}}" if has_driver else ""
    return Listing(
        fields=FIELDS,
        columns=functools.partial(_columns, has_driver=has_driver),
        table=f"{{{{.ID}}}}\t{{{{.Name}}}}{driver}\t{{{{.CreatedAt}}}}\t{{{{.UpdatedAt}}}}",
        headings={"CreatedAt": "CREATED", "UpdatedAt": "UPDATED"},
        go_type=f"*{singular}.{singular}Context",
    )


def _columns(*, has_driver: bool) -> Sequence[Column]:
    from docker_magics.results.table import TIME, Column

    return [
        Column("ID", FIELDS["ID"]),
        Column("NAME", FIELDS["Name"]),
        *([Column("DRIVER", FIELDS["Driver"])] if has_driver else []),
        Column("CREATED", lambda item: item["CreatedAt"], TIME, human.ago),
        Column("UPDATED", lambda item: item["UpdatedAt"], TIME, human.ago),
    ]


#: The zero value of Go's time.
_NEVER = "0001-01-01T00:00:00Z"
FIELDS: Mapping[str, Field] = {
    "ID": lambda item: item["ID"],
    "Name": lambda item: item["Spec"]["Name"],
    "Driver": lambda item: (item["Spec"].get("Driver") or {}).get("Name", ""),
    "CreatedAt": lambda item: human.ago_rfc3339(item["CreatedAt"]),
    "UpdatedAt": lambda item: human.ago_rfc3339(item["UpdatedAt"]),
    "Labels": lambda item: labels(item["Spec"].get("Labels")),
    "Label": lambda item, name: (item["Spec"].get("Labels") or {}).get(name, ""),
}


def inspect_data(
    engine: Engine, kind: str, names: Sequence[str], *, form: str, readable: bool
) -> InspectList | Text:
    """Inspect secrets or configs.

    Args:
        engine: a manager of the swarm.
        kind: `secrets` or `configs`.
        names: the names or IDs.
        form: --format.
        readable: --pretty.
    """
    readable = is_readable(form, pretty=readable)
    items = inspect(names, "" if readable else form, lambda name: engine.get(path(kind, name)))
    if not readable or isinstance(items, Text):
        return items
    return pretty(_PRETTY[kind], [_pretty_fields(item) for item in items])


def _pretty_fields(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "ID": item["ID"],
        "Name": item["Spec"]["Name"],
        "Labels": item["Spec"].get("Labels") or {},
        "Driver": FIELDS["Driver"](item),
        "Data": base64.b64decode(item["Spec"].get("Data") or "").decode(errors="replace"),
        "CreatedAt": human.go_time_rfc3339(item.get("CreatedAt", _NEVER)),
        "UpdatedAt": human.go_time_rfc3339(item.get("UpdatedAt", _NEVER)),
    }
