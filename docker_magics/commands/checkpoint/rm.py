"""docker checkpoint rm: remove a checkpoint."""

from __future__ import annotations

from docker_magics.cli.command import Command, operand
from docker_magics.engine.client import Engine, path

from ._experimental import checkpoint_dir, experimental


class CheckpointRm(Command):
    """Remove a checkpoint"""

    usage = "[OPTIONS] CONTAINER CHECKPOINT"
    aliases = ("checkpoint remove",)

    checkpoint_dir: str = checkpoint_dir()
    container: str = operand()
    checkpoint: str = operand()

    def run(self, engine: Engine) -> None:
        """Remove the checkpoint.

        source: docker/cli, cli/command/checkpoint/remove.go.
        """
        target = path("containers", self.container, "checkpoints", self.checkpoint)
        with experimental(engine, "rm"):
            engine.delete(target, {"dir": self.checkpoint_dir})
