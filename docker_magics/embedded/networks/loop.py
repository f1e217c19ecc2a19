"""One thread that waits for many sockets: the name server's, and those of published ports."""

from __future__ import annotations

import logging
import selectors
import socket
import struct
import threading
from collections.abc import Callable
from typing import Any

_log = logging.getLogger(__name__)
#: What a stranger's bytes, or a socket that is closed meanwhile, may raise.
_EXPECTED = (OSError, ValueError, IndexError, struct.error)

#: What is done with a socket that has something.
Take = Callable[[Any], None]


class Loop:
    """Calls what belongs to a socket whenever something comes on it.

    The thread begins with the first socket. An exception ends nothing but its own call: the thread
    serves all containers. One that is not to be expected is logged.
    """

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self._woken, self._wake = socket.socketpair()
        self._selector.register(self._woken, selectors.EVENT_READ, lambda sock: sock.recv(64))
        self._thread: threading.Thread | None = None

    def add(self, sock: socket.socket, take: Take) -> None:
        """Wait for a socket too; it blocks no more."""
        sock.settimeout(0)
        with self._lock:
            self._selector.register(sock, selectors.EVENT_READ, take)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
        self._wake.send(b"x")

    def remove(self, sock: socket.socket) -> None:
        """Wait for it no more, and close it."""
        with self._lock:
            self._selector.unregister(sock)
            sock.close()
        self._wake.send(b"x")

    def _run(self) -> None:
        while True:
            for key, _ in self._selector.select():
                try:
                    key.data(key.fileobj)
                except _EXPECTED:
                    continue
                except Exception:
                    _log.exception("a socket's callback failed")
