"""docker buildx prune: remove the build cache."""

from __future__ import annotations

from docker_magics.commands.builder.prune import BuilderPrune
from docker_magics.engine.client import Engine
from docker_magics.results.text import Text


class BuildxPrune(BuilderPrune):
    """Remove build cache"""

    def run(self, engine: Engine) -> Text | None:
        """Return the report of the CLI, as `docker builder prune`."""
        return super().run(engine)
