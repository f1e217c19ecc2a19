"""Further processes in a running container.

source: Engine API, "Exec"; moby daemon/exec.go.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
from typing import TYPE_CHECKING, Any

from ...wire import frames
from ...wire.detach import Detached, DetachKeys
from ..api.messages import Empty, Hijack, Json, RawConnection, Request, Response
from ..errors import ApiError, BadParameter, Conflict, NotFound
from ..runtime import capabilities
from ..runtime.spec import ExecSpec
from ..runtime.supervisor import Process, StartFailed, runc_message
from .attach import carry, detach_keys
from .spec import is_filtered, no_new_privileges

if TYPE_CHECKING:
    from ..engine import Engine
    from ..records.container import Container


#: How long a resize waits for a process that is about to begin, in seconds.
_BEGIN_S = 10
#: How long one can still ask how an exec ended, in seconds: dockerd forgets them as late.
_REMEMBERED_S = 300
_DOING = "OCI runtime exec failed: exec failed"


class Exec:
    """One exec of a container.

    Attributes:
        config: the API's ExecConfig.
        exit_code: None until it has ended.
    """

    def __init__(self, container: Container, config: dict[str, Any]) -> None:
        self.id = secrets.token_hex(32)
        self.container = container
        self.config = config
        self.process: Process | None = None
        self.started = False
        self.exit_code: int | None = None
        self.begun = threading.Event()
        self.ended = threading.Event()
        self._forget_at = 0.0

    @property
    def command(self) -> str:
        """Its words, as events have them: a blank behind the first one, come what may."""
        first, *rest = self.config["Cmd"]
        return f"{first} {' '.join(rest)}"

    @property
    def name(self) -> str:
        """The name of its files in the container's folder."""
        return f"exec-{self.id[:16]}"

    @property
    def is_past(self) -> bool:
        """Whether nobody needs to know of it any more."""
        return self.container.removed or 0 < self._forget_at < time.monotonic()

    def end(self, code: int) -> None:
        """It has ended, or could not begin: its files go."""
        self.exit_code = code
        self.process = None
        self._forget_at = time.monotonic() + _REMEMBERED_S
        self.container.execs.pop(self.id, None)
        for suffix in ("json", "exit"):
            with contextlib.suppress(OSError):
                (self.container.folder / f"{self.name}.{suffix}").unlink()
        self.ended.set()

    def as_json(self) -> dict[str, Any]:
        """The API's ExecInspect."""
        config = self.config
        words = config["Cmd"]
        return {
            "ID": self.id,
            "Running": self.process is not None,
            "ExitCode": self.exit_code,
            "ProcessConfig": {
                "tty": config["Tty"],
                "entrypoint": words[0],
                "arguments": words[1:],
                "privileged": config["Privileged"],
                **({"user": config["User"]} if config["User"] else {}),
            },
            "OpenStdin": config["AttachStdin"],
            "OpenStderr": config["AttachStderr"],
            "OpenStdout": config["AttachStdout"],
            "CanRemove": self.exit_code is not None,
            "ContainerID": self.container.id,
            "DetachKeys": "",
            "Pid": self.process.pid if self.process else 0,
        }


def create(engine: Engine, request: Request) -> Json:
    """ContainerExec."""
    container = engine.container_store.get(request.params["name"])
    body = request.json()
    words = body.get("Cmd") or []
    if not words:
        raise BadParameter("No exec command specified")
    _check_active(container, request.params["name"])
    keys = body.get("DetachKeys") or ""
    if keys:
        detach_keys(keys, active=True, kind="escape")
    new = Exec(
        container,
        {
            "Cmd": [words] if isinstance(words, str) else list(words),
            "Tty": bool(body.get("Tty")),
            "User": body.get("User") or container.config["User"],
            "Privileged": bool(body.get("Privileged")),
            "Env": engine.container_specs.environment(
                container, tty=bool(body.get("Tty")), extra=body.get("Env") or []
            ),
            "WorkingDir": body.get("WorkingDir") or container.config["WorkingDir"],
            "DetachKeys": keys,
            "ConsoleSize": body.get("ConsoleSize"),
            **{f"Attach{each}": bool(body.get(f"Attach{each}")) for each in _STREAMS},
        },
    )
    for past in [key for key, each in list(engine.execs.items()) if each.is_past]:
        engine.execs.pop(past, None)
    container.execs[new.id] = new
    engine.execs[new.id] = new
    engine.container_events.publish(container, f"exec_create: {new.command}", {"execID": new.id})
    return Json({"Id": new.id}, 201)


_STREAMS = ("Stdin", "Stdout", "Stderr")


def _check_active(container: Container, name: str) -> None:
    if container.state["Paused"]:
        raise Conflict(f"Container {name} is paused, unpause the container before exec")
    container.active()


def find(engine: Engine, text: str) -> Exec:
    """An exec by its ID.

    Raises:
        NotFound: there is none.
    """
    found = engine.execs.get(text)
    if found is None or found.container.removed:
        raise NotFound(f"No such exec instance: {text}")
    return found


def start(engine: Engine, request: Request) -> Response:
    """ExecStart."""
    found = find(engine, request.params["id"])
    body = request.json(required=False)
    _check_active(found.container, found.container.id)
    if found.started:
        raise Conflict(f"Error: Exec command {found.id} has already run")
    found.started = True
    if found.config["Tty"] and body.get("ConsoleSize"):
        found.config["ConsoleSize"] = body["ConsoleSize"]
    if body.get("Detach"):
        process = make(engine, found)
        _run(engine, found, process)
        return Empty(200)
    framed = not body.get("Tty")
    return Hijack(
        lambda raw: _talk(engine, found, raw, framed=framed), content_type=_kind(framed, request)
    )


def _kind(framed: bool, request: Request) -> str:  # noqa: FBT001 - says what the stream is
    is_raw = not framed or request.version < (1, 42)
    return f"application/vnd.docker.{'raw' if is_raw else 'multiplexed'}-stream"


def make(engine: Engine, found: Exec) -> Process:
    """Make the process, which waits to be let go.

    Raises:
        ApiError: it cannot be made; the exec has an exit code then.
    """
    container, config = found.container, found.config
    first = container.process
    if first is None:
        raise Conflict(f"Container {container.id} is not running")
    folder = config["WorkingDir"] or "/"
    if not folder.startswith("/"):
        found.end(126)
        raise StartWords(f"{_DOING}: Cwd must be an absolute path: unknown")
    host = container.host_config
    spec: ExecSpec = {
        "args": config["Cmd"],
        "env": config["Env"],
        "cwd": folder,
        "user": config["User"],
        "groups": host["GroupAdd"] or [],
        "tty": config["Tty"],
        "stdin": config["AttachStdin"],
        "stdin_once": True,
        "size": config["ConsoleSize"],
        "caps": capabilities.select(
            host["CapAdd"] or [],
            host["CapDrop"] or [],
            privileged=config["Privileged"] or host["Privileged"],
        ),
        "no_new_privs": no_new_privileges(host["SecurityOpt"] or []),
        "seccomp": not config["Privileged"] and is_filtered(host["SecurityOpt"] or []),
        "privileged": config["Privileged"] or host["Privileged"],
        "ulimits": host["Ulimits"] or [],
        "join": first.pid,
        "cgroup": engine.cgroups.procs_files(container.id),
    }
    if not engine.supervisor.driver.enters_namespaces:
        whole = engine.container_specs.build(container)
        spec["rootfs"], spec["mounts"] = whole["rootfs"], whole["mounts"]
        spec["namespaces"] = whole["namespaces"]
    try:
        return engine.supervisor.create(container.folder, spec, found.name)
    except StartFailed as fault:
        raise _failed(found, fault) from fault


def _failed(found: Exec, fault: StartFailed) -> ApiError:
    found.end(126)
    return StartWords(
        fault.reason if fault.exit_code == 128 else runc_message(_DOING, fault.reason)
    )


class StartWords(ApiError):
    """An exec that could not be started."""

    status = 400


def _run(engine: Engine, found: Exec, process: Process) -> None:
    """Let the process go, and remember how it ends.

    Raises:
        ApiError: the program cannot be executed.
    """
    container = found.container
    try:
        process.start()
    except StartFailed as fault:
        raise _failed(found, fault) from fault
    found.process = process
    found.begun.set()
    action = f"exec_start: {found.command}"
    engine.container_events.publish(container, action, {"execID": found.id})
    threading.Thread(target=_watch, args=(engine, found, process), daemon=True).start()


def _watch(engine: Engine, found: Exec, process: Process) -> None:
    end = process.wait()
    found.end(end.code)
    engine.container_events.publish(
        found.container, "exec_die", {"execID": found.id, "exitCode": str(end.code)}
    )


def _talk(engine: Engine, found: Exec, raw: RawConnection, *, framed: bool) -> None:
    config = found.config
    streams = tuple(n for n in ("stdout", "stderr") if config[f"Attach{n.title()}"])
    if config["Tty"]:
        streams = ("stdout",) if streams else ()
    try:
        process = make(engine, found)
        sock = process.attach(stdin=config["AttachStdin"], streams=streams)
        _run(engine, found, process)
    except ApiError as fault:
        words = f"{fault}\r\n".encode()
        raw.sendall(frames.encode(frames.Stream.STDOUT, words) if framed else words)
        raw.close_write()
        return
    keys = DetachKeys(config["DetachKeys"], active=config["Tty"])
    with contextlib.suppress(Detached):
        carry(raw, sock, keys, framed=framed and config["Tty"])
        found.ended.wait()  # the exit code is there before the client sees the end
    raw.close_write()


def inspect(engine: Engine, request: Request) -> Json:
    """ExecInspect."""
    return Json(find(engine, request.params["id"]).as_json())


def resize(engine: Engine, request: Request) -> Empty:
    """ExecResize."""
    found = find(engine, request.params["id"])
    found.begun.wait(_BEGIN_S)
    if found.process is None:
        raise BadParameter(f"cannot resize a stopped container: {found.id}")
    found.process.resize(request.number("h"), request.number("w"))
    return Empty(200)
