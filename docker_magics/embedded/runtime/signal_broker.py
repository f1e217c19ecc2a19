"""Signals from a `docker exec` to the container's processes, under systrap.

The container and each exec have Landlock domains of their own, which forbid these signals. The
exec's shim has no domain: it sends them, for processes of the exec, to processes of the container.

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

#: A request: PID and signal. An answer: 0, or a negative error number.
_REQUEST, _ANSWER = struct.Struct("2i"), struct.Struct("i")
_CREDENTIALS = struct.Struct("3i")
#: How long others wait for a process that connects and does not ask.
_TIMEOUT_S = 2.0


class SignalBroker:
    """Sends the signals that processes of this shim ask for.

    Args:
        path: of the socket where they ask.
        init: the container's first process.
    """

    def __init__(self, path: Path, init: int) -> None:
        self.path = path
        self._init = init
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listener.bind(str(path))
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
        try:
            return self._send(self._init if target == 1 else target, number)
        except OSError as error:
            return error.errno or errno.EPERM

    def _send(self, target: int, number: int) -> int:
        """Signal a process of the container; return an error number, or 0."""
        process = os.pidfd_open(target)
        try:
            if target not in proc.descendants(proc.parent(self._init)):
                return errno.EPERM
            signal.pidfd_send_signal(process, number)
        finally:
            os.close(process)
        return 0

    def remove(self) -> None:
        """Remove the socket."""
        self.path.unlink(missing_ok=True)
