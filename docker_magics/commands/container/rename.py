"""docker rename: another name for a container."""

from __future__ import annotations

from docker_magics.cli.command import Command, operand
from docker_magics.engine.client import Engine, path
from docker_magics.errors import ApiError, EngineError, UsageError


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
        try:
            target = path("containers", self.container.strip(), "rename")
            engine.post(target, {"name": _checked(self.new_name.strip())})
        except (UsageError, ApiError) as error:
            message = f"failed to rename container: {error.message}"
            raise EngineError(message, hint=error.hint) from error


def _checked(name: str) -> str:
    if not name:
        raise UsageError("new name cannot be blank")
    return name
