"""Signals for exec processes, which the Engine API does not support.

ExecInspect reports the PID in the host's PID namespace; kill needs the PID in the container's. Both
sides list the exec processes in the order of their start: in the container, they are the processes
with parent PID 0, except for the init process (PID 1). Where no process has parent PID 0, as on the
embedded engine in a pod, the container has the host's PIDs. This also works with remote engines;
the container must have a shell.
"""

from __future__ import annotations

from contextlib import closing
from typing import NamedTuple

from docker_magics.engine.client import Engine, path
from docker_magics.wire.frames import Stream

#: One line per process: the shell's PID, the process's PID, /proc/PID/stat from the state on.
_LIST = (
    'for file in /proc/[0-9]*/stat; do read -r line < "$file" && '
    'echo "$$ ${line%% *} ${line##*) }"; done 2>/dev/null'
)
_SIGNAL = 'kill "-$0" "$@" 2>/dev/null && echo sent'


class _Process(NamedTuple):
    pid: int
    parent: int
    group: int
    session: int


def session_of(engine: Engine, container: str, identity: str) -> int | None:
    """Return the POSIX session of an exec process, as a PID in the container.

    Args:
        engine: the engine.
        container: the container.
        identity: the exec's ID.

    Returns:
        None if the process has exited, or cannot be distinguished from others.
    """
    target = engine.get(path("exec", identity, "json"))
    if not target["Running"]:
        return None
    details = engine.get(path("containers", container, "json"))
    if details["HostConfig"].get("PidMode") == "host":
        return int(target["Pid"])
    processes = _processes(engine, container)
    if processes and all(process.parent for process in processes):
        return int(target["Pid"])
    execs = {
        exec_id: engine.get(path("exec", exec_id, "json"))
        for exec_id in details.get("ExecIDs") or []
    }
    outside = sorted(
        (state["Pid"], exec_id == identity) for exec_id, state in execs.items() if state["Running"]
    )
    inside = sorted(
        exec_id.pid for exec_id in processes if exec_id.parent == 0 and exec_id.pid != 1
    )
    # The PID of a process that is starting may be 0.
    if len(inside) != len(outside) or not all(pid for pid, _ in outside):
        return None
    return next(
        (pid for pid, (_, is_target) in zip(inside, outside, strict=True) if is_target), None
    )


def signal_session(engine: Engine, container: str, session: int, signal: str) -> bool:
    """Send a signal (`INT`) to all processes of a session. Return whether it was sent.

    All process groups get it at once, as from a terminal: a shell whose child alone got the signal
    would continue with its next command.
    """
    processes = _processes(engine, container)
    groups = {f"-{process.group}" for process in processes if process.session == session}
    return bool(groups and _shell(engine, container, _SIGNAL, signal, *sorted(groups)))


def _processes(engine: Engine, container: str) -> list[_Process]:
    """Return all processes in the container, except the listing shell."""
    processes: list[_Process] = []
    for line in _shell(engine, container, _LIST).splitlines():
        shell, pid, _state, parent, group, session = line.split()[:6]
        if pid != shell:
            processes.append(_Process(int(pid), int(parent), int(group), int(session)))
    return processes


def _shell(engine: Engine, container: str, script: str, *arguments: str) -> str:
    """Run a shell script in the container as root and return its output."""
    command = ["sh", "-c", script, *arguments]
    body = {"User": "0", "AttachStdout": True, "Cmd": command}
    identity = engine.post(path("containers", container, "exec"), body=body)["Id"]
    with closing(engine.hijack(path("exec", identity, "start"), body={})) as connection:
        frames = list(connection.frames(tty=False))
    output = b"".join(frame.data for frame in frames if frame.stream == Stream.STDOUT)
    return output.decode(errors="replace")
