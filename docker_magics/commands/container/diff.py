"""docker diff: list the changes to a container's file system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from docker_magics.cli.command import Command, operand
from docker_magics.engine.client import Engine, path
from docker_magics.results.listing import lines_or_table

if TYPE_CHECKING:
    from docker_magics.results.table import Column, Table
    from docker_magics.results.text import Text

#: source: Engine API, FilesystemChange.
_KINDS = {0: "C", 1: "A", 2: "D"}


class ContainerDiff(Command):
    """Inspect changes to files or directories on a container's filesystem"""

    usage = "CONTAINER"
    aliases = ("diff",)

    container: str = operand()

    def run(self, engine: Engine) -> Table | Text:
        """Return the changes.

        Returns:
            A Table with the columns CHANGE TYPE (A added, C changed, D deleted) and PATH, both str.

        source: Engine API, ContainerChanges.
        """
        changes = engine.get(path("containers", self.container, "changes")) or []
        return lines_or_table(changes, _line, _columns)


def _line(change: Mapping[str, Any]) -> str:
    return f"{_KINDS[change['Kind']]} {change['Path']}"


def _columns() -> Sequence[Column]:
    from docker_magics.results.table import Column

    return [
        Column("CHANGE TYPE", lambda change: _KINDS[change["Kind"]]),
        Column("PATH", lambda change: change["Path"]),
    ]
