"""docker network prune: remove networks that no container uses."""

from __future__ import annotations

from docker_magics.cli.command import Command
from docker_magics.commands import _flags, _prune
from docker_magics.engine.client import Engine
from docker_magics.results.text import Text


class NetworkPrune(Command):
    """Remove all unused networks"""

    usage = "[OPTIONS]"

    filter: list[tuple[str, str]] = _prune.filter_of_prune()
    force: bool = _prune.force()

    def run(self, engine: Engine) -> Text | None:
        """Return the report of the CLI, or None if the user does not confirm.

        source: Engine API, NetworkPrune.
        """
        warning = "This will remove all custom networks not used by at least one container."
        if not _prune.confirmed(self.terminal, warning, force=self.force):
            return None
        answer = engine.post("/networks/prune", {"filters": _flags.filters(self.filter)})
        return _prune.report([("Deleted Networks", answer.get("NetworksDeleted") or [])], None)
