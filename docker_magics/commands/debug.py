"""docker debug: a shell with tools beside a container that has none."""

from __future__ import annotations

import io
import shlex
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from docker_magics.cli.command import Command, flag, operand
from docker_magics.commands.container._create import create
from docker_magics.commands.container._interrupts import create_container, removed_after
from docker_magics.commands.container.create import ContainerCreate
from docker_magics.commands.container.run import ContainerRun
from docker_magics.commands.container.start import ContainerStart
from docker_magics.engine.client import Engine, path
from docker_magics.errors import NotFound, UsageError

_SHELL = "$(command -v bash || command -v ash || echo sh)"
#: Runs the command $1 in the folder $0.
_SCRIPT = 'cd "$0" && exec sh -c "$1"'
#: The folder of a copy, in the container of the tools.
_COPY = "debug"
#: Warnings of the embedded engine where containers have no PID namespaces, as on Binder.
_SHARED = ("WARNING: No isolation", "WARNING: Little isolation")


class Debug(Command):
    """Open a shell with tools beside a container that has none"""

    usage = "[OPTIONS] CONTAINER|IMAGE"
    long = (
        "The shell is in a new container, which sees the processes and the network of the other\n"
        "one; the current folder is that container's root. It is removed when the shell ends.\n"
        "Of a container that does not run, and of an image, it has a copy of the files."
    )

    command: str = flag("-c, --command string", "Run a command instead of a shell")
    image: str = flag("--image string", "Image that has the tools", default="busybox")
    shell: str = flag("--shell string", "Shell to run", default="auto")
    container: str = operand()

    def run(self, engine: Engine) -> Any:
        """Return an Interactive; with -c the process.

        Raises:
            NotFound: there is neither such a container nor such an image.
            UsageError: the container shares another one's processes.

        source: Engine API, ContainerInspect, ContainerCreate, ContainerExport, PutContainerArchive.
        """
        try:
            details = engine.get(path("containers", self.container, "json"))
        except NotFound:
            details = None
            engine.get(path("images", self.container, "json"))
        if details is None or not details["State"]["Running"]:
            return self._with_copy(engine, details)
        if _has_namespaces(engine):
            return self._beside(engine, details)
        self.terminal.notify("This engine shares no files: the shell has a copy of them.")
        return self._with_copy(engine, details, [f"--network=container:{details['Id']}"])

    def _beside(self, engine: Engine, details: dict[str, Any]) -> Any:
        """Run the tools in the namespaces of a running container."""
        pid_mode, init = self._processes(details)
        options = [
            "--cap-add=SYS_PTRACE",  # without it, other users' files are closed
            *(f"--pid={pid_mode}", f"--network=container:{details['Id']}"),
        ]
        line = self._line(options, f"/proc/{init}/root")
        tools = ContainerRun.parse(line, terminal=self.terminal)
        assert tools is not None
        return tools.run(engine)

    def _with_copy(
        self, engine: Engine, details: dict[str, Any] | None, options: Sequence[str] = ()
    ) -> Any:
        """Run the tools with a copy of the files of a container, or of an image."""
        tools = ContainerCreate.parse(self._line(options, f"/{_COPY}"), terminal=self.terminal)
        assert tools is not None

        def start(identity: str) -> Any:
            streams = self._streams()[:1]  # -i, or none
            command = ContainerStart.parse(["-a", *streams, identity], terminal=self.terminal)
            assert command is not None
            with removed_after(BaseException, engine, identity):
                with _container(engine, self.container, details) as source:
                    _copy(engine, source, identity)
                return command.run(engine)

        return create(tools, engine, start)

    def _line(self, options: Sequence[str], folder: str) -> list[str]:
        """Return the arguments of `docker run` of the tools."""
        return [
            *("--rm", *options, *self._streams(), "--entrypoint=sh", self.image),
            *("-c", _SCRIPT, folder, self.command or f"exec {self._shell()}"),
        ]

    def _streams(self) -> list[str]:
        if not self.command:
            return ["-i", "-t"]
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


@contextmanager
def _container(engine: Engine, name: str, details: dict[str, Any] | None) -> Iterator[str]:
    """Yield the ID of a container; if `details` is None, of a temporary one of an image."""
    if details:
        yield details["Id"]
        return
    body = {"Image": name, "Cmd": ["-"]}  # never started; an image may have no command
    identity = create_container(engine, None, body)["Id"]
    try:
        yield identity
    finally:
        engine.delete(path("containers", identity), {"v": True})


def _copy(engine: Engine, source: str, target: str) -> None:
    """Copy all files of a container into a folder of another one."""
    folder = io.BytesIO()
    with tarfile.open(fileobj=folder, mode="w") as tar:
        member = tarfile.TarInfo(_COPY)
        member.type, member.mode = tarfile.DIRTYPE, 0o755
        tar.addfile(member)
    url = path("containers", target, "archive")
    engine.request("PUT", url, query={"path": "/"}, data=folder.getvalue())
    export = engine.request("GET", path("containers", source, "export"), stream=True)
    with export as files:
        engine.request("PUT", url, query={"path": f"/{_COPY}"}, data=files.pieces())


def _has_namespaces(engine: Engine) -> bool:
    warnings = engine.get("/info").get("Warnings") or []
    return not any(warning.startswith(_SHARED) for warning in warnings)
