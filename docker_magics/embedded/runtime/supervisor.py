"""The engine's side of containers' processes: it has them started, and talks to their shims."""

from __future__ import annotations

import contextlib
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ApiError, BadParameter, as_api_error
from ..state import read_json, write_json
from ..storage.rootfs import Rootfs
from . import messages
from .driver import RuntimeDriver
from .spec import Spec, TreeSpec
from .zygote import Zygote

#: A shim's name in a container's folder.
CONTAINER = "shim"
RUNC_CREATE = "failed to create shim task: OCI runtime create failed: runc create failed"


class StartFailed(ApiError):
    """The container's program cannot be started.

    Attributes:
        words: what went wrong.
        exit_code: 127 where there is none, 126 where it cannot be run, 128 where that came before.
    """

    status = 400

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message if exit_code == 128 else runc_message(RUNC_CREATE, message))
        self.reason = message
        self.exit_code = exit_code


def runc_message(doing: str, message: str) -> str:
    """What dockerd says when runc has refused a process.

    source: moby daemon/errors.go: translateContainerdStartErr.
    """
    hint = ""
    if "not a directory" in message:
        hint = (
            ": Are you trying to mount a directory onto a file (or vice-versa)? Check if the"
            " specified host path exists and is the expected type"
        )
    return f"{doing}: unable to start container process: {message}: unknown{hint}"


@dataclass(frozen=True)
class Exit:
    """How a process ended: its exit code, and when, in nanoseconds since 1970."""

    code: int
    finished: int


class Supervisor:
    """Has the zygote start containers and execs, and reattaches to running ones.

    Create it before the engine has any thread.

    Attributes:
        driver: the runtime driver.
    """

    def __init__(self, driver: RuntimeDriver) -> None:
        self.driver = driver
        self._zygote = Zygote(driver)

    def create(self, folder: Path, spec: Spec, name: str = CONTAINER) -> Process:
        """Create a container, or an exec in one, whose program waits for `Process.start`.

        Args:
            folder: of the container.
            spec: what runs.
            name: `shim`, or the exec's own.

        Raises:
            StartFailed: it cannot be created.
            ApiError: the disk is full.
        """
        try:
            write_json(folder / f"{name}.json", dict(spec))
            (folder / f"{name}.exit").unlink(missing_ok=True)
            answer = self._zygote.start_shim(folder, name)
        except OSError as error:
            raise as_api_error(error) from error
        if "error" in answer:
            raise StartFailed(answer["error"], 126)
        return Process(folder, name, answer["pid"])

    def files(self, folder: Path, spec: TreeSpec) -> contextlib.AbstractContextManager[Rootfs]:
        """Return the file tree of a container that does not run, its mounts in place."""
        return self.driver.files(self._zygote.mounted, folder, spec)

    def processes(self, process: Process) -> list[int]:
        """Return the PIDs of all processes of a container."""
        return self.driver.processes(process.pid)

    def reattach(self, folder: Path, pid: int, name: str = CONTAINER) -> Process | None:
        """Return the process of a shim that an earlier engine started; None where it ended."""
        try:
            messages.connect(folder, f"{name}.sock").close()
        except OSError:
            return None
        return Process(folder, name, pid)

    def close(self) -> None:
        """Let the zygote end; containers run on."""
        self._zygote.close()


class Process:
    """A container's or an exec's process, by way of its shim. Safe to use from any thread.

    Attributes:
        pid: as the engine sees it.
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

    def attach(
        self, *, stdin: bool, streams: tuple[str, ...] = ("stdout", "stderr")
    ) -> socket.socket:
        """A connection that carries output from now on, in frames unless there is a terminal.

        What is sent goes to the process where `stdin` is set.
        """
        sock = messages.connect(self._folder, f"{self._name}.sock")
        messages.send_line(sock, {"op": "attach", "stdin": stdin, "streams": streams})
        messages.receive_line(sock)
        return sock

    def signal(self, number: int) -> None:
        """Send a signal to the process.

        Raises:
            ProcessLookupError: it has ended.
        """
        try:
            answer = self._ask({"op": "signal", "number": number})
        except OSError as error:
            raise ProcessLookupError(str(error)) from error
        if "error" in answer:
            raise ProcessLookupError(answer["error"])

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
        """Block until it has ended."""
        try:
            return _exit(self._ask({"op": "wait"}))
        except (OSError, ValueError):
            return self.saved_exit()

    def saved_exit(self) -> Exit:
        """How it ended, by the file that its shim left; 137 where that was killed too."""
        try:
            return _exit(read_json(self._folder / f"{self._name}.exit"))
        except (FileNotFoundError, ApiError):
            return Exit(137, 0)

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        with messages.connect(self._folder, f"{self._name}.sock") as sock:
            messages.send_line(sock, request)
            return messages.receive_line(sock)


def _exit(found: dict[str, Any]) -> Exit:
    return Exit(int(found["code"]), int(found["finished"]))
