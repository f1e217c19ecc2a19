"""docker node ps: the tasks on nodes."""

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
        """The tasks of all the nodes as one Table, with -q a list of IDs.

        source: Engine API, TaskList.
        """
        pairs = [*self.filter]  # the CLI asks for the nodes before again with each one

        def tasks(name: str) -> list[dict[str, Any]]:
            node = engine.get(path("nodes", node_reference(engine, name)))
            pairs.append(("node", node["ID"]))
            found: list[dict[str, Any]] = engine.get("/tasks", {"filters": _flags.filters(pairs)})
            return found

        def together(found: list[list[dict[str, Any]]]) -> Any:
            each_once = {task["ID"]: task for task in chain.from_iterable(found)}
            return self.listing(engine, list(each_once.values()))

        return collect(self.nodes or ["self"], tasks, together)
