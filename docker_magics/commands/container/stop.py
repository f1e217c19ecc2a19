"""docker stop: send SIGTERM (or --signal), and after a timeout SIGKILL."""

from __future__ import annotations

from docker_magics.engine.client import Engine
from docker_magics.results.text import Lines

from ._stop import StopFlags


class ContainerStop(StopFlags):
    """Stop one or more running containers"""

    aliases = ("stop",)

    def run(self, engine: Engine) -> Lines:
        """Return the names of the stopped containers.

        source: Engine API, ContainerStop.
        """
        return self.post(engine, "stop")
