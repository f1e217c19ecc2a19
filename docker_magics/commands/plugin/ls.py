"""docker plugin ls: list plugins."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from docker_magics.cli.command import Command
from docker_magics.commands import _flags
from docker_magics.engine.client import Engine
from docker_magics.results import human
from docker_magics.results.listing import Field, Listing, render_listing

if TYPE_CHECKING:
    from docker_magics.results.table import Column

_DESCRIPTION_LENGTH = 45


class PluginLs(Command):
    """List plugins"""

    aliases = ("plugin list",)

    filter: list[tuple[str, str]] = _flags.filter_of_listing(
        'Provide filter values (e.g. "enabled=true")'
    )
    format: str = _flags.format_of_listing()
    no_trunc: bool = _flags.no_trunc()
    quiet: bool = _flags.quiet("Only display plugin IDs")

    def run(self, engine: Engine) -> Any:
        """Return the plugins, sorted by name.

        Returns:
            A Table with the columns ID, NAME, DESCRIPTION, all str, and ENABLED, bool. With -q a
            list of IDs.

        source: Engine API, PluginList.
        """
        plugins = engine.get("/plugins", {"filters": _flags.filters(self.filter)})
        by_name = sorted(plugins, key=lambda plugin: human.natural(plugin["Name"]))
        form = _flags.listing_format(self.format, "pluginsFormat", quiet=self.quiet)
        return render_listing(_plugins(not self.no_trunc), by_name, form=form, quiet=self.quiet)


def _plugins(trunc: bool) -> Listing:  # noqa: FBT001 - the flag's value
    """Return the listing of plugins.

    source: docker/cli, cli/command/plugin/formatter.go.
    """
    fields: dict[str, Field] = {
        "ID": lambda p: p["Id"][:12] if trunc else p["Id"],
        "Name": lambda p: p["Name"],
        "Description": lambda p: _description(p, trunc=trunc),
        "Enabled": lambda p: p["Enabled"],
        "PluginReference": lambda p: p.get("PluginReference", ""),
    }
    return Listing(
        fields=fields,
        columns=functools.partial(_columns, fields),
        table="{{.ID}}\t{{.Name}}\t{{.Description}}\t{{.Enabled}}",
        headings={"PluginReference": "IMAGE"},
        go_type="*plugin.pluginContext",
    )


def _columns(fields: Mapping[str, Field]) -> Sequence[Column]:
    from docker_magics.results.table import Column

    return [
        Column("ID", fields["ID"]),
        Column("NAME", fields["Name"]),
        Column("DESCRIPTION", fields["Description"]),
        Column("ENABLED", fields["Enabled"], "bool", lambda value: str(value).lower()),
    ]


def _description(plugin: Mapping[str, Any], *, trunc: bool) -> str:
    text = (plugin.get("Config") or {}).get("Description", "")
    text = text.replace("\n", "").replace("\r", "")
    return human.ellipsis(text, _DESCRIPTION_LENGTH) if trunc else text
