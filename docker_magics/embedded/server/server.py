"""The listening socket: private to its user; each connection has a thread."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from pathlib import Path

from .. import descriptors
from ..state import check_owner
from .connection import Answer, Connection

#: Connections that wait to be accepted: two hundred clients may connect at once.
BACKLOG = 256
#: Of a thread: nested JSON is decoded by recursion in C. Pages are used on demand.
_STACK_BYTES = 2 << 20


def make_folder(path: Path) -> None:
    """Create the folder of a socket (0700) if it is missing.

    Call it before the engine enters a user namespace, in which root is another user.

    Raises:
        OSError: it cannot be created, or other users could replace the socket.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_owner(path.parent)


class Server:
    """Listens on a unix socket (0600) and serves each connection in a thread.

    Args:
        path: of the socket, in a folder of `make_folder`.
        answer: turns a request into a response; called from many threads.

    Raises:
        OSError: the path is too long or not writable, or another engine listens there.
    """

    def __init__(self, path: Path, answer: Answer) -> None:
        self._path = path
        self._answer = answer
        _remove_stale(path)
        self._listener = socket.socket(socket.AF_UNIX)
        mask = os.umask(0o177)
        try:
            self._listener.bind(str(path))
        finally:
            os.umask(mask)
        self._listener.listen(BACKLOG)

    def serve_forever(self) -> None:
        """Accept connections until `close`."""
        threading.stack_size(_STACK_BYTES)
        with contextlib.suppress(OSError):
            while True:
                self._serve(descriptors.accept(self._listener))

    def _serve(self, sock: socket.socket) -> None:
        connection = Connection(sock, self._answer)
        try:
            threading.Thread(target=connection.serve, daemon=True).start()
        except RuntimeError:  # no memory, or too many processes, for another thread
            sock.close()

    def close(self) -> None:
        """Stop accepting, and remove the socket."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._path.unlink(missing_ok=True)


def _remove_stale(path: Path) -> None:
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise OSError(f"another engine listens on {path}")
