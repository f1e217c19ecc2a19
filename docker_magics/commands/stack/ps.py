"""docker stack ps: list the tasks of a stack."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import operand
from docker_magics.commands import _flags
from docker_magics.commands._tasks import TaskFlags
from docker_magics.engine.client import Engine
from docker_magics.errors import EngineError

from ._members import check_name, members


class StackPs(TaskFlags):
    """List the tasks in the stack"""

    usage = "[OPTIONS] STACK"

    format: str = _flags.format_of_listing()
    stack: str = operand()

    def run(self, engine: Engine) -> Any:
        """Return the tasks as a Table, with -q a list of IDs.

        Raises:
            EngineError: the stack has no tasks.

        source: docker/cli, cli/command/stack/ps.go; Engine API, TaskList.
        """
        check_name(self.stack)
        tasks = members(engine, "tasks", self.stack, self.filter)
        if not tasks:
            raise EngineError(f"nothing found in stack: {self.stack}")
        return self.listing(engine, tasks)
