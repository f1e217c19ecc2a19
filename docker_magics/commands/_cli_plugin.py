"""docker NAME, where docker-NAME is an installed plugin of the docker CLI: run it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from docker_magics.cli.command import Command, operands
from docker_magics.cli.terminal import Terminal
from docker_magics.compose.body import ComposeBody
from docker_magics.compose.call import Call
from docker_magics.compose.process import ComposeProcess
from docker_magics.engine.cli_plugins import CALLER, find_plugin
from docker_magics.engine.client import Engine
from docker_magics.engine.handover import environment_for
from docker_magics.errors import UnknownCommand


class CliPlugin(Command):
    """Run a plugin of the docker CLI"""

    usage = "COMMAND [ARG...]"

    args: list[str] = operands(1)

    @classmethod
    def parse(
        cls,
        args: Sequence[str],
        *,
        terminal: Terminal | None = None,
        spelling: str = "",  # noqa: ARG003 - the plugin has its own help
        **fields: Any,
    ) -> Self:
        """Return the command object; all arguments are the plugin's."""
        command = cls(args=list(args), **fields)
        command.terminal = terminal or Terminal()
        return command

    def run(self, engine: Engine) -> ComposeProcess:
        """Return the plugin's process, whose output is shown as it arrives.

        source: docker/cli, cli-plugins/manager/manager.go: PluginRunCommand.
        """
        name = self.args[0]
        program = find_plugin(name)
        if program is None:
            raise UnknownCommand(f"docker: unknown command: docker {name}")
        text = self.terminal.stdin.read().decode() if self.terminal.has_input else ""
        environment = {**environment_for(engine.address), CALLER: "docker"}
        body = ComposeBody(text)
        return ComposeProcess(Call(program, [], self.args, environment, body, name=name))
