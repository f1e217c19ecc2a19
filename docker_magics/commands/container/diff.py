"""docker diff: list the changes to a container's file system."""

from __future__ import annotations

from docker_magics.cli.command import Command, operand
from docker_magics.engine.client import Engine, path
from docker_magics.results.table import Column, Table, make

#: source: Engine API, FilesystemChange.
_KINDS = {0: "C", 1: "A", 2: "D"}

_COLUMNS = (
    Column("CHANGE TYPE", lambda change: _KINDS[change["Kind"]]),
    Column("PATH", lambda change: change["Path"]),
)


class ContainerDiff(Command):
    """Inspect changes to files or directories on a container's filesystem"""

    usage = "CONTAINER"
    aliases = ("diff",)

    container: str = operand()

    def run(self, engine: Engine) -> Table:
        """Return the changes.

        Returns:
            A Table with the columns CHANGE TYPE (A added, C changed, D deleted) and PATH, both str.

        source: Engine API, ContainerChanges.
        """
        return make(_COLUMNS, engine.get(path("containers", self.container, "changes")) or [])
