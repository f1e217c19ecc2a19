"""docker volume rm: remove volumes."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operands
from docker_magics.commands._batch import for_each
from docker_magics.engine.client import Engine, path
from docker_magics.results.text import Lines


class VolumeRm(Command):
    """Remove one or more volumes. You cannot remove a volume that is in use by a container."""

    usage = "[OPTIONS] VOLUME [VOLUME...]"
    aliases = ("volume remove",)

    force: bool = flag("-f, --force", "Force the removal of one or more volumes")
    volumes: list[str] = operands(1)

    def run(self, engine: Engine) -> Lines:
        """Return the names of the removed volumes.

        source: Engine API, VolumeDelete.
        """
        query = {"force": self.force}
        return for_each(self.volumes, lambda name: engine.delete(path("volumes", name), query))
