"""docker plugin inspect: details of plugins."""

from __future__ import annotations

from docker_magics.cli.command import Command, operands
from docker_magics.commands import _flags
from docker_magics.commands._inspect import inspect
from docker_magics.engine.client import Engine, path
from docker_magics.results.inspect import InspectList
from docker_magics.results.text import Text


class PluginInspect(Command):
    """Display detailed information on one or more plugins"""

    usage = "[OPTIONS] PLUGIN [PLUGIN...]"

    format: str = _flags.format_of_object()
    plugins: list[str] = operands(1)

    def run(self, engine: Engine) -> InspectList | Text:
        """Return a dict for each plugin.

        source: Engine API, PluginInspect.
        """
        return inspect(
            self.plugins, self.format, lambda name: engine.get(path("plugins", name, "json"))
        )
