"""docker buildx prune: remove the build cache."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import flag
from docker_magics.commands.builder.prune import BuilderPrune
from docker_magics.engine.client import Engine
from docker_magics.results.text import Text


class BuildxPrune(BuilderPrune):
    """Remove build cache"""

    reserved_space: int = flag(
        "--reserved-space bytes", "Amount of disk space always allowed to keep for cache"
    )
    max_used_space: int = flag(
        "--max-used-space bytes", "Maximum amount of disk space allowed to keep for cache"
    )
    min_free_space: int = flag(
        "--min-free-space bytes", "Target amount of free disk space after pruning"
    )

    def run(self, engine: Engine) -> Text | None:
        """Return the report of the CLI, as `docker builder prune`."""
        return super().run(engine)

    def limits(self, engine: Engine) -> dict[str, Any]:
        """Return the parameters of the space that is kept.

        Raises:
            UsageError: the engine's API is older than the flags.
        """
        given = {"max-used-space": self.max_used_space, "min-free-space": self.min_free_space}
        for name in filter(given.get, given):
            engine.require("1.48", f"--{name}")
        kept = {key: self.reserved_space or size for key, size in super().limits(engine).items()}
        return kept | {name: size or None for name, size in given.items()}
