"""docker buildx history ls: list build records."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import Command
from docker_magics.commands import _flags
from docker_magics.engine.client import Engine
from docker_magics.results.listing import render_listing

from ._records import RECORDS, records_of


class BuildxHistoryLs(Command):
    """List build records"""

    usage = "[OPTIONS]"

    format: str = _flags.format_of_listing()

    def run(self, engine: Engine) -> Any:
        """Return the builds, newest first.

        Returns:
            A Table with the columns BUILD ID, NAME (of context, Dockerfile and target), STATUS,
            CREATED AT, DURATION, all str.

        Raises:
            UsageError: the engine keeps no history.
        """
        from docker_magics.engine.buildkit import control

        with records_of(engine):
            records = control.history(engine)
        records.sort(key=lambda record: record.created, reverse=True)
        return render_listing(RECORDS, records, form=self.format)
