"""docker container prune: remove all stopped containers."""

from __future__ import annotations

from docker_magics.cli.command import Command
from docker_magics.commands import _flags, _prune
from docker_magics.engine.client import Engine
from docker_magics.results.text import Text


class ContainerPrune(Command):
    """Remove all stopped containers"""

    usage = "[OPTIONS]"

    filter: list[tuple[str, str]] = _prune.filter_of_prune()
    force: bool = _prune.force()

    def run(self, engine: Engine) -> Text | None:
        """Return the report of the CLI, or None if the user does not confirm.

        source: Engine API, ContainerPrune.
        """
        warning = "This will remove all stopped containers."
        if not _prune.confirmed(self.terminal, warning, force=self.force):
            return None
        answer = engine.post("/containers/prune", {"filters": _flags.filters(self.filter)})
        deleted = answer.get("ContainersDeleted") or []
        return _prune.report([("Deleted Containers", deleted)], answer["SpaceReclaimed"])
