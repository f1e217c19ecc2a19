"""docker swarm leave: this engine is no node any more."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag
from docker_magics.engine.client import Engine
from docker_magics.results.text import Text


class SwarmLeave(Command):
    """Leave the swarm"""

    force: bool = flag("-f, --force", "Force this node to leave the swarm, ignoring warnings")

    def run(self, engine: Engine) -> Text:
        """That it left.

        source: Engine API, SwarmLeave.
        """
        engine.post("/swarm/leave", {"force": self.force})
        return Text("Node left the swarm.")
