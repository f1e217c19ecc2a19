"""docker config rm: remove configs."""

from __future__ import annotations

from docker_magics.cli.command import Command, operands
from docker_magics.commands._batch import for_each
from docker_magics.engine.client import Engine, path
from docker_magics.results.text import Lines


class ConfigRm(Command):
    """Remove one or more configs"""

    usage = "CONFIG [CONFIG...]"
    aliases = ("config remove",)

    configs: list[str] = operands(1)

    def run(self, engine: Engine) -> Lines:
        """Return the names of the removed configs.

        source: Engine API, ConfigDelete.
        """
        return for_each(self.configs, lambda name: engine.delete(path("configs", name)))
