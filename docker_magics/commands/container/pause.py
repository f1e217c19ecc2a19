"""docker pause: suspend all processes of a container."""

from __future__ import annotations

from docker_magics.cli.command import Command, operands
from docker_magics.commands._batch import for_each
from docker_magics.engine.client import Engine, path
from docker_magics.results.text import Lines


class ContainerPause(Command):
    """Pause all processes within one or more containers"""

    usage = "CONTAINER [CONTAINER...]"
    aliases = ("pause",)

    containers: list[str] = operands(1)

    def run(self, engine: Engine) -> Lines:
        """Return the names of the paused containers.

        source: Engine API, ContainerPause.
        """
        return for_each(
            self.containers, lambda name: engine.post(path("containers", name, "pause"))
        )
