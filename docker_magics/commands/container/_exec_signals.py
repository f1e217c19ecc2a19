"""Signals for what exec started, for which the Engine API has no call.

The engine knows an exec's process by its number on the engine's machine; a signal needs its number
inside the container. Both sides list exec's processes in the order in which they began: inside they
are those whose parent is outside (0), apart from the container's own (1). Nothing is assumed of the
machine, so this works for remote engines too; the container must have a shell.
"""

from __future__ import annotations

from typing import NamedTuple

from docker_magics.engine.client import Engine, path
from docker_magics.wire.frames import Stream

#: One line a process: the lister's number, the process's, then /proc/PID/stat from the state on.
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
    """The session that an exec (by its ID) began, by its number inside the container.

    None where it has ended, or cannot be told from others.
    """
    target = engine.get(path("exec", identity, "json"))
    if not target["Running"]:
        return None
    found = engine.get(path("containers", container, "json"))
    if found["HostConfig"].get("PidMode") == "host":
        return int(target["Pid"])
    processes = _processes(engine, container)
    execs = {each: engine.get(path("exec", each, "json")) for each in found.get("ExecIDs") or []}
    outside = sorted(
        (state["Pid"], each == identity) for each, state in execs.items() if state["Running"]
    )
    inside = sorted(each.pid for each in processes if each.parent == 0 and each.pid != 1)
    # One that has just begun may have no number yet (0).
    if len(inside) != len(outside) or not all(pid for pid, _ in outside):
        return None
    return next((pid for pid, (_, is_it) in zip(inside, outside, strict=True) if is_it), None)


def signal_session(engine: Engine, container: str, session: int, signal: str) -> bool:
    """Send a signal (`INT`) to all processes of a session; whether they got it.

    It goes to whole groups, at once, as a terminal's does: a shell whose child alone had got it
    would go on with its next command.
    """
    processes = _processes(engine, container)
    groups = {f"-{each.group}" for each in processes if each.session == session}
    return bool(groups and _shell(engine, container, _SIGNAL, signal, *sorted(groups)))


def _processes(engine: Engine, container: str) -> list[_Process]:
    """All processes in the container, but the one that lists them."""
    found: list[_Process] = []
    for line in _shell(engine, container, _LIST).splitlines():
        lister, pid, _state, parent, group, session = line.split()[:6]
        if pid != lister:
            found.append(_Process(int(pid), int(parent), int(group), int(session)))
    return found


def _shell(engine: Engine, container: str, script: str, *arguments: str) -> str:
    """What a shell script prints in the container, as its root."""
    command = ["sh", "-c", script, *arguments]
    body = {"User": "0", "AttachStdout": True, "Cmd": command}
    identity = engine.post(path("containers", container, "exec"), body=body)["Id"]
    connection = engine.hijack(path("exec", identity, "start"), body={})
    frames = list(connection.frames(tty=False))
    connection.close()
    output = b"".join(frame.data for frame in frames if frame.stream == Stream.STDOUT)
    return output.decode(errors="replace")
