"""docker node ps: list the tasks on nodes."""

from __future__ import annotations

from itertools import chain
from typing import Any

from docker_magics.cli.command import operands
from docker_magics.commands import _flags
from docker_magics.commands._batch import collect
from docker_magics.commands._tasks import TaskFlags, node_reference
from docker_magics.engine.client import Engine, path


class NodePs(TaskFlags):
    """List tasks running on one or more nodes, defaults to current node"""

    usage = "[OPTIONS] [NODE...]"

    nodes: list[str] = operands(0)

    def run(self, engine: Engine) -> Any:
        """Return the tasks of all nodes as one Table, with -q a list of IDs.

        source: Engine API, TaskList.
        """
        pairs = [*self.filter]  # like the CLI, each request filters by all nodes so far

        def tasks(name: str) -> list[dict[str, Any]]:
            node = engine.get(path("nodes", node_reference(engine, name)))
            pairs.append(("node", node["ID"]))
            node_tasks: list[dict[str, Any]] = engine.get(
                "/tasks", {"filters": _flags.filters(pairs)}
            )
            return node_tasks

        def unique(task_lists: list[list[dict[str, Any]]]) -> Any:
            by_id = {task["ID"]: task for task in chain.from_iterable(task_lists)}
            return self.listing(engine, list(by_id.values()))

        return collect(self.nodes or ["self"], tasks, unique)
