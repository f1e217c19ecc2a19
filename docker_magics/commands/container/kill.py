"""docker kill: send a signal, by default SIGKILL."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operands
from docker_magics.commands._batch import for_each
from docker_magics.engine.client import Engine, path
from docker_magics.results.text import Lines


class ContainerKill(Command):
    """Kill one or more running containers"""

    usage = "[OPTIONS] CONTAINER [CONTAINER...]"
    aliases = ("kill",)

    signal: str = flag("-s, --signal string", "Signal to send to the container")
    containers: list[str] = operands(1)

    def run(self, engine: Engine) -> Lines:
        """Return the names of the signaled containers.

        source: Engine API, ContainerKill.
        """
        query = {"signal": self.signal}
        return for_each(
            self.containers, lambda name: engine.post(path("containers", name, "kill"), query)
        )
