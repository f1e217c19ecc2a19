"""docker export: write a container's file system to a tar archive."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operand
from docker_magics.commands._files import write_archive
from docker_magics.engine.client import Engine, path
from docker_magics.errors import UsageError


class ContainerExport(Command):
    """Export a container's filesystem as a tar archive"""

    usage = "[OPTIONS] CONTAINER"
    aliases = ("export",)

    output: str = flag("-o, --output string", "Write to a file, instead of STDOUT")
    container: str = operand()

    def run(self, engine: Engine) -> None:
        """Write the archive to the file, or to stdout; return None.

        source: Engine API, ContainerExport.
        """
        if "=" in self.container:
            message = f"cannot export {self.container}: docker export saves a container's files"
            raise UsageError(
                message, hint=f"To set a variable, run %env {self.container} in a cell."
            )
        write_archive(
            self.output,
            self.terminal,
            lambda: engine.request(
                "GET", path("containers", self.container, "export"), stream=True
            ),
            "failed to export container",
        )
