"""docker plugin push: upload a plugin to a registry."""

from __future__ import annotations

from docker_magics.cli.command import Command, operand
from docker_magics.commands import _flags
from docker_magics.commands._reference import parse_reference
from docker_magics.commands._transfer import transfer
from docker_magics.engine.client import Engine, path
from docker_magics.errors import UsageError
from docker_magics.results.layers import LayersProgress
from docker_magics.results.text import Shown


class PluginPush(Command):
    """Push a plugin to a registry"""

    usage = "[OPTIONS] PLUGIN[:TAG]"

    disable_content_trust: bool = _flags.disable_content_trust()
    plugin: str = operand()

    def run(self, engine: Engine) -> LayersProgress:
        """Return the progress of the layers; its result is the reference of what was pushed.

        source: Engine API, PluginPush.
        """
        plugin = parse_reference(self.plugin).tagged
        if plugin.digest:
            raise UsageError(f"invalid name: {self.plugin}")
        return transfer(
            engine,
            plugin,
            path("plugins", plugin.familiar, "push"),
            title=f"Pushing plugin {plugin.familiar}",
            interrupted="The push was cancelled.",
            result=Shown,
        )
