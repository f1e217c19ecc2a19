"""The flags that stop and restart share."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operands
from docker_magics.commands._batch import for_each
from docker_magics.engine.client import Engine, path
from docker_magics.errors import UsageError
from docker_magics.results.text import Lines

_WAIT = "Seconds to wait before killing the container"


class StopFlags(Command):
    """The flags of stop and restart."""

    usage = "[OPTIONS] CONTAINER [CONTAINER...]"

    signal: str = flag("-s, --signal string", "Signal to send to the container")
    time: int | None = flag("--time int", _WAIT, default=None, deprecated="use --timeout instead")
    timeout: int | None = flag("-t, --timeout int", _WAIT, default=None)
    containers: list[str] = operands(1)

    def post(self, engine: Engine, verb: str) -> Lines:
        """Send the request for each container. Return the names of the successful ones.

        Raises:
            UsageError: both --timeout and --time, its name before Docker 28, are given.
        """
        if self.timeout is not None and self.time is not None:
            raise UsageError("conflicting options: cannot specify both --timeout and --time")
        signal = self.signal if engine.supports("1.42") else ""
        query = {"signal": signal, "t": self.time if self.timeout is None else self.timeout}
        return for_each(
            self.containers, lambda name: engine.post(path("containers", name, verb), query)
        )
