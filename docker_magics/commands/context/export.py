"""docker context export: write a context with its keys to a file."""

from __future__ import annotations

from pathlib import Path

from docker_magics.cli.command import Command, operand
from docker_magics.engine.cli_config import DEFAULT_CONTEXT, write_private
from docker_magics.engine.client import Engine
from docker_magics.engine.context import ContextStore
from docker_magics.engine.context_archive import export_archive
from docker_magics.errors import UsageError


class ContextExport(Command):
    """Export a context to a tar archive FILE or a tar stream on STDOUT."""

    usage = "[OPTIONS] CONTEXT [FILE|-]"

    context: str = operand()
    file: str | None = operand(optional=True)

    def run(self, engine: Engine) -> None:
        """Write the archive to the file, by default CONTEXT.dockercontext, or to stdout.

        source: docker/cli, cli/command/context/export.go.
        """
        if self.file == "-":
            if self.terminal.stdout is None:
                raise UsageError("cowardly refusing to export to a terminal, specify a file path")
            self.terminal.stdout.write(self._archive(engine))
            return
        target = Path(self.file or f"{self.context}.dockercontext")
        if target.exists():
            raise UsageError(f"open {target}: file exists")
        write_private(target, self._archive(engine))
        self.terminal.notify(f'Written file "{target}"')

    def _archive(self, engine: Engine) -> bytes:
        if self.context == DEFAULT_CONTEXT:
            endpoint = {"Host": engine.address.host, "SkipTLSVerify": False}
            return export_archive({"Name": DEFAULT_CONTEXT, "Endpoints": {"docker": endpoint}}, {})
        store = ContextStore()
        return export_archive(store.metadata(self.context), store.tls_files(self.context))
