"""--ssh: SSH agents that RUN instructions may use.

source: docker/buildx, util/buildflags/ssh.go.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from docker_magics.cli.flag_types import FlagType
from docker_magics.errors import UsageError

#: An agent: its ID, and its socket ("": that of SSH_AUTH_SOCK).
Agent = tuple[str, str]


def _agent(text: str) -> Agent:
    """`default`, or `ID=SOCKET`."""
    identity, _, path = text.partition("=")
    if not identity:
        raise ValueError("expected default, or ID=SOCKET")
    return identity, path


AGENTS = FlagType(_agent, many=True)


def sockets(agents: Iterable[Agent]) -> dict[str, Path]:
    """Return the sockets of the agents, by ID.

    Raises:
        UsageError: a socket does not exist, or it is a key.
    """
    return {identity: _socket(path) for identity, path in agents}


def _socket(given: str) -> Path:
    path = given or os.environ.get("SSH_AUTH_SOCK", "")
    if not path:
        hint = "Start one: eval $(ssh-agent); ssh-add"
        raise UsageError("cannot use --ssh: SSH_AUTH_SOCK names no agent", hint=hint)
    socket = Path(path).expanduser()
    if not socket.exists():
        raise UsageError(f"cannot use --ssh: {socket}: no such file")
    if not stat.S_ISSOCK(socket.stat().st_mode):
        message = f"cannot use --ssh: {socket} is a key, not an agent's socket"
        raise UsageError(message, hint=f"Run ssh-add {socket}, and build with --ssh default.")
    return socket
