"""docker node ps: the tasks on nodes."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import Command, flag, operands
from docker_magics.commands import _flags
from docker_magics.commands._each import combined
from docker_magics.commands._tasks import Names, listing_of, node_reference
from docker_magics.engine.client import Engine, path
from docker_magics.errors import EngineError


class NodePs(Command):
    """List tasks running on one or more nodes, defaults to current node"""

    usage = "[OPTIONS] [NODE...]"

    filter: list[tuple[str, str]] = _flags.filter_of_listing()
    format: str = flag("--format string", "Pretty-print tasks using a Go template")
    no_resolve: bool = flag("--no-resolve", "Do not map IDs to Names")
    no_trunc: bool = _flags.no_trunc("Do not truncate output")
    quiet: bool = _flags.quiet("Only display task IDs")
    nodes: list[str] = operands(0)

    def run(self, engine: Engine) -> Any:
        """The tasks of all the nodes as one Table, with -q a list of IDs.

        source: Engine API, TaskList.
        """
        tasks: dict[str, dict[str, Any]] = {}
        failed: list[EngineError] = []
        pairs = [*self.filter]  # the CLI asks for the nodes before again with each one
        for name in self.nodes or ["self"]:
            try:
                node = engine.get(path("nodes", node_reference(engine, name)))
                pairs.append(("node", node["ID"]))
                found = engine.get("/tasks", {"filters": _flags.filters(pairs)})
                tasks |= {task["ID"]: task for task in found}
            except EngineError as error:
                failed.append(error)
        names = Names(engine, resolve=not self.no_resolve)
        listing = listing_of(
            list(tasks.values()), names, form=self.format, quiet=self.quiet, trunc=not self.no_trunc
        )
        if failed:
            raise combined(failed, listing)
        return listing
