"""docker restart: stop and start again."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operands
from docker_magics.commands._each import each
from docker_magics.engine.client import Engine, path
from docker_magics.results.text import Lines

from . import _timeout


class ContainerRestart(Command):
    """Restart one or more containers"""

    usage = "[OPTIONS] CONTAINER [CONTAINER...]"
    aliases = ("restart",)

    signal: str = flag("-s, --signal string", "Signal to send to the container")
    time: int | None = _timeout.time()
    timeout: int | None = _timeout.timeout()
    containers: list[str] = operands(1)

    def run(self, engine: Engine) -> Lines:
        """The names of those that run again.

        source: Engine API, ContainerRestart.
        """
        query = {"signal": self.signal, "t": _timeout.seconds(self.timeout, self.time)}
        return each(
            self.containers, lambda name: engine.post(path("containers", name, "restart"), query)
        )
