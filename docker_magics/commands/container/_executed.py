"""A process that exec starts in a container.

source: Engine API, ExecStart, ExecInspect; docker/cli, cli/command/container/exec.go.
"""

from __future__ import annotations

import time
from typing import Any, BinaryIO

from docker_magics.engine.client import Engine, path
from docker_magics.engine.hijack import Hijacked

from ._connected import Connected, Console

#: Seconds that the exit code may lag behind the end of the output.
_LAG_S = 2.0


class Executed(Connected):
    """A process beside the container's own."""

    def __init__(
        self, engine: Engine, identity: str, *, container: str, tty: bool, stdin: BinaryIO | None
    ) -> None:
        super().__init__(engine, tty=tty, stdin=stdin)
        self.identity = identity
        self.container = container

    def _connect(self) -> Hijacked:
        start = {"Detach": False, "Tty": self.tty}
        return self.engine.hijack(path("exec", self.identity, "start"), body=start)

    def _inspect(self) -> dict[str, Any]:
        found: dict[str, Any] = self.engine.get(path("exec", self.identity, "json"))
        return found

    def _wait(self) -> int | None:
        deadline = time.monotonic() + _LAG_S
        while (state := self._inspect())["Running"] and time.monotonic() < deadline:
            time.sleep(_LAG_S / 40)
        code: int | None = state["ExitCode"]
        return code

    def interrupt(self, times: int) -> str | None:  # noqa: ARG002
        """First SIGINT, then SIGKILL, for the process and what it started."""
        return None


class ExecutedConsole(Executed, Console):
    """A process with a terminal that someone types into."""

    def _resize_path(self) -> str:
        return path("exec", self.identity, "resize")

    def hang_up(self) -> None:
        """SIGHUP for the process and what it started; SIGKILL for what remains."""
        self.close()
