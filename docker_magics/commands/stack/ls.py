"""docker stack ls: list the stacks of the swarm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from docker_magics.cli.command import Command
from docker_magics.commands import _flags
from docker_magics.engine.client import Engine
from docker_magics.results import human
from docker_magics.results.listing import Field, Listing, render_listing

from ._members import NAMESPACE, members

if TYPE_CHECKING:
    from docker_magics.results.table import Column


class StackLs(Command):
    """List stacks"""

    aliases = ("stack list",)

    format: str = _flags.format_of_listing()

    def run(self, engine: Engine) -> Any:
        """Return the stacks, sorted by name.

        Returns:
            A Table with the columns NAME (str) and SERVICES (int64).

        source: docker/cli, cli/command/stack/list.go; Engine API, ServiceList.
        """
        services = members(engine, "services", None)
        counts = Counter(service["Spec"]["Labels"][NAMESPACE] for service in services)
        stacks = sorted(counts.items(), key=lambda stack: human.natural(stack[0]))
        return render_listing(_STACKS, stacks, form=self.format)


def _columns() -> Sequence[Column]:
    from docker_magics.results.table import INTEGER, Column

    return [
        Column("NAME", lambda stack: stack[0]),
        Column("SERVICES", lambda stack: stack[1], INTEGER),
    ]


_FIELDS: dict[str, Field] = {"Name": lambda stack: stack[0], "Services": lambda s: str(s[1])}
_STACKS = Listing(
    fields=_FIELDS,
    columns=_columns,
    table="{{.Name}}\t{{.Services}}",
    headings={},
    go_type="*stack.stackContext",
)
