"""A web server that sends slowly."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Iterable

#: The head of a response with a body.
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"


class SlowServer:
    """Sends pieces to each client, one every 10 ms, until it leaves.

    Attributes:
        address: HOST:PORT.
        pieces: what each response consists of.
        left: is set once a client has left.
    """

    def __init__(self) -> None:
        self.pieces: Iterable[bytes] = ()
        self.left = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError):
            sock.recv(65536)
            closed = select.poll()
            closed.register(sock, select.POLLRDHUP)
            for piece in self.pieces:
                sock.sendall(piece)
                if closed.poll(10):
                    break
        self.left.set()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
