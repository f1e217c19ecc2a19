"""An event loop in one thread, for the name server and published ports."""

from __future__ import annotations

import logging
import selectors
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Any

from ..descriptors import SHORTAGES

_log = logging.getLogger(__name__)
#: What malformed data, or a socket that is closed meanwhile, may raise.
_EXPECTED = (OSError, ValueError, IndexError, struct.error)
#: The selector reports a socket again at once if it could not be accepted.
_PAUSE_S = 0.05

#: Called with a socket that is readable.
Callback = Callable[[Any], None]


class Loop:
    """Calls the callback of each socket that is readable.

    The thread starts with the first socket. An exception ends its callback only, as the thread
    serves all containers; an unexpected one is logged.
    """

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self._wake: socket.socket | None = None

    def add(self, sock: socket.socket, callback: Callback) -> None:
        """Watch a socket; it becomes non-blocking."""
        sock.settimeout(0)
        with self._lock:
            self._selector.register(sock, selectors.EVENT_READ, callback)
            if self._wake is None:
                self._start()
        self._wake_up()

    def remove(self, sock: socket.socket) -> None:
        """Stop watching a socket, and close it."""
        with self._lock:
            self._selector.unregister(sock)
            sock.close()
        self._wake_up()

    def _wake_up(self) -> None:
        """Have the thread notice that sockets were added or removed."""
        if self._wake is not None:
            self._wake.send(b"x")

    def _start(self) -> None:
        woken, self._wake = socket.socketpair()
        self._selector.register(woken, selectors.EVENT_READ, lambda sock: sock.recv(64))
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            for key, _ in self._selector.select():
                try:
                    key.data(key.fileobj)
                except _EXPECTED as error:
                    if getattr(error, "errno", None) in SHORTAGES:
                        time.sleep(_PAUSE_S)
                except Exception:
                    _log.exception("a socket's callback failed")
