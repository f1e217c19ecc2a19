"""One thread that waits for many sockets: the name server's, and those of published ports."""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import threading
from collections.abc import Callable
from typing import Any

#: What is done with a socket that has something.
Take = Callable[[Any], None]


class Loop:
    """Calls what belongs to a socket whenever something comes on it.

    The thread begins with the first socket. What a stranger sent ends nothing but its own call.
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
                with contextlib.suppress(OSError, ValueError, IndexError, struct.error):
                    key.data(key.fileobj)
