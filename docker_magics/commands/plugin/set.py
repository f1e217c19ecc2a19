"""docker plugin set: change a plugin's settings."""

from __future__ import annotations

from docker_magics.cli.command import Command, operand, operands
from docker_magics.engine.client import Engine, path
from docker_magics.results.text import Text


class PluginSet(Command):
    """Change settings for a plugin"""

    usage = "PLUGIN KEY=VALUE [KEY=VALUE...]"

    plugin: str = operand()
    settings: list[str] = operands(1)

    def run(self, engine: Engine) -> Text:
        """Return "".

        source: Engine API, PluginSet.
        """
        engine.post(path("plugins", self.plugin, "set"), body=self.settings)
        return Text("")
