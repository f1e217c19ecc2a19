"""docker secret ls: list secrets of the swarm."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import Command
from docker_magics.commands import _flags
from docker_magics.commands._swarm_data import list_data
from docker_magics.engine.client import Engine


class SecretLs(Command):
    """List secrets"""

    aliases = ("secret list",)

    filter: list[tuple[str, str]] = _flags.filter_of_listing()
    format: str = _flags.format_of_listing()
    quiet: bool = _flags.quiet("Only display IDs")

    def run(self, engine: Engine) -> Any:
        """Return the secrets, sorted by name: a Table, with -q a list of IDs.

        source: Engine API, SecretList.
        """
        return list_data(
            engine, "secrets", self.filter, form=self.format, quiet=self.quiet, has_driver=True
        )
