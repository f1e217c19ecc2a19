"""docker start: start containers that are stopped."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import Command, flag, operands
from docker_magics.commands._batch import for_each
from docker_magics.engine.client import Engine, path
from docker_magics.errors import DockerMagicsError, UsageError

from ._attached import AttachOptions, attach_process, detach_keys


class ContainerStart(Command):
    """Start one or more stopped containers"""

    usage = "[OPTIONS] CONTAINER [CONTAINER...]"
    aliases = ("start",)

    attach: bool = flag("-a, --attach", "Attach STDOUT/STDERR and forward signals")
    checkpoint: str = flag("--checkpoint string", "Restore from this checkpoint", hidden=True)
    checkpoint_dir: str = flag(
        "--checkpoint-dir string", "Use a custom checkpoint storage directory", hidden=True
    )
    detach_keys: str = flag(
        "--detach-keys string", "Override the key sequence for detaching a container"
    )
    interactive: bool = flag("-i, --interactive", "Attach container's STDIN")
    containers: list[str] = operands(1)

    def run(self, engine: Engine) -> Any:
        """Return the names of the started containers; with --attach the container's process.

        source: Engine API, ContainerStart.
        """
        self._check_experimental(engine)
        is_single = len(self.containers) == 1
        if self.attach or self.interactive:
            if not is_single:
                raise UsageError("you cannot start and attach multiple containers at once")
            return self._attached(engine, self.containers[0])
        if self.checkpoint:
            if not is_single:
                raise UsageError("you cannot restore multiple containers at once")
            engine.post(path("containers", self.containers[0], "start"), self._checkpoint())
            return None
        try:
            return for_each(
                self.containers, lambda name: engine.post(path("containers", name, "start"))
            )
        except DockerMagicsError as error:
            failed = [name for name in self.containers if name not in error.result]
            error.message += f"\nfailed to start containers: {', '.join(failed)}"
            raise

    def _check_experimental(self, engine: Engine) -> None:
        for name, value in (
            ("--checkpoint", self.checkpoint),
            ("--checkpoint-dir", self.checkpoint_dir),
        ):
            if value and not engine.is_experimental:
                only = "only supported on a Docker daemon with experimental features enabled"
                raise UsageError(f'"{name}" is {only}')

    def _checkpoint(self) -> dict[str, str]:
        return {"checkpoint": self.checkpoint, "checkpoint-dir": self.checkpoint_dir}

    def _attached(self, engine: Engine, name: str) -> Any:
        keys = detach_keys(self.detach_keys)
        details = engine.get(path("containers", name, "json"))
        config = details["Config"]
        takes_input = self.interactive and config["OpenStdin"]
        attachment = AttachOptions(
            container=details["Id"],
            name=name,
            streams=frozenset({"stdout", "stderr"} | ({"stdin"} if takes_input else set())),
            tty=config["Tty"],
            stdin=self.terminal.stdin,
            sig_proxy=True,
            detach_keys=keys,
            start=True,
            start_query=self._checkpoint(),
            wait_for="removed" if details["HostConfig"]["AutoRemove"] else "next-exit",
        )
        return attach_process(engine, attachment)
