"""docker service rm: remove services."""

from __future__ import annotations

from docker_magics.cli.command import Command, operands
from docker_magics.commands._batch import for_each
from docker_magics.engine.client import Engine, path
from docker_magics.results.text import Lines


class ServiceRm(Command):
    """Remove one or more services"""

    usage = "SERVICE [SERVICE...]"
    aliases = ("service remove",)

    services: list[str] = operands(1)

    def run(self, engine: Engine) -> Lines:
        """Return the names of the removed services.

        source: Engine API, ServiceDelete.
        """
        return for_each(self.services, lambda name: engine.delete(path("services", name)))
