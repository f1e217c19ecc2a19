"""docker logout: remove a registry's stored credentials."""

from __future__ import annotations

from docker_magics.cli.command import Command, operand
from docker_magics.engine import auth
from docker_magics.engine.client import Engine
from docker_magics.results.text import Text


class Logout(Command):
    """Log out from a registry.
    If no server is specified, the default is defined by the daemon.
    """

    usage = "[SERVER]"

    server: str | None = operand(optional=True)

    def run(self, engine: Engine) -> Text:  # noqa: ARG002 - the engine is not used
        """Return the CLI's message.

        source: docker/cli, cli/command/registry/logout.go.
        """
        server = auth.server_key(self.server or "docker.io")
        auth.erase(server)
        return Text(f"Removing login credentials for {server}")
