"""docker image prune: remove unused images."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag
from docker_magics.commands import _prune
from docker_magics.engine.client import Engine
from docker_magics.results.text import Text


class ImagePrune(Command):
    """Remove unused images"""

    usage = "[OPTIONS]"

    all: bool = flag("-a, --all", "Remove all unused images, not just dangling ones")
    filter: list[tuple[str, str]] = _prune.filter_of_prune()
    force: bool = _prune.force()

    def run(self, engine: Engine) -> Text | None:
        """Return the report of the CLI, or None if the user does not confirm.

        source: Engine API, ImagePrune.
        """
        which = "images without at least one container associated to them"
        warning = f"This will remove all {which if self.all else 'dangling images'}."
        if not _prune.confirmed(self.terminal, warning, force=self.force):
            return None
        filters = _prune.image_filters(self.filter, unused=self.all)
        answer = engine.post("/images/prune", {"filters": filters})
        deleted = _prune.image_lines(answer.get("ImagesDeleted"))
        return _prune.report([("Deleted Images", deleted)], answer["SpaceReclaimed"])
