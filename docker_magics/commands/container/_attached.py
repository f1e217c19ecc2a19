"""A container's own process, attached to: run, start -a, attach.

source: Engine API, ContainerAttach, ContainerWait; docker/cli, cli/command/container/run.go.
"""

from __future__ import annotations

import operator
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from docker_magics.engine.client import Engine, path
from docker_magics.engine.context import ContextStore
from docker_magics.engine.hijack import HijackedConnection
from docker_magics.engine.streamed import StreamedResponse
from docker_magics.errors import DockerMagicsError, EngineError, NotFound

from ._hijacked import Console, HijackedProcess

#: Seconds that a container's end may lag behind the end of its output.
_LAG_S = 1.0
#: What the docker CLI exits with where it cannot learn the exit code.
_UNKNOWN = 125


@dataclass(frozen=True)
class AttachOptions:
    """How to attach to a container.

    Attributes:
        container: its ID.
        name: what messages call it.
        streams: which of stdin, stdout and stderr.
        tty: whether it has a terminal.
        stdin: what is sent into it; typed, where it has a terminal and takes input.
        sig_proxy: whether an interrupt is handed to it.
        detach_keys: the keys that detach from a terminal.
        start: whether it is started, once all is ready for its output.
        exit_code: what the line exits with where it cannot be started: the error -> the code.
        ends_input: whether the end of its input is told; dockerd takes that for the end of its
            output too, where the container keeps its input open (StdinOnce is false).
        start_query: what the start is told, as a checkpoint.
        wait_for: what is waited for: `next-exit`, `removed`, or "" for a container that runs.
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
        """Whether someone types into it."""
        return self.tty and "stdin" in self.streams


def attach_process(engine: Engine, attachment: AttachOptions) -> AttachedProcess:
    """The container's process: a console where someone types into it."""
    return (AttachedConsole if attachment.is_console else AttachedProcess)(engine, attachment)


def detach_keys(given: str) -> str:
    """The keys of the line, or of the CLI's configuration."""
    return given or str(ContextStore.from_env().config().get("detachKeys") or "")


class AttachedProcess(HijackedProcess):
    """A container's process."""

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
            return self._started() if self.attachment.start else self._joined()
        except EngineError as error:
            error.exit_code = self.attachment.exit_code(error)
            raise

    def _joined(self) -> HijackedConnection:
        self._await_exit()
        return self._attach()

    def _started(self) -> HijackedConnection:
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
        """Ask for the exit code before there is one: later a container with --rm is gone."""
        query = {"condition": self.attachment.wait_for}
        url = path("containers", self.attachment.container, "wait")
        self._exit = StreamedResponse(self.engine.request("POST", url, query=query, stream=True))

    def _wait(self) -> int | None:
        answer = self._exit.json() if self._exit else None
        if answer is None:
            return None
        return _UNKNOWN if (answer.get("Error") or {}).get("Message") else int(answer["StatusCode"])

    def close_write(self) -> None:
        """End its input, where that ends nothing else."""
        if self.attachment.ends_input:
            super().close_write()

    def close(self) -> None:
        """Let go of it; a container that runs goes on."""
        super().close()
        if self._exit is not None:
            self._exit.close()

    def interrupt(self, times: int) -> str | None:
        """First SIGINT, then stop, then SIGKILL; without --sig-proxy the container is let go of."""
        name = self.attachment.name
        if not self.attachment.sig_proxy:
            self.close()
            return f"{name} still runs; docker stop {name} ends it"
        try:
            if times == 1:
                self._call("kill", {"signal": "SIGINT"})
                return f"{name} got SIGINT; interrupt again to stop it"
            if times == 2:
                threading.Thread(target=self._stop, daemon=True, name="docker-magics-stop").start()
                return f"stopping {name}; interrupt again to kill it"
            self._call("kill")
        except EngineError as error:
            return f"{name} could not be signalled: {error}"
        return f"{name} was killed"

    def _stop(self) -> None:
        try:
            self._call("stop")
        except EngineError:
            return  # it was removed meanwhile, or the engine is gone: its output ends either way


class AttachedConsole(AttachedProcess, Console):
    """A container's process with a terminal that someone types into."""

    def _resize_path(self) -> str:
        return path("containers", self.attachment.container, "resize")

    def _wait(self) -> int | None:
        """The exit code; None where the detach keys were typed and the container goes on."""
        deadline = time.monotonic() + _LAG_S
        while self._runs():
            if time.monotonic() > deadline:
                return None
            time.sleep(_LAG_S / 10)
        return super()._wait()

    def _runs(self) -> bool:
        try:
            answer = self.engine.get(path("containers", self.attachment.container, "json"))
        except NotFound:
            return False
        return bool(answer["State"]["Running"])

    def hang_up(self) -> None:
        """End the container where it was started for this terminal; else let go of it.

        One that has not begun and would be removed at its end is removed.
        """
        try:
            if self.attachment.start and self._connected.is_set():
                self._call("kill", {"signal": "SIGHUP"})
                self._call("stop", {"t": 1})
            elif self.attachment.start and self.attachment.wait_for == "removed":
                self.engine.delete(path("containers", self.attachment.container))
        except EngineError:
            return  # it had ended
        finally:
            self.close()
