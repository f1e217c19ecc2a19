"""docker run: create a container and start it."""

from __future__ import annotations

from typing import Any

from docker_magics.cli.command import flag
from docker_magics.engine.client import Engine, path
from docker_magics.errors import DockerMagicsError, EngineUnreachable, UsageError
from docker_magics.results.text import Text

from ._attached import AttachedConsole, AttachOptions, attach_process, detach_keys, require_stdin
from ._create import create, exit_codes
from ._flags import CreateFlags
from ._script import ends_by_itself

_NOT_FOUND = ("executable file not found", "no such file or directory")
_NOT_EXECUTABLE = ("permission denied", "is a directory")


class ContainerRun(CreateFlags):
    """Create and run a new container from an image"""

    aliases = ("run",)

    detach: bool = flag("-d, --detach", "Run container in background and print container ID")
    detach_keys: str = flag(
        "--detach-keys string", "Override the key sequence for detaching a container"
    )
    sig_proxy: bool = flag("--sig-proxy", "Proxy received signals to the process", default=True)

    def run(self, engine: Engine) -> Any:
        """Return the ID with --detach, else the process, whose output is shown as it arrives.

        source: Engine API, ContainerCreate, ContainerAttach, ContainerWait, ContainerStart.
        """
        if self.detach and self.attach:
            raise UsageError("conflicting options: cannot specify both --attach and --detach")
        detach_keys(self.detach_keys)
        if not self.detach:
            is_read = self.attaches("stdin")
            require_stdin(self.terminal, is_read=is_read, flag="-i", tty=self.tty)
        started = self._detached if self.detach else self._attached
        return create(self, engine, lambda identity: started(engine, identity))

    def attaches(self, stream: str) -> bool:
        """Whether a stream is attached; with --detach none is."""
        return not self.detach and super().attaches(stream)

    def exit_code(self, error: DockerMagicsError) -> int:
        """Return 127 if the command is not found, 126 if it cannot be executed.

        Return 1 if no engine answers, else 125.

        source: docker/cli, cli/command/container/run.go: toStatusError.
        """
        message = str(error)
        if isinstance(error, EngineUnreachable):
            return error.exit_code
        if any(text in message for text in _NOT_FOUND):
            return 127
        return 126 if any(text in message for text in _NOT_EXECUTABLE) else 125

    def _detached(self, engine: Engine, identity: str) -> Text:
        condition = {"condition": "removed" if self.rm else "next-exit"}
        wait = engine.request(
            "POST", path("containers", identity, "wait"), query=condition, stream=True
        )
        with wait, exit_codes(self):
            engine.post(path("containers", identity, "start"))
        return Text(identity)

    def _attached(self, engine: Engine, identity: str) -> Any:
        streams = frozenset(
            stream for stream in ("stdin", "stdout", "stderr") if self.attaches(stream)
        )
        attachment = AttachOptions(
            container=identity,
            name=self.name or identity[:12],
            streams=streams,
            tty=self.tty,
            stdin=self.terminal.stdin,
            sig_proxy=self.sig_proxy,
            detach_keys=detach_keys(self.detach_keys),
            start=True,
            wait_for="removed" if self.rm else "next-exit",
            exit_code=self.exit_code,
        )
        process = attach_process(engine, attachment)
        if isinstance(process, AttachedConsole):
            process.ends_by_itself = ends_by_itself([*filter(None, [self.entrypoint]), *self.args])
        return process
