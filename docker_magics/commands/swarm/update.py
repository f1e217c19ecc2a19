"""docker swarm update: change the swarm's settings."""

from __future__ import annotations

from docker_magics.cli.command import flag
from docker_magics.cli.help import command_help
from docker_magics.engine.client import Engine
from docker_magics.results.text import Text

from ._flags import SwarmFlags
from ._texts import change, unlock_command, unlock_key


class SwarmUpdate(SwarmFlags):
    """Update the swarm"""

    autolock: bool | None = flag(
        "--autolock", "Change manager autolocking setting (true|false)", default=None
    )

    def run(self, engine: Engine) -> Text:
        """Return the CLI's message, with the unlock key if autolock was turned on.

        Without flags, return the help page, as the CLI does.

        source: Engine API, SwarmUpdate.
        """
        if all(getattr(self, flag.field) in (None, []) for flag in self.flags()):
            return Text(command_help(type(self)))
        swarm = engine.get("/swarm")
        was_locked = (swarm["Spec"].get("EncryptionConfig") or {}).get("AutoLockManagers")
        root = (swarm.get("TLSInfo") or {}).get("TrustRoot", "")
        self.change(swarm["Spec"], self.autolock, root)
        change(engine, swarm)
        if self.autolock and not was_locked:
            return Text(f"Swarm updated.\n{unlock_command(unlock_key(engine))}")
        return Text("Swarm updated.")
