"""What stop and restart share."""

from __future__ import annotations

from types import MappingProxyType

from docker_magics.cli.command import Command, flag, operands
from docker_magics.commands._each import each
from docker_magics.engine.client import Engine, path
from docker_magics.results.text import Lines


class StopFlags(Command):
    """Containers, and how they are stopped."""

    usage = "[OPTIONS] CONTAINER [CONTAINER...]"
    spellings = MappingProxyType({"time": "timeout"})

    signal: str = flag("-s, --signal string", "Signal to send to the container")
    timeout: int | None = flag(
        "-t, --timeout int", "Seconds to wait before killing the container", default=None
    )
    containers: list[str] = operands(1)

    def post(self, engine: Engine, verb: str) -> Lines:
        """Have the engine do it to each; the names of those that it did it to."""
        query = {"signal": self.signal, "t": self.timeout}
        return each(
            self.containers, lambda name: engine.post(path("containers", name, verb), query)
        )
