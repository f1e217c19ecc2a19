"""docker stack rm: remove stacks."""

from __future__ import annotations

import time

from docker_magics.cli.command import Command, flag, operands
from docker_magics.engine.client import Engine
from docker_magics.errors import EngineError, Interrupted
from docker_magics.results.text import Lines

from ._members import check_name, members
from ._removal import by_name, remove

_KINDS = ("services", "secrets", "configs", "networks")
_POLL_INTERVAL_S = 0.2
#: States that a task does not leave.
_TERMINAL_STATES = frozenset({"complete", "shutdown", "failed", "rejected", "remove", "orphaned"})


class StackRm(Command):
    """Remove one or more stacks"""

    usage = "[OPTIONS] STACK [STACK...]"
    aliases = ("stack remove", "stack down")

    detach: bool = flag("-d, --detach", "Do not wait for stack removal", default=True)
    stacks: list[str] = operands(1)

    def run(self, engine: Engine) -> Lines:
        """Return what the CLI prints: a line for each object.

        The engine removes the tasks, and the networks that they use, in the background.

        Raises:
            EngineError: some objects could not be removed; `result` has the lines.

        source: docker/cli, cli/command/stack/remove.go.
        """
        for stack in self.stacks:
            check_name(stack)
        lines, problems = Lines(), []
        for stack in self.stacks:
            stack_lines, all_removed = self._remove(engine, stack)
            lines += stack_lines
            if not all_removed:
                problems.append(f"failed to remove some resources from stack: {stack}")
            elif not self.detach:
                _wait(engine, stack)
        if problems:
            raise EngineError("\n".join(problems), result=lines)
        return lines

    def _remove(self, engine: Engine, stack: str) -> tuple[list[str], bool]:
        objects = {
            kind: members(engine, kind, stack)
            for kind in ("services", "networks", "secrets", "configs")
        }
        if not any(objects.values()):
            self.terminal.notify(f"Nothing found in stack: {stack}")
        objects["services"] = by_name(objects["services"])
        removals = [remove(engine, self.terminal, kind, objects[kind]) for kind in _KINDS]
        lines = [line for part, _ in removals for line in part]
        return lines, all(all_removed for _, all_removed in removals)


def _wait(engine: Engine, stack: str) -> None:
    """Wait until the stack's tasks have ended.

    Raises:
        Interrupted: the user interrupted it.
    """
    try:
        while any(not _has_ended(task) for task in members(engine, "tasks", stack)):
            time.sleep(_POLL_INTERVAL_S)
    except KeyboardInterrupt:
        raise Interrupted(f"The removal of {stack} continues in the background.") from None


def _has_ended(task: dict[str, dict[str, str]]) -> bool:
    return task["Status"]["State"] in _TERMINAL_STATES
