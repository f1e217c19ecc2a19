"""docker node ps: the tasks on nodes."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import operands
from docker_magics.commands import _flags
from docker_magics.commands._each import combined
from docker_magics.commands._tasks import TaskFlags, node_reference
from docker_magics.engine.client import Engine, path
from docker_magics.errors import EngineError


class NodePs(TaskFlags):
    """List tasks running on one or more nodes, defaults to current node"""

    usage = "[OPTIONS] [NODE...]"

    nodes: list[str] = operands(0)

    def run(self, engine: Engine) -> Any:
        """The tasks of all the nodes as one Table, with -q a list of IDs.

        source: Engine API, TaskList.
        """
        tasks: list[dict[str, Any]] = []
        failed: list[EngineError] = []
        for name in self.nodes or ["self"]:
            try:
                tasks += self._tasks(engine, name)
            except EngineError as error:
                failed.append(error)
        found = self.listing(engine, tasks)
        if failed:
            raise combined(failed, found)
        return found

    def _tasks(self, engine: Engine, name: str) -> list[dict[str, Any]]:
        node = engine.get(path("nodes", node_reference(engine, name)))
        pairs = [*self.filter, ("node", node["ID"])]
        found: list[dict[str, Any]] = engine.get("/tasks", {"filters": _flags.filters(pairs)})
        return found
