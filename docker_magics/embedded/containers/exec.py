"""One exec: a further process in a running container.

source: Engine API, "Exec"; moby daemon/container/exec.go.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
from typing import Any, TypedDict

from ..errors import Conflict
from ..records.container import Container
from ..runtime import capabilities
from ..runtime.process import Process
from ..runtime.spec import ExecSpec
from . import security
from .attach import output_streams

#: Seconds that an exec can be inspected after its end; source: moby daemon/exec.go: execCommandGC.
REMEMBERED_S = 300


class ExecConfig(TypedDict):
    """The program of an exec, with the API's names.

    Attributes:
        Env: `NAME=value`; of `Execs.create`, what is added to the container's variables.
        User, WorkingDir: empty for root and `/`.
        DetachKeys: empty for the default.
        ConsoleSize: rows and columns.
    """

    Cmd: list[str]
    Tty: bool
    User: str
    Privileged: bool
    Env: list[str]
    WorkingDir: str
    DetachKeys: str
    ConsoleSize: list[int] | None
    AttachStdin: bool
    AttachStdout: bool
    AttachStderr: bool


class Exec:
    """One exec of a container.

    Attributes:
        id: the whole ID.
        config: what it runs.
        process: while it runs.
        exit_code: None until it has ended.
        begun: set when its program runs.
        ended: set when it has ended, or could not start.

    Args:
        container: runs.
        config: what the exec runs.
    """

    def __init__(self, container: Container, config: ExecConfig) -> None:
        self.id = secrets.token_hex(32)
        self.container = container
        self.config = config
        self.process: Process | None = None
        self.exit_code: int | None = None
        self.begun = threading.Event()
        self.ended = threading.Event()
        self._lock = threading.Lock()
        self._is_claimed = False
        self._forget_at = 0.0

    @property
    def command(self) -> str:
        """The command as events show it, with a blank after the first word in any case."""
        program, *arguments = self.config["Cmd"]
        return f"{program} {' '.join(arguments)}"

    @property
    def name(self) -> str:
        """The name of its files in the container's folder."""
        return f"exec-{self.id[:16]}"

    @property
    def is_expired(self) -> bool:
        """Whether it can be forgotten."""
        return self.container.removed or 0 < self._forget_at < time.monotonic()

    @property
    def streams(self) -> tuple[str, ...]:
        """The output streams that a client attaches to; a terminal has stdout alone."""
        return output_streams(
            stdout=self.config["AttachStdout"],
            stderr=self.config["AttachStderr"],
            tty=self.config["Tty"],
        )

    def claim(self) -> None:
        """Reserve its only start.

        Raises:
            Conflict: it has been started before.
        """
        with self._lock:
            if self._is_claimed:
                raise Conflict(f"Error: Exec command {self.id} has already run")
            self._is_claimed = True

    def end(self, code: int) -> None:
        """Record that it has ended, or could not start, and remove its files."""
        self.exit_code = code
        self.process = None
        self._forget_at = time.monotonic() + REMEMBERED_S
        self.container.execs.pop(self.id, None)
        for suffix in ("json", "exit"):
            with contextlib.suppress(OSError):
                (self.container.folder / f"{self.name}.{suffix}").unlink()
        self.ended.set()

    def as_json(self) -> dict[str, Any]:
        """Return the API's ExecInspectResponse."""
        config = self.config
        program, *arguments = config["Cmd"]
        process = self.process
        return {
            "ID": self.id,
            "Running": process is not None,
            "ExitCode": self.exit_code,
            "ProcessConfig": {
                "tty": config["Tty"],
                "entrypoint": program,
                "arguments": arguments,
                "privileged": config["Privileged"],
                **({"user": config["User"]} if config["User"] else {}),
            },
            "OpenStdin": config["AttachStdin"],
            "OpenStderr": config["AttachStderr"],
            "OpenStdout": config["AttachStdout"],
            "CanRemove": self.exit_code is not None,
            "ContainerID": self.container.id,
            "DetachKeys": "",
            "Pid": process.pid if process else 0,
        }


def exec_spec(exec_: Exec, pid: int, procs_files: list[str]) -> ExecSpec:
    """Return the specification of an exec for drivers that enter namespaces.

    Args:
        exec_: the exec.
        pid: of the container's init process.
        procs_files: the cgroup.procs files of the container's control groups.
    """
    config, host_config = exec_.config, exec_.container.host_config
    options = security.parse(host_config["SecurityOpt"])
    privileged = config["Privileged"] or host_config["Privileged"]
    return {
        "args": config["Cmd"],
        "env": config["Env"],
        "cwd": config["WorkingDir"] or "/",
        "user": config["User"],
        "groups": host_config["GroupAdd"] or [],
        "tty": config["Tty"],
        "stdin": config["AttachStdin"],
        "stdin_once": True,
        "size": config["ConsoleSize"],
        "caps": capabilities.select(
            host_config["CapAdd"] or [], host_config["CapDrop"] or [], privileged=privileged
        ),
        "no_new_privs": options.no_new_privileges,
        "seccomp": security.filter_of(host_config),
        "privileged": privileged,
        "ulimits": host_config["Ulimits"] or [],
        "join": pid,
        "cgroup": procs_files,
    }
