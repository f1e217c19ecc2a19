"""docker context ls: list contexts."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from docker_magics.cli.command import Command
from docker_magics.commands import _flags
from docker_magics.engine.cli_config import DEFAULT_CONTEXT
from docker_magics.engine.client import Engine
from docker_magics.engine.context import ContextStore
from docker_magics.engine.discover import find
from docker_magics.errors import DockerMagicsError
from docker_magics.results.listing import Field, Listing, render_listing

from .show import current_name

if TYPE_CHECKING:
    from docker_magics.results.table import Column


class ContextLs(Command):
    """List contexts"""

    usage = "[OPTIONS]"
    aliases = ("context list",)

    format: str = _flags.format_of_listing()
    quiet: bool = _flags.quiet("Only show context names")

    def run(self, engine: Engine) -> Any:  # noqa: ARG002 - the engine is not used
        """Return the contexts, sorted by name; an asterisk marks the current one.

        Returns:
            A Table with the columns NAME, DESCRIPTION, DOCKER ENDPOINT, ERROR, all str. With -q a
            list of names.

        source: docker/cli, cli/command/context/list.go.
        """
        if os.environ.get("DOCKER_HOST"):
            self.terminal.notify(
                "Warning: DOCKER_HOST environment variable overrides the active context. To use a"
                " context, either set the global --context flag, or unset DOCKER_HOST environment"
                " variable."
            )
        store = ContextStore()
        rows = sorted(
            [_default(), *(_named(store, name) for name in store.names())],
            key=lambda context: str(context["Name"]),
        )
        return render_listing(CONTEXTS, rows, form=self.format, quiet=self.quiet)


def _default() -> dict[str, Any]:
    """Return the row of `default`: the engine that discovery finds."""
    host, description, error = "", "The engine found on this machine", ""
    try:
        address = find({**os.environ, "DOCKER_CONTEXT": DEFAULT_CONTEXT}, start=False)
    except DockerMagicsError as fault:
        error = fault.message
    else:
        host, description = address.host, f"{description}: {address.source}"
    return _row(DEFAULT_CONTEXT, description, host, error)


def _named(store: ContextStore, name: str) -> dict[str, Any]:
    metadata = store.metadata(name)
    description = (metadata.get("Metadata") or {}).get("Description", "")
    host = (metadata.get("Endpoints") or {}).get("docker", {}).get("Host", "")
    return _row(name, description, host, "")


def _row(name: str, description: str, host: str, error: str) -> dict[str, Any]:
    return {
        "Name": name,
        "Current": name == current_name(),
        "Description": description,
        "DockerEndpoint": host,
        "Error": error,
    }


def _named_column(context: Mapping[str, Any]) -> str:
    return f"{context['Name']} *" if context["Current"] else str(context["Name"])


def _columns() -> Sequence[Column]:
    from docker_magics.results.table import Column

    return [
        Column("NAME", lambda context: context["Name"], text=_named_column),
        Column("DESCRIPTION", lambda context: context["Description"]),
        Column("DOCKER ENDPOINT", lambda context: context["DockerEndpoint"]),
        Column("ERROR", lambda context: context["Error"]),
    ]


def _field(name: str) -> Field:
    return lambda context: context[name]


_KEYS = ("Name", "Current", "Description", "DockerEndpoint", "Error")
CONTEXTS = Listing(
    fields={name: _field(name) for name in _KEYS},
    columns=_columns,
    table="{{.Name}}{{if .Current}} *{{end}}\t{{.Description}}\t{{.DockerEndpoint}}\t{{.Error}}",
    headings={"DockerEndpoint": "DOCKER ENDPOINT", "Current": ""},
    identity="Name",
    go_type="*formatter.clientContextContext",
)
