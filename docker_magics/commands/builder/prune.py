"""docker builder prune: remove the build cache."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import Command, flag
from docker_magics.cli.flag_types import SIZE_OR_UNLIMITED
from docker_magics.commands import _flags, _prune
from docker_magics.engine.client import Engine
from docker_magics.results.text import Text


class BuilderPrune(Command):
    """Remove build cache"""

    usage = ""

    all: bool = flag("-a, --all", "Remove all unused build cache, not just dangling ones")
    filter: list[tuple[str, str]] = _prune.filter_of_prune("until=24h")
    force: bool = _prune.force()
    keep_storage: int = flag(
        "--keep-storage bytes",
        "Amount of disk space to keep for cache",
        flag_type=SIZE_OR_UNLIMITED,
    )

    def run(self, engine: Engine) -> Text | None:
        """Return the report of the CLI, or None if the user does not confirm.

        source: Engine API, BuildPrune.
        """
        which = "all build cache" if self.all else "all dangling build cache"
        if not _prune.confirmed(self.terminal, f"This will remove {which}.", force=self.force):
            return None
        query = {
            "all": self.all,
            **self.limits(engine),
            "filters": _flags.filters(self.filter),
        }
        answer = engine.post("/build/prune", query)
        deleted = answer.get("CachesDeleted") or []
        sections = [("Deleted build cache objects", deleted)]
        return _prune.report(sections, answer.get("SpaceReclaimed", 0))

    def limits(self, engine: Engine) -> dict[str, Any]:
        """Return the parameters of the space that is kept."""
        space = "reserved-space" if engine.supports("1.48") else "keep-storage"
        return {space: self.keep_storage or None}
