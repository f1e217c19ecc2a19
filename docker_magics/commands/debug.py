"""docker debug: a shell with tools beside a container that has none."""

from __future__ import annotations

import shlex
from typing import Any

from docker_magics.cli.command import Command, flag, operand
from docker_magics.commands.container.run import ContainerRun
from docker_magics.engine.client import Engine, path
from docker_magics.errors import UsageError

_SHELL = "$(command -v bash || command -v ash || echo sh)"
#: Runs the command $1 in the folder $0.
_SCRIPT = 'cd "$0" && exec sh -c "$1"'


class Debug(Command):
    """Open a shell with tools beside a container that has none"""

    usage = "[OPTIONS] CONTAINER"
    long = (
        "The shell is in a new container, which sees the processes and the network of the other\n"
        "one; the current folder is that container's root. It is removed when the shell ends."
    )

    command: str = flag("-c, --command string", "Run a command instead of a shell")
    image: str = flag("--image string", "Image that has the tools", default="busybox")
    shell: str = flag("--shell string", "Shell to run", default="auto")
    container: str = operand()

    def run(self, engine: Engine) -> Any:
        """Return an Interactive; with -c the process.

        Raises:
            UsageError: the container is not running, or shares another one's processes.

        source: Engine API, ContainerInspect, ContainerCreate.
        """
        details = engine.get(path("containers", self.container, "json"))
        if not details["State"]["Running"]:
            raise UsageError(
                f"cannot debug {self.container}: it is not running",
                hint=f"Start it: docker start {self.container}",
            )
        pid_mode, init = self._processes(details)
        tools = ContainerRun.parse(
            [
                *("--rm", "--cap-add=SYS_PTRACE"),  # without it, other users' files are closed
                *(f"--pid={pid_mode}", f"--network=container:{details['Id']}"),
                *self._streams(),
                *("--entrypoint=sh", self.image),
                *("-c", _SCRIPT, f"/proc/{init}/root", self.command or f"exec {self._shell()}"),
            ],
            terminal=self.terminal,
        )
        assert tools is not None
        return tools.run(engine)

    def _streams(self) -> list[str]:
        if not self.command:
            return ["-it"]
        return ["-i"] if self.terminal.has_input else []

    def _shell(self) -> str:
        return _SHELL if self.shell == "auto" else shlex.quote(self.shell)

    def _processes(self, details: dict[str, Any]) -> tuple[str, int]:
        """Return the mode that shares the container's processes, and its first process's ID."""
        mode = str(details["HostConfig"].get("PidMode") or "")
        if mode == "host":
            return "host", details["State"]["Pid"]
        if mode.startswith("container:"):
            donor = mode.removeprefix("container:")[:12]
            message = f"cannot debug {self.container}: it shares the processes of {donor}"
            raise UsageError(message, hint=f"Debug that one: docker debug {donor}")
        return f"container:{details['Id']}", 1
