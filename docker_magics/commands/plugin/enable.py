"""docker plugin enable: start a plugin."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operand
from docker_magics.engine.client import Engine, path
from docker_magics.errors import UsageError
from docker_magics.results.text import Text


class PluginEnable(Command):
    """Enable a plugin"""

    usage = "[OPTIONS] PLUGIN"

    timeout: int = flag("--timeout int", "HTTP client timeout (in seconds)", default=30)
    plugin: str = operand()

    def run(self, engine: Engine) -> Text:
        """Return the plugin's name.

        source: Engine API, PluginEnable.
        """
        if self.timeout < 0:
            raise UsageError(f"negative timeout {self.timeout} is invalid")
        engine.post(path("plugins", self.plugin, "enable"), {"timeout": str(self.timeout)})
        return Text(self.plugin)
