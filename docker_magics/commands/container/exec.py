"""docker exec: run a process in a running container."""

from __future__ import annotations

import os
from typing import Any

from docker_magics.cli.command import Command, flag, operand, operands
from docker_magics.cli.flag_types import ENVIRONMENT
from docker_magics.cli.flag_types.texts import read_pairs
from docker_magics.engine.client import Engine, path
from docker_magics.errors import UsageError

from ._attached import detach_keys, require_stdin
from ._exec_process import ExecConsole, ExecProcess
from ._script import ends_by_itself


class ContainerExec(Command):
    """Execute a command in a running container"""

    usage = "[OPTIONS] CONTAINER COMMAND [ARG...]"
    aliases = ("exec",)
    interspersed = False

    detach: bool = flag("-d, --detach", "Detached mode: run command in the background")
    detach_keys: str = flag(
        "--detach-keys string", "Override the key sequence for detaching a container"
    )
    env: list[str] = flag("-e, --env list", "Set environment variables", flag_type=ENVIRONMENT)
    env_file: list[str] = flag("--env-file list", "Read in a file of environment variables")
    interactive: bool = flag("-i, --interactive", "Keep STDIN open even if not attached")
    privileged: bool = flag("--privileged", "Give extended privileges to the command")
    tty: bool = flag("-t, --tty", "Allocate a pseudo-TTY")
    user: str = flag("-u, --user string", 'Username or UID (format: "<name|uid>[:<group|gid>]")')
    workdir: str = flag("-w, --workdir string", "Working directory inside the container")
    container: str = operand()
    command: list[str] = operands(1)

    def run(self, engine: Engine) -> Any:
        """Return the process, whose output is shown as it arrives; None with --detach.

        source: Engine API, ContainerExec, ExecStart.
        """
        keys = detach_keys(self.detach_keys)
        is_read = self.interactive and not self.detach
        require_stdin(self.terminal, is_read=is_read, flag="-i", tty=self.tty)
        created = engine.post(path("containers", self.container, "exec"), body=self._body(keys))
        identity: str = created["Id"]
        if self.detach:
            start = {"Detach": True, "Tty": self.tty}
            engine.request("POST", path("exec", identity, "start"), body=start)
            return None
        kind = ExecConsole if self.tty and self.interactive else ExecProcess
        process = kind(
            engine,
            identity,
            container=self.container,
            tty=self.tty,
            stdin=self.terminal.stdin if self.interactive else None,
            detach_keys=keys,
        )
        if isinstance(process, ExecConsole):
            process.ends_by_itself = ends_by_itself(self.command)
        return process

    def _body(self, keys: str) -> dict[str, Any]:
        return {
            "User": self.user,
            "Privileged": self.privileged,
            "Tty": self.tty,
            "AttachStdin": self.interactive and not self.detach,
            "AttachStdout": not self.detach,
            "AttachStderr": not self.detach,
            "DetachKeys": keys,
            "Env": self._environment(),
            "WorkingDir": self.workdir,
            "Cmd": self.command,
        }

    def _environment(self) -> list[str]:
        try:
            from_files = [
                pair for name in self.env_file for pair in read_pairs(name, os.environ.get)
            ]
        except ValueError as error:
            raise UsageError(str(error)) from error
        return [*from_files, *self.env]
