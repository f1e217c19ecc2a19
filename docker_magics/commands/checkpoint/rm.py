"""docker checkpoint rm: remove a checkpoint."""

from __future__ import annotations

from docker_magics.cli.command import Command, operand
from docker_magics.engine.client import Engine, path

from ._experimental import check_experimental, checkpoint_dir


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
        check_experimental(engine, "rm")
        target = path("containers", self.container, "checkpoints", self.checkpoint)
        engine.delete(target, {"dir": self.checkpoint_dir})
