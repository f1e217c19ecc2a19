"""docker network rm: remove networks."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operands
from docker_magics.commands._batch import for_each
from docker_magics.engine.client import Engine, path
from docker_magics.errors import DockerMagicsError, NotFound
from docker_magics.results.text import Lines


class NetworkRm(Command):
    """Remove one or more networks"""

    usage = "NETWORK [NETWORK...]"
    aliases = ("network remove",)

    force: bool = flag("-f, --force", "Do not error if the network does not exist")
    networks: list[str] = operands(1)

    def run(self, engine: Engine) -> Lines:
        """Return the names of the removed networks.

        source: Engine API, NetworkDelete.
        """
        missing = set()

        def remove(name: str) -> None:
            try:
                engine.delete(path("networks", name))
            except NotFound:
                if not self.force:
                    raise
                missing.add(name)

        try:
            removed = for_each(self.networks, remove)
        except DockerMagicsError as error:
            error.cli_text = f"{error.message}\nexit status 1"
            raise
        return Lines([name for name in removed if name not in missing])
