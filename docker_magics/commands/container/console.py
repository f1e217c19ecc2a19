"""docker console: open the best available shell of a running container in the notebook."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import Command, operand
from docker_magics.engine.client import Engine

from .exec import ContainerExec

_SHELL = "exec $(command -v bash || command -v ash || echo sh)"


class ContainerConsole(Command):
    """Open a console in a running container"""

    usage = "CONTAINER"
    aliases = ("console",)

    container: str = operand()

    def run(self, engine: Engine) -> Any:
        """Return an Interactive, like `docker exec -it CONTAINER bash` (or ash, sh)."""
        shell = ContainerExec(  # type: ignore[call-arg]  # flags have defaults
            interactive=True,
            tty=True,
            container=self.container,
            command=["sh", "-c", _SHELL],
            terminal=self.terminal,
        )
        return shell.run(engine)
