"""docker plugin disable: stop a plugin."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operand
from docker_magics.engine.client import Engine, path
from docker_magics.results.text import Text


class PluginDisable(Command):
    """Disable a plugin"""

    usage = "[OPTIONS] PLUGIN"

    force: bool = flag("-f, --force", "Force the disable of an active plugin")
    plugin: str = operand()

    def run(self, engine: Engine) -> Text:
        """Return the plugin's name.

        source: Engine API, PluginDisable.
        """
        engine.post(path("plugins", self.plugin, "disable"), {"force": self.force})
        return Text(self.plugin)
