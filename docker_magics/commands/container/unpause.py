"""docker unpause: resume the processes of a paused container."""

from __future__ import annotations

from docker_magics.cli.command import Command, operands
from docker_magics.commands._batch import for_each
from docker_magics.engine.client import Engine, path
from docker_magics.results.text import Lines


class ContainerUnpause(Command):
    """Unpause all processes within one or more containers"""

    usage = "CONTAINER [CONTAINER...]"
    aliases = ("unpause",)

    containers: list[str] = operands(1)

    def run(self, engine: Engine) -> Lines:
        """Return the names of the resumed containers.

        source: Engine API, ContainerUnpause.
        """
        return for_each(
            self.containers, lambda name: engine.post(path("containers", name, "unpause"))
        )
