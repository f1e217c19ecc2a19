"""docker plugin rm: remove plugins."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operands
from docker_magics.commands._batch import for_each
from docker_magics.engine.client import Engine, path
from docker_magics.results.text import Lines


class PluginRm(Command):
    """Remove one or more plugins"""

    usage = "[OPTIONS] PLUGIN [PLUGIN...]"
    aliases = ("plugin remove",)

    force: bool = flag("-f, --force", "Force the removal of an active plugin")
    plugins: list[str] = operands(1)

    def run(self, engine: Engine) -> Lines:
        """Return the names of the removed plugins.

        source: Engine API, PluginDelete.
        """
        query = {"force": self.force}
        return for_each(self.plugins, lambda name: engine.delete(path("plugins", name), query))
