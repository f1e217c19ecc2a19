"""docker attach: attach to the input and output of a running container."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import Command, flag, operand
from docker_magics.engine.client import Engine, path
from docker_magics.errors import UsageError

from ._attached import AttachOptions, attach_process, detach_keys

#: State -> the end of the error message.
_STATES = {
    "Paused": "a paused container, unpause it first",
    "Restarting": "a restarting container, wait until it is running",
}


class ContainerAttach(Command):
    """Attach local standard input, output, and error streams to a running container"""

    usage = "[OPTIONS] CONTAINER"
    aliases = ("attach",)

    detach_keys: str = flag(
        "--detach-keys string", "Override the key sequence for detaching a container"
    )
    no_stdin: bool = flag("--no-stdin", "Do not attach STDIN")
    sig_proxy: bool = flag("--sig-proxy", "Proxy all received signals to the process", default=True)
    container: str = operand()

    def run(self, engine: Engine) -> Any:
        """Return the container's main process, whose output is shown as it arrives.

        source: Engine API, ContainerAttach.
        """
        keys = detach_keys(self.detach_keys)
        details = engine.get(path("containers", self.container, "json"))
        _check_state(details["State"])
        config = details["Config"]
        takes_input = not self.no_stdin and config["OpenStdin"]
        attachment = AttachOptions(
            container=self.container,
            name=self.container,
            streams=frozenset({"stdout", "stderr"} | ({"stdin"} if takes_input else set())),
            tty=config["Tty"],
            stdin=self.terminal.stdin,
            sig_proxy=self.sig_proxy,
            detach_keys=keys,
            start=False,
            ends_input=config["Tty"] or config.get("StdinOnce", False),
            wait_for="",
        )
        return attach_process(engine, attachment)


def _check_state(state: dict[str, Any]) -> None:
    if not state["Running"]:
        raise UsageError("cannot attach to a stopped container, start it first")
    for key, problem in _STATES.items():
        if state.get(key):
            raise UsageError(f"cannot attach to {problem}")
