"""docker rename: another name for a container."""

from __future__ import annotations

from docker_magics.cli.command import Command, operand
from docker_magics.engine.client import Engine, path
from docker_magics.errors import OperandError


class ContainerRename(Command):
    """Rename a container"""

    usage = "CONTAINER NEW_NAME"
    aliases = ("rename",)

    container: str = operand()
    new_name: str = operand()

    def run(self, engine: Engine) -> None:
        """Return None: the CLI prints nothing.

        source: Engine API, ContainerRename.
        """
        old, new = self.container.strip(), self.new_name.strip()
        if not old or not new:
            raise OperandError("Error: Neither old nor new names may be empty")
        engine.post(path("containers", old, "rename"), {"name": new})
