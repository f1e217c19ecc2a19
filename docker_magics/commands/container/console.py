"""docker console: a shell in a running container, in the notebook; the best one that it has."""

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
        """An Interactive: the same as `docker exec -it CONTAINER bash`, or sh."""
        shell = ContainerExec(  # type: ignore[call-arg]  # flags have defaults
            interactive=True,
            tty=True,
            container=self.container,
            command=["sh", "-c", _SHELL],
            terminal=self.terminal,
        )
        return shell.run(engine)
