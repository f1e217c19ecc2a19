"""docker rm: remove containers."""

from __future__ import annotations

from itertools import chain

from docker_magics.cli.command import Command, flag, operands
from docker_magics.commands._batch import collect
from docker_magics.engine.client import Engine, path
from docker_magics.errors import EngineError, NotFound
from docker_magics.results.text import Lines


class ContainerRm(Command):
    """Remove one or more containers"""

    usage = "[OPTIONS] CONTAINER [CONTAINER...]"
    aliases = ("container remove", "rm")

    force: bool = flag("-f, --force", "Force the removal of a running container (uses SIGKILL)")
    link: bool = flag("-l, --link", "Remove the specified link")
    volumes: bool = flag("-v, --volumes", "Remove anonymous volumes associated with the container")
    containers: list[str] = operands(1)

    def run(self, engine: Engine) -> Lines:
        """Return the names of the removed containers; --force ignores missing ones.

        source: Engine API, ContainerDelete.
        """
        query = {"v": self.volumes, "link": self.link, "force": self.force}

        def remove(name: str) -> list[str]:
            try:
                if not name.strip("/"):
                    raise EngineError("container name cannot be empty")
                engine.delete(path("containers", name), query)
            except NotFound:
                if not self.force:
                    raise
                return []
            return [name]

        return collect(self.containers, remove, lambda names: Lines(chain.from_iterable(names)))
