"""docker restart: stop and start again."""

from __future__ import annotations

from docker_magics.engine.client import Engine
from docker_magics.results.text import Lines

from ._stop import StopFlags


class ContainerRestart(StopFlags):
    """Restart one or more containers"""

    aliases = ("restart",)

    def run(self, engine: Engine) -> Lines:
        """Return the names of the containers that run again.

        source: Engine API, ContainerRestart.
        """
        return self.post(engine, "restart")
