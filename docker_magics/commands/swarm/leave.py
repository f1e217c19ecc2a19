"""docker swarm leave: remove this engine from its swarm."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag
from docker_magics.engine.client import Engine
from docker_magics.results.text import Text


class SwarmLeave(Command):
    """Leave the swarm"""

    force: bool = flag("-f, --force", "Force this node to leave the swarm, ignoring warnings")

    def run(self, engine: Engine) -> Text:
        """Return the CLI's message.

        source: Engine API, SwarmLeave.
        """
        engine.post("/swarm/leave", {"force": self.force})
        return Text("Node left the swarm.")
