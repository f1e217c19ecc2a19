"""Attaching to a container's main process: run, start -a, attach.

source: Engine API, ContainerAttach, ContainerWait; docker/cli, cli/command/container/run.go.
"""

from __future__ import annotations

import operator
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, NamedTuple

from docker_magics.cli.terminal import Terminal
from docker_magics.engine.cli_config import CliConfig
from docker_magics.engine.client import Engine, path
from docker_magics.engine.hijack import HijackedConnection
from docker_magics.engine.streamed import StreamedResponse
from docker_magics.errors import DockerMagicsError, EngineError, NotFound, UsageError
from docker_magics.wire import detach

from ._hijacked import Console, HijackedProcess

#: Seconds by which a container's exit may lag behind the end of its output.
_LAG_S = 1.0
#: The docker CLI's exit code if the container's is unknown.
_UNKNOWN = 125


class AttachOptions(NamedTuple):
    """The options of attaching to a container.

    Attributes:
        container: the container's ID.
        name: the container's name in messages.
        streams: the attached streams: stdin, stdout, stderr.
        tty: whether the container has a TTY.
        stdin: the input; typed line by line if the container has a TTY and takes input.
        sig_proxy: whether interrupts are forwarded as signals.
        detach_keys: the keys that detach from a TTY.
        start: whether to start the container after attaching.
        wait_for: the wait condition: `next-exit`, `removed`, or "" for a running container.
        ends_input: whether to send EOF on stdin. Dockerd then ends the output too if the container
            keeps its stdin open (StdinOnce is false).
        start_query: the parameters of the start request, such as a checkpoint.
        exit_code: error -> exit code, if the container cannot be started.
    """

    container: str
    name: str
    streams: frozenset[str]
    tty: bool
    stdin: BinaryIO
    sig_proxy: bool
    detach_keys: str
    start: bool
    wait_for: str
    ends_input: bool = True
    start_query: Mapping[str, str] | None = None
    exit_code: Callable[[DockerMagicsError], int] = operator.attrgetter("exit_code")

    @property
    def is_console(self) -> bool:
        """Whether the session is interactive: a TTY with input."""
        return self.tty and "stdin" in self.streams


def attach_process(engine: Engine, attachment: AttachOptions) -> AttachedProcess:
    """Return the container's process; with a TTY and input, as a console."""
    return (AttachedConsole if attachment.is_console else AttachedProcess)(engine, attachment)


def detach_keys(given: str) -> str:
    """Return the detach keys of the command line, else of the CLI's configuration.

    Raises:
        UsageError: they are not a key sequence.
    """
    keys = given or str(CliConfig().read().get("detachKeys") or "")
    if keys:
        try:
            detach.read(keys)
        except ValueError as error:
            hint = "Write single letters or ctrl-LETTER, separated by commas."
            raise UsageError(f"invalid detach keys ({keys})", hint=hint) from error
    return keys


def require_stdin(terminal: Terminal, *, is_read: bool, flag: str, tty: bool) -> None:
    """Check that the standard input that the caller passes is read, and is a TTY for a TTY.

    Raises:
        UsageError: it is not, for lack of a flag or of a TTY.
    """
    if is_read and tty:
        terminal.require_tty()
    if terminal.is_required and not is_read:
        message = f"cannot pass the input to the process: it is not read without {flag}"
        raise UsageError(message, hint=f"Add {flag}, or leave the input away.")


class AttachedProcess(HijackedProcess):
    """The main process of a container."""

    def __init__(self, engine: Engine, attachment: AttachOptions) -> None:
        takes_input = "stdin" in attachment.streams
        super().__init__(
            engine,
            tty=attachment.tty,
            stdin=attachment.stdin if takes_input else None,
            detach_keys=attachment.detach_keys,
        )
        self.attachment = attachment
        self._exit: StreamedResponse | None = None

    def _call(self, verb: str, query: Mapping[str, Any] | None = None) -> Any:
        return self.engine.post(path("containers", self.attachment.container, verb), query)

    def _connect(self) -> HijackedConnection:
        try:
            return self._attach_and_start() if self.attachment.start else self._attach_to_running()
        except EngineError as error:
            error.exit_code = self.attachment.exit_code(error)
            raise

    def _attach_to_running(self) -> HijackedConnection:
        self._await_exit()
        return self._attach()

    def _attach_and_start(self) -> HijackedConnection:
        connection = self._attach()
        self._await_exit()
        try:
            self._call("start", self.attachment.start_query)
        except EngineError:
            connection.close()
            if self.attachment.wait_for == "removed":
                self._wait()
            raise
        return connection

    def _attach(self) -> HijackedConnection:
        streams = dict.fromkeys(self.attachment.streams, True)
        query = {"stream": True, "detachKeys": self.attachment.detach_keys} | streams
        return self.engine.hijack(path("containers", self.attachment.container, "attach"), query)

    def _await_exit(self) -> None:
        """Start waiting before the start: a container with --rm is gone after its exit."""
        query = {"condition": self.attachment.wait_for}
        url = path("containers", self.attachment.container, "wait")
        self._exit = StreamedResponse(self.engine.request("POST", url, query=query, stream=True))

    def _wait(self) -> int | None:
        response = self._exit.json() if self._exit else None
        if response is None:
            return None
        return (
            _UNKNOWN
            if (response.get("Error") or {}).get("Message")
            else int(response["StatusCode"])
        )

    def close_write(self) -> None:
        """Send EOF on stdin, unless that would end the output too."""
        if self.attachment.ends_input:
            super().close_write()

    def close(self) -> None:
        """Detach; the container keeps running."""
        super().close()
        if self._exit is not None:
            self._exit.close()

    def interrupt(self, times: int) -> str | None:
        """Send SIGINT, then stop, then SIGKILL; without --sig-proxy detach."""
        name = self.attachment.name
        if not self.attachment.sig_proxy:
            self.close()
            return f"{name} is still running; to stop it: docker stop {name}"
        try:
            if times == 1:
                self._call("kill", {"signal": "SIGINT"})
                return f"sent SIGINT to {name}; interrupt again to stop it"
            if times == 2:
                threading.Thread(target=self._stop, daemon=True, name="docker-magics-stop").start()
                return f"stopping {name}; interrupt again to kill it"
            self._call("kill")
        except EngineError as error:
            return f"cannot signal {name}: {error}"
        return f"killed {name}"

    def _stop(self) -> None:
        try:
            self._call("stop")
        except EngineError:
            return  # the container or the engine is gone: the output ends in either case


class AttachedConsole(AttachedProcess, Console):
    """An interactive process: the main process of a container with a TTY and input."""

    def _resize_path(self) -> str:
        return path("containers", self.attachment.container, "resize")

    def _wait(self) -> int | None:
        """Return the exit code, or None after the detach keys: the container keeps running."""
        deadline = time.monotonic() + _LAG_S
        while self._is_running():
            if time.monotonic() > deadline:
                return None
            time.sleep(_LAG_S / 10)
        return super()._wait()

    def _is_running(self) -> bool:
        try:
            details = self.engine.get(path("containers", self.attachment.container, "json"))
        except NotFound:
            return False
        return bool(details["State"]["Running"])

    def hang_up(self) -> None:
        """Stop the container if it was started for this console, else detach.

        A container with --rm that has not started yet is removed.
        """
        try:
            if self.attachment.start and self._connected.is_set():
                self._call("kill", {"signal": "SIGHUP"})
                self._call("stop", {"t": 1})
            elif self.attachment.start and self.attachment.wait_for == "removed":
                self.engine.delete(path("containers", self.attachment.container))
        except EngineError:
            return  # already exited
        finally:
            self.close()
