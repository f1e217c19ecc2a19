"""docker volume prune: remove volumes that no container uses."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag
from docker_magics.commands import _flags, _prune
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results.text import Text


class VolumePrune(Command):
    """Remove unused local volumes"""

    usage = "[OPTIONS]"

    all: bool = flag("-a, --all", "Remove all unused volumes, not just anonymous ones")
    filter: list[tuple[str, str]] = _prune.filter_of_prune("label=<label>")
    force: bool = _prune.force()

    def run(self, engine: Engine) -> Text | None:
        """Return the report of the CLI, or None if the user does not confirm.

        source: Engine API, VolumePrune.
        """
        filters = _flags.filters(self.filter)
        if self.all and "all" in filters:
            raise UsageError("conflicting options: cannot specify both --all and --filter all=1")
        # Before API 1.42 the engine pruned every unused volume and had no filter "all".
        every = self.all or not engine.supports("1.42")
        if self.all and engine.supports("1.42"):
            filters["all"] = ["true"]
        which = "local volumes" if every else "anonymous local volumes"
        warning = f"This will remove {which} not used by at least one container."
        if not _prune.confirmed(self.terminal, warning, force=self.force):
            return None
        answer = engine.post("/volumes/prune", {"filters": filters})
        deleted = answer.get("VolumesDeleted") or []
        return _prune.report([("Deleted Volumes", deleted)], answer["SpaceReclaimed"])
