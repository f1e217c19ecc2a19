"""docker wait: block until containers stop."""

from __future__ import annotations

from docker_magics.cli.command import Command, operands
from docker_magics.commands._batch import for_each
from docker_magics.engine.client import Engine, path
from docker_magics.results.text import Lines


class ContainerWait(Command):
    """Block until one or more containers stop, then print their exit codes"""

    usage = "CONTAINER [CONTAINER...]"
    aliases = ("wait",)

    containers: list[str] = operands(1)

    def run(self, engine: Engine) -> Lines:
        """Return the exit codes as texts, in the order of the operands.

        source: Engine API, ContainerWait.
        """
        codes = Lines()

        def wait(name: str) -> None:
            codes.append(str(engine.post(path("containers", name, "wait"))["StatusCode"]))

        for_each(self.containers, wait)
        return codes
