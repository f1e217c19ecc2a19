"""Signals from a `docker exec` to other processes of the container, under systrap.

The container and each exec have Landlock domains of their own, which forbid these signals. The
exec's shim has no domain: it sends them, for processes of the exec, to processes of the container
and of its other execs.

source: landlock(7), unix(7): SO_PEERCRED.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import socket
import struct
import threading
from pathlib import Path

from .. import descriptors
from . import proc

#: In a container's folder, the name of an exec's socket: it ends with the PID of the shim.
_PREFIX = "signals-"
#: A request: PID, or negative process group, and signal. An answer: 0, or a negative error number.
_REQUEST, _ANSWER = struct.Struct("2i"), struct.Struct("i")
_CREDENTIALS = struct.Struct("3i")
#: How long others wait for a process that connects and does not ask.
_TIMEOUT_S = 2.0


def exec_shims(folder: Path) -> list[int]:
    """Return the PIDs of the shims of a container's execs that run, given its folder."""
    paths = folder.glob(f"{_PREFIX}*")
    return [int(path.name.removeprefix(_PREFIX)) for path in paths if _listens(path)]


def _listens(path: Path) -> bool:
    """Whether a socket's shim runs: after it was killed, another process may have its PID."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
        client.settimeout(0)  # the queue may be full, that of this process too
        return client.connect_ex(str(path)) in {0, errno.EAGAIN}


class SignalBroker:
    """Sends the signals that processes of this shim ask for.

    Args:
        folder: the container's, for the socket where they ask.
        init: the container's first process.

    Raises:
        OSError: the folder's path is too long for a socket.
    """

    def __init__(self, folder: Path, init: int) -> None:
        self.path = folder / f"{_PREFIX}{os.getpid()}"
        self._init = init
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listener.bind(str(self.path))
        self._listener.listen()

    def start(self) -> None:
        """Answer requests, in a thread."""
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            client = descriptors.accept(self._listener)
            with client, contextlib.suppress(OSError, struct.error):
                client.settimeout(_TIMEOUT_S)
                client.send(_ANSWER.pack(-self._answer(client)))

    def _answer(self, client: socket.socket) -> int:
        credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        asking = _CREDENTIALS.unpack(credentials)[0]
        target, number = _REQUEST.unpack(client.recv(_REQUEST.size))
        if asking not in proc.descendants(os.getpid()):
            return errno.EPERM
        if target < 0:
            return self._send_to_group(-target, number)
        return self._send(self._init if target == 1 else target, number, self._shims())

    def _send_to_group(self, group: int, number: int) -> int:
        """Signal the processes of a group; return 0 if any was signalled."""
        shims = self._shims()
        pids = [pid for shim in shims for pid in proc.descendants(shim)]
        results = [self._send(pid, number, shims) for pid in pids if proc.group(pid) == group]
        return min(results, default=errno.EPERM)

    def _send(self, target: int, number: int, shims: list[int]) -> int:
        """Signal a process that one of the shims started; return an error number, or 0."""
        try:
            process = os.pidfd_open(target)
            try:
                if not set(shims).intersection(proc.ancestors(target)):
                    return errno.EPERM
                signal.pidfd_send_signal(process, number)
            finally:
                os.close(process)
        except OSError as error:
            return error.errno or errno.EPERM
        return 0

    def _shims(self) -> list[int]:
        """Return the shims of the container and of its execs, as far as they run."""
        shims = [proc.parent(self._init), *exec_shims(self.path.parent)]
        return [shim for shim in shims if shim]

    def remove(self) -> None:
        """Remove the socket."""
        self.path.unlink(missing_ok=True)
