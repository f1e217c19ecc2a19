"""docker stop: SIGTERM (or --signal), and after a while SIGKILL."""

from __future__ import annotations

from types import MappingProxyType

from docker_magics.cli.command import Command, flag, operands
from docker_magics.commands._each import each
from docker_magics.engine.client import Engine, path
from docker_magics.results.text import Lines


class ContainerStop(Command):
    """Stop one or more running containers"""

    usage = "[OPTIONS] CONTAINER [CONTAINER...]"
    aliases = ("stop",)
    spellings = MappingProxyType({"time": "timeout"})

    signal: str = flag("-s, --signal string", "Signal to send to the container")
    timeout: int | None = flag(
        "-t, --timeout int", "Seconds to wait before killing the container", default=None
    )
    containers: list[str] = operands(1)

    def run(self, engine: Engine) -> Lines:
        """The names of those that stopped.

        source: Engine API, ContainerStop.
        """
        query = {"signal": self.signal, "t": self.timeout}
        return each(
            self.containers, lambda name: engine.post(path("containers", name, "stop"), query)
        )
