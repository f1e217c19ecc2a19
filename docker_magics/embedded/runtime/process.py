"""The engine's side of a running process: talks to its shim."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ..descriptors import SHORTAGES
from ..errors import ApiError, BadParameter
from ..state import read_json
from . import messages

_T = TypeVar("_T")

#: The name of a container's shim.
CONTAINER = "shim"
#: Between two attempts to reach a shim while descriptors are short.
_PAUSE_S = 0.2
#: What dockerd's messages begin with when a container's task cannot be created.
NO_TASK = "failed to create task for container"
RUNC_CREATE = (
    f"{NO_TASK}: failed to create shim task: OCI runtime create failed: runc create failed"
)


#: Reasons that dockerd takes for a command that does not exist.
_NO_COMMAND = ("not a directory", "executable file not found", "no such file or directory")


class StartFailed(ApiError):
    """The container's program cannot be started.

    Attributes:
        reason: runc's message.
        exit_code: 127 if the program does not exist, 126 if it cannot be executed, 128 if an
            earlier step failed.
    """

    status = 400

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message if exit_code == 128 else runc_message(RUNC_CREATE, message))
        self.reason = message
        self.exit_code = exit_code


def runc_message(doing: str, message: str) -> str:
    """Return dockerd's message of a process that runc cannot start.

    source: moby daemon/errors.go: translateContainerdStartErr.
    """
    hint = ""
    if "not a directory" in message:
        hint = (
            ": Are you trying to mount a directory onto a file (or vice-versa)? Check if the"
            " specified host path exists and is the expected type"
        )
    return f"{doing}: unable to start container process: {message}: unknown{hint}"


def exit_code_of(message: str) -> int:
    """Return dockerd's exit code of an exec that could not be started, by the reason.

    source: moby daemon/errors.go: setExitCodeFromError.
    """
    if "permission denied" in message or "is a directory" in message:
        return 126
    if any(text in message for text in _NO_COMMAND):
        return 127
    return 128


@dataclass(frozen=True)
class Exit:
    """The end of a process.

    Attributes:
        code: its exit code.
        finished: nanoseconds since 1970; 0 if its shim was killed: the process may run on.
    """

    code: int
    finished: int


class Process:
    """The process of a container or an exec, which its shim runs. Safe to use from any thread.

    Args:
        folder: of the container.
        name: of the shim.
        pid: in the engine's PID namespace.
    """

    def __init__(self, folder: Path, name: str, pid: int) -> None:
        self._folder = folder
        self._name = name
        self.pid = pid

    def start(self) -> None:
        """Let the program run.

        Raises:
            StartFailed: it cannot be executed.
        """
        answer = self._ask({"op": "start"})
        if "error" in answer:
            raise StartFailed(answer["error"], answer.get("code", 126))

    def abort_start(self) -> None:
        """Kill the process while `start` waits for it: until then, its shim does nothing else."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def attach(
        self, *, stdin: bool, streams: tuple[str, ...] = ("stdout", "stderr")
    ) -> socket.socket:
        """Return a connection that receives output from now on, framed unless it is a terminal's.

        Args:
            stdin: whether what is sent on it goes to the process.
            streams: stdout, stderr.

        Raises:
            OSError: the process has ended.
        """
        sock = messages.connect(self._folder, f"{self._name}.sock")
        try:
            messages.send_line(sock, {"op": "attach", "stdin": stdin, "streams": streams})
            messages.receive_line(sock)
        except BaseException:
            sock.close()
            raise
        return sock

    def signal(self, number: int) -> None:
        """Send a signal to the process.

        Raises:
            ProcessLookupError: it has ended.
        """
        try:
            answer = self._ask({"op": "signal", "number": number})
        except OSError as error:
            if error.errno in SHORTAGES:
                raise ApiError(f"cannot signal the process: {error.strerror}") from error
            raise ProcessLookupError(str(error)) from error
        if "error" in answer:
            raise ProcessLookupError(answer["error"])

    def kill(self) -> None:
        """Kill the process, also while descriptors are short; do nothing if it has ended."""
        with contextlib.suppress(OSError):
            _despite_shortages(lambda: self._ask({"op": "signal", "number": signal.SIGKILL}))

    def resize(self, height: int, width: int) -> None:
        """Set the terminal's size.

        Raises:
            BadParameter: the process has ended.
        """
        try:
            self._ask({"op": "resize", "height": height, "width": width})
        except OSError as error:
            raise BadParameter(f"cannot resize a stopped container: {error}") from error

    def wait(self) -> Exit:
        """Wait until the process has ended, also while descriptors are short."""
        return _despite_shortages(self._wait)

    def _wait(self) -> Exit:
        try:
            return _exit(self._ask({"op": "wait"}))
        except (OSError, ValueError) as error:
            if getattr(error, "errno", None) in SHORTAGES:
                raise
            return self.saved_exit()

    def saved_exit(self) -> Exit:
        """Return the end that the shim has saved; exit code 137 if the shim was killed too."""
        try:
            return _exit(read_json(self._folder / f"{self._name}.exit"))
        except (FileNotFoundError, ApiError):
            return Exit(137, 0)

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        with messages.connect(self._folder, f"{self._name}.sock") as sock:
            messages.send_line(sock, request)
            return messages.receive_line(sock)


def _despite_shortages(call: Callable[[], _T]) -> _T:
    """Call a function again while descriptors are short."""
    while True:
        try:
            return call()
        except OSError as error:
            if error.errno not in SHORTAGES:
                raise
        time.sleep(_PAUSE_S)


def _exit(message: dict[str, Any]) -> Exit:
    return Exit(int(message["code"]), int(message["finished"]))
