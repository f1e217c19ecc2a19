"""docker context import: read a context from a file."""

from __future__ import annotations

from pathlib import Path

from docker_magics.cli.command import Command, operand
from docker_magics.engine.client import Engine
from docker_magics.engine.context import ContextStore
from docker_magics.engine.context_archive import import_archive
from docker_magics.errors import UsageError
from docker_magics.results.text import Text


class ContextImport(Command):
    """Import a context from a tar or zip file"""

    usage = "CONTEXT FILE|-"

    context: str = operand()
    file: str = operand()

    def run(self, engine: Engine) -> Text:  # noqa: ARG002 - the engine is not used
        """Return the context's name.

        source: docker/cli, cli/command/context/import.go.
        """
        store = ContextStore()
        store.check_new(self.context)
        metadata, keys = import_archive(self._archive())
        store.write(self.context, metadata, keys)
        self.terminal.notify(f'Successfully imported context "{self.context}"')
        return Text(self.context)

    def _archive(self) -> bytes:
        if self.file == "-":
            return self.terminal.stdin.read()
        try:
            return Path(self.file).read_bytes()
        except OSError as error:
            raise UsageError(f"open {self.file}: {str(error.strerror).lower()}") from error
