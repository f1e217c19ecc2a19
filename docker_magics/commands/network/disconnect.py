"""docker network disconnect: detach a container from a network."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operand
from docker_magics.engine.client import Engine, checked_name, path


class NetworkDisconnect(Command):
    """Disconnect a container from a network"""

    usage = "[OPTIONS] NETWORK CONTAINER"

    force: bool = flag("-f, --force", "Force the container to disconnect from a network")
    network: str = operand()
    container: str = operand()

    def run(self, engine: Engine) -> None:
        """Return None.

        source: Engine API, NetworkDisconnect.
        """
        body = {"Container": checked_name("container", self.container), "Force": self.force}
        engine.post(path("networks", self.network, "disconnect"), body=body)
