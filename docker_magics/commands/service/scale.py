"""docker service scale: how many tasks services have."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import Command, flag, operands
from docker_magics.commands._batch import merge_errors
from docker_magics.commands._swarm import update_spec
from docker_magics.engine.client import Engine, path
from docker_magics.errors import EngineError, UsageError
from docker_magics.results.live import Chain
from docker_magics.results.text import Lines
from docker_magics.wire import go

from ._converge import Convergence
from ._flags import DETACH


class ServiceScale(Command):
    """Scale one or multiple replicated services"""

    usage = "SERVICE=REPLICAS [SERVICE=REPLICAS...]"

    detach: bool = flag("-d, --detach", DETACH)
    scales: list[str] = operands(1)

    def run(self, engine: Engine) -> Any:
        """A line for each service; without --detach after their tasks run, with progress.

        source: Engine API, ServiceUpdate.
        """
        wanted = [self._read(each) for each in self.scales]
        lines = Lines()
        done: list[str] = []
        failed: list[EngineError] = []
        for name, count in wanted:
            try:
                self._scale(engine, name, _replicas(count))
            except EngineError as error:
                error.message = f"{name}: {error.message}"
                failed.append(error)
            else:
                lines.append(f"{name} scaled to {count}")
                done.append(name)
        if failed:
            raise merge_errors(failed, lines)
        return lines if self.detach else _awaited(engine, done, lines)

    def _read(self, text: str) -> tuple[str, str]:
        name, _, count = text.partition("=")
        if not name or not count:
            raise UsageError(
                f"invalid scale specifier '{text}'.",
                hint=f"Usage: docker service scale {self.usage}",
            )
        return name, count

    def _scale(self, engine: Engine, name: str, count: int) -> None:
        found = engine.get(path("services", name))
        mode = found["Spec"]["Mode"]
        if mode.get("Replicated") is not None:
            mode["Replicated"]["Replicas"] = count
        elif mode.get("ReplicatedJob") is not None:
            mode["ReplicatedJob"]["TotalCompletions"] = count
        else:
            raise EngineError("scale can only be used with replicated or replicated-job mode")
        for warning in update_spec(engine, "services", found):
            self.terminal.notify(warning)


def _replicas(text: str) -> int:
    try:
        return go.parse_uint(text)
    except ValueError as error:
        raise EngineError(f"invalid replicas value {text}: {error}") from None


def _awaited(engine: Engine, names: list[str], lines: Lines) -> Any:
    """The lines, once each service has what it wants."""
    if not names:
        return lines
    first = Convergence(engine, names[0], quiet=False)
    return Chain(first, lambda _: _awaited(engine, names[1:], lines), lambda error: error.exit_code)
