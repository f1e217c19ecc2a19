"""docker checkpoint create: save the state of a running container's processes."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operand
from docker_magics.engine.client import Engine, path
from docker_magics.results.text import Text

from ._experimental import checkpoint_dir, experimental


class CheckpointCreate(Command):
    """Create a checkpoint from a running container"""

    usage = "[OPTIONS] CONTAINER CHECKPOINT"

    checkpoint_dir: str = checkpoint_dir()
    leave_running: bool = flag("--leave-running", "Leave the container running after checkpoint")
    container: str = operand()
    checkpoint: str = operand()

    def run(self, engine: Engine) -> Text:
        """Return the checkpoint's name.

        source: docker/cli, cli/command/checkpoint/create.go.
        """
        body = {
            "CheckpointID": self.checkpoint,
            "CheckpointDir": self.checkpoint_dir,
            "Exit": not self.leave_running,
        }
        with experimental(engine, "create"):
            engine.post(path("containers", self.container, "checkpoints"), body=body)
        return Text(self.checkpoint)
