"""docker checkpoint ls: list the checkpoints of a container."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import Command, operand
from docker_magics.engine.client import Engine, path
from docker_magics.results.listing import render_listing, text_listing

from ._experimental import checkpoint_dir, experimental


class CheckpointLs(Command):
    """List checkpoints for a container"""

    usage = "[OPTIONS] CONTAINER"
    aliases = ("checkpoint list",)

    checkpoint_dir: str = checkpoint_dir()
    container: str = operand()

    def run(self, engine: Engine) -> Any:
        """Return the checkpoints.

        Returns:
            A Table with the column CHECKPOINT NAME (str).

        source: docker/cli, cli/command/checkpoint/list.go.
        """
        query = {"dir": self.checkpoint_dir}
        with experimental(engine, "ls"):
            checkpoints = engine.get(path("containers", self.container, "checkpoints"), query)
        return render_listing(_CHECKPOINTS, checkpoints or [])


_CHECKPOINTS = text_listing(
    {"Name": lambda checkpoint: checkpoint["Name"]}, headings={"Name": "CHECKPOINT NAME"}
)
