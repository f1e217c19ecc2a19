"""docker node rm: remove nodes from the swarm."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operands
from docker_magics.commands._batch import for_each
from docker_magics.engine.client import Engine, path
from docker_magics.results.text import Lines


class NodeRm(Command):
    """Remove one or more nodes from the swarm"""

    usage = "[OPTIONS] NODE [NODE...]"
    aliases = ("node remove",)

    force: bool = flag("-f, --force", "Force remove a node from the swarm")
    nodes: list[str] = operands(1)

    def run(self, engine: Engine) -> Lines:
        """Return the names of the removed nodes.

        source: Engine API, NodeDelete.
        """
        query = {"force": self.force}
        return for_each(self.nodes, lambda name: engine.delete(path("nodes", name), query))
