"""docker secret inspect: details of secrets."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operands
from docker_magics.commands import _flags
from docker_magics.commands._swarm_data import inspect_data
from docker_magics.engine.client import Engine
from docker_magics.results.inspect import InspectList
from docker_magics.results.text import Text


class SecretInspect(Command):
    """Display detailed information on one or more secrets"""

    usage = "[OPTIONS] SECRET [SECRET...]"

    format: str = _flags.format_of_object()
    pretty: bool = flag("--pretty", "Print the information in a human friendly format")
    secrets: list[str] = operands(1)

    def run(self, engine: Engine) -> InspectList | Text:
        """Return a dict for each secret.

        source: Engine API, SecretInspect.
        """
        return inspect_data(engine, "secrets", self.secrets, form=self.format, readable=self.pretty)
