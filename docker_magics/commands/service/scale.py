"""docker service scale: set the number of tasks of services."""

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
from ._registry import put_tag


class ServiceScale(Command):
    """Scale one or multiple replicated services"""

    usage = "SERVICE=REPLICAS [SERVICE=REPLICAS...]"

    detach: bool = flag("-d, --detach", DETACH)
    scales: list[str] = operands(1)

    def run(self, engine: Engine) -> Any:
        """Return a line for each service; without --detach a progress that waits for convergence.

        source: Engine API, ServiceUpdate.
        """
        scales = [self._parse_operand(text) for text in self.scales]
        lines = Lines()
        scaled: list[str] = []
        errors: list[EngineError] = []
        for name, count in scales:
            try:
                self._scale(engine, name, _replicas(count))
            except EngineError as error:
                error.message = f"{name}: {error.message}"
                errors.append(error)
            else:
                lines.append(f"{name} scaled to {count}")
                scaled.append(name)
        if errors:
            raise merge_errors(errors, lines)
        return lines if self.detach else _after_convergence(engine, scaled, lines)

    def _parse_operand(self, text: str) -> tuple[str, str]:
        name, _, count = text.partition("=")
        if not name or not count:
            raise UsageError(
                f"invalid scale specifier '{text}'.",
                hint=f"Usage: docker service scale {self.usage}",
            )
        return name, count

    def _scale(self, engine: Engine, name: str, count: int) -> None:
        service = engine.get(path("services", name))
        mode = service["Spec"]["Mode"]
        if mode.get("Replicated") is not None:
            mode["Replicated"]["Replicas"] = count
        elif mode.get("ReplicatedJob") is not None:
            mode["ReplicatedJob"]["TotalCompletions"] = count
        else:
            raise EngineError("scale can only be used with replicated or replicated-job mode")
        put_tag(service["Spec"])
        for warning in update_spec(engine, "services", service):
            self.terminal.notify(warning)


def _replicas(text: str) -> int:
    try:
        return go.parse_uint(text)
    except ValueError as error:
        raise EngineError(f"invalid replicas value {text}: {error}") from None


def _after_convergence(engine: Engine, names: list[str], lines: Lines) -> Any:
    """Return the lines after the convergence of each service."""
    if not names:
        return lines
    first = Convergence(engine, names[0], quiet=False)
    return Chain(
        first, lambda _: _after_convergence(engine, names[1:], lines), lambda error: error.exit_code
    )
