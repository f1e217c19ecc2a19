"""docker secret rm: remove secrets."""

from __future__ import annotations

from docker_magics.cli.command import Command, operands
from docker_magics.commands._batch import for_each
from docker_magics.engine.client import Engine, path
from docker_magics.results.text import Lines


class SecretRm(Command):
    """Remove one or more secrets"""

    usage = "SECRET [SECRET...]"
    aliases = ("secret remove",)

    secrets: list[str] = operands(1)

    def run(self, engine: Engine) -> Lines:
        """Return the names of the removed secrets.

        source: Engine API, SecretDelete.
        """
        return for_each(self.secrets, lambda name: engine.delete(path("secrets", name)))
