"""docker node demote: turn managers into workers."""

from __future__ import annotations

from docker_magics.cli.command import Command, operands
from docker_magics.engine.client import Engine
from docker_magics.results.text import Lines

from ._update import change_role


class NodeDemote(Command):
    """Demote one or more nodes from manager in the swarm"""

    usage = "NODE [NODE...]"

    nodes: list[str] = operands(1)

    def run(self, engine: Engine) -> Lines:
        """Return a line for each node.

        source: Engine API, NodeUpdate.
        """
        return change_role(engine, self.nodes, "worker")
