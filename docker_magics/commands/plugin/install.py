"""docker plugin install: pull a plugin and enable it."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operand, operands
from docker_magics.commands import _flags
from docker_magics.commands._reference import parse_reference
from docker_magics.engine.client import Engine, path
from docker_magics.results.layers import LayersProgress
from docker_magics.results.text import Text

from ._install import GRANT, fetch


class PluginInstall(Command):
    """Install a plugin"""

    usage = "[OPTIONS] PLUGIN [KEY=VALUE...]"

    alias: str = flag("--alias string", "Local name for plugin")
    disable: bool = flag("--disable", "Do not enable the plugin on install")
    disable_content_trust: bool = _flags.disable_content_trust()
    grant_all_permissions: bool = flag("--grant-all-permissions", GRANT)
    plugin: str = operand()
    settings: list[str] = operands(0)

    def run(self, engine: Engine) -> LayersProgress:
        """Return the progress of the layers; its result is the message `Installed plugin ...`.

        source: Engine API, GetPluginPrivileges, PluginPull.
        """
        remote = parse_reference(self.plugin)
        name = parse_reference(self.alias).tagged.familiar if self.alias else ""
        local = name or remote.tagged.familiar

        def finish() -> Text:
            if self.settings:
                engine.post(path("plugins", local, "set"), body=self.settings)
            if not self.disable:
                engine.post(path("plugins", local, "enable"), {"timeout": "0"})
            return Text(f"Installed plugin {self.plugin}")

        return fetch(
            engine,
            self.terminal,
            "/plugins/pull",
            remote,
            name=name,
            granted=self.grant_all_permissions,
            finish=finish,
        )
