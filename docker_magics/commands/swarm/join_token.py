"""docker swarm join-token: show or rotate the tokens for joining the swarm."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operand
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results.text import Text

from ._texts import change, join_command


class SwarmJoinToken(Command):
    """Manage join tokens"""

    usage = "[OPTIONS] (worker|manager)"

    quiet: bool = flag("-q, --quiet", "Only display token")
    rotate: bool = flag("--rotate", "Rotate join token")
    role: str = operand()

    def run(self, engine: Engine) -> Text:
        """Return the instructions to join; with -q the token.

        source: Engine API, SwarmInspect, SwarmUpdate.
        """
        if self.role not in {"worker", "manager"}:
            raise UsageError(f"unknown role {self.role}", hint="Use worker or manager.")
        message = ""
        if self.rotate:
            change(engine, engine.get("/swarm"), **{f"rotate{self.role.title()}Token": "true"})
            message = f"Successfully rotated {self.role} join token.\n\n"
        tokens = engine.get("/swarm")["JoinTokens"]
        if self.quiet:
            return Text(tokens[self.role.title()])
        node = engine.get("/info")["Swarm"]["NodeID"]
        return Text(message + join_command(engine, node, self.role))
