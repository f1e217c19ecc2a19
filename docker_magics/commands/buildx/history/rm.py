"""docker buildx history rm: remove build records."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operands
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.results.text import Lines

from ._records import records_of


class BuildxHistoryRm(Command):
    """Remove build records"""

    usage = "[OPTIONS] [REF...]"

    all: bool = flag("--all", "Remove all build records")
    refs: list[str] = operands()

    def run(self, engine: Engine) -> Lines:
        """Remove the records, and return their IDs.

        Raises:
            EngineError: a record does not exist.
            UsageError: neither records nor --all are given.
        """
        from docker_magics.engine.buildkit import control

        if not self.refs and not self.all:
            raise UsageError("rm requires at least one argument", hint="Add the IDs, or --all.")
        with records_of(engine):
            refs = [record.ref for record in control.history(engine)] if self.all else self.refs
            for ref in refs:
                control.forget(engine, ref)
        return Lines(refs)
