"""docker swarm unlock-key: show or rotate the key that unlocks managers."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results.text import Text

from ._texts import change, unlock_command, unlock_key


class SwarmUnlockKey(Command):
    """Manage the unlock key"""

    quiet: bool = flag("-q, --quiet", "Only display token")
    rotate: bool = flag("--rotate", "Rotate unlock key")

    def run(self, engine: Engine) -> Text:
        """Return the instructions to unlock a manager; with -q the key.

        source: Engine API, SwarmUnlockkey, SwarmUpdate.
        """
        message = ""
        if self.rotate:
            swarm = engine.get("/swarm")
            if not (swarm["Spec"].get("EncryptionConfig") or {}).get("AutoLockManagers"):
                raise UsageError("cannot rotate because autolock is not turned on")
            change(engine, swarm, rotateManagerUnlockKey="true")
            message = "Successfully rotated manager unlock key.\n\n"
        key = unlock_key(engine)
        if not key:
            raise UsageError("no unlock key is set")
        return Text(key if self.quiet else message + unlock_command(key))
