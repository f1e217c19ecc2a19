"""docker swarm unlock: unlock a restarted manager."""

from __future__ import annotations

from docker_magics.cli.command import Command
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results.text import Text


class SwarmUnlock(Command):
    """Unlock swarm"""

    usage = ""

    def run(self, engine: Engine) -> Text:
        """Return "". The key is read from standard input, or the user is asked.

        source: Engine API, SwarmUnlock.
        """
        state = (engine.get("/info").get("Swarm") or {}).get("LocalNodeState")
        if state != "locked":
            is_member = state not in {"inactive", "", None}
            reason = "swarm is not locked" if is_member else "this node is not part of a swarm"
            raise UsageError(f"error: {reason}")
        engine.post("/swarm/unlock", body={"UnlockKey": self._key()})
        return Text("")

    def _key(self) -> str:
        if self.terminal.has_input:
            return self.terminal.stdin.readline().decode().strip()
        return self.terminal.ask("Enter unlock key: ", secret=True)
