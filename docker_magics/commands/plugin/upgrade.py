"""docker plugin upgrade: pull another version of a plugin."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operand
from docker_magics.commands import _flags
from docker_magics.commands._reference import parse_reference
from docker_magics.engine.client import Engine, path
from docker_magics.errors import UsageError
from docker_magics.results.layers import LayersProgress
from docker_magics.results.text import Text

from ._install import GRANT, fetch


class PluginUpgrade(Command):
    """Upgrade an existing plugin"""

    usage = "[OPTIONS] PLUGIN [REMOTE]"

    disable_content_trust: bool = _flags.disable_content_trust()
    grant_all_permissions: bool = flag("--grant-all-permissions", GRANT)
    skip_remote_check: bool = flag(
        "--skip-remote-check",
        "Do not check if specified remote plugin matches existing plugin image",
    )
    plugin: str = operand()
    remote: str | None = operand(optional=True)

    def run(self, engine: Engine) -> LayersProgress:
        """Return the progress of the layers; its result is the message `Upgraded plugin ...`.

        source: Engine API, GetPluginPrivileges, PluginUpgrade.
        """
        plugin = engine.get(path("plugins", self.plugin, "json"))
        if plugin["Enabled"]:
            raise UsageError("the plugin must be disabled before upgrading")
        old = parse_reference(plugin["PluginReference"]).tagged
        new = parse_reference(self.remote).tagged if self.remote else old
        name = plugin["Name"]
        self.terminal.notify(f"Upgrading plugin {name} from {old.familiar} to {new.familiar}")
        if new != old and not self.skip_remote_check:
            question = "Plugin images do not match, are you sure? [y/N] "
            if not self.terminal.confirm(question):
                raise UsageError("plugin upgrade has been cancelled")
        return fetch(
            engine,
            self.terminal,
            path("plugins", name, "upgrade"),
            new,
            name=name,
            granted=self.grant_all_permissions,
            finish=lambda: Text(f"Upgraded plugin {name} to {self.remote or old}"),
        )
