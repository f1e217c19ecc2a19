"""docker plugin push: send a plugin to a registry."""

from __future__ import annotations

from docker_magics.cli.command import Command, operand
from docker_magics.commands import _flags
from docker_magics.commands._reference import named
from docker_magics.engine import auth
from docker_magics.engine.client import Engine, path
from docker_magics.engine.problems import hint
from docker_magics.engine.streamed import Streamed
from docker_magics.errors import UsageError
from docker_magics.results.layers import LayersProgress
from docker_magics.results.text import Text


class PluginPush(Command):
    """Push a plugin to a registry"""

    usage = "[OPTIONS] PLUGIN[:TAG]"

    disable_content_trust: bool = _flags.disable_content_trust("Skip image signing")
    plugin: str = operand()

    def run(self, engine: Engine) -> LayersProgress:
        """The layers' progress; its result is the reference of what was pushed.

        source: Engine API, PluginPush.
        """
        plugin = named(self.plugin).tagged
        if plugin.digest:
            raise UsageError(f"invalid name: {self.plugin}")

        def send() -> Streamed:
            response = engine.request(
                "POST",
                path("plugins", plugin.familiar, "push"),
                headers=auth.header_for(plugin.domain),
                stream=True,
            )
            return Streamed(response)

        return LayersProgress(
            f"Pushing plugin {plugin.familiar}",
            send,
            lambda _lines: Text(str(plugin)),
            interrupted="The push was cancelled.",
            hint=hint,
        )
