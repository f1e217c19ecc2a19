"""A TCP proxy that cuts connections."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator


class CuttingProxy:
    """Relays connections to a server; cuts the first ones that carry many bytes.

    Attributes:
        address: its HOST:PORT.
        cuts: how many connections it has cut.

    Args:
        server: HOST:PORT.
        most: how many connections are cut.
        after: the bytes of the server's after which a connection is cut.
    """

    def __init__(self, server: str, most: int, after: int) -> None:
        host, _, port = server.rpartition(":")
        self._server = (host, int(port))
        self._most = most
        self._after = after
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.cuts = 0
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._server) as server:
            threading.Thread(target=_copy, args=(client, server), daemon=True).start()
            self._answer(server, client)

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        carried = 0
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                client.sendall(data)
                carried += len(data)
                if carried > self._after and self._may_cut():
                    break
            for sock in (client, server):
                sock.shutdown(socket.SHUT_RDWR)

    def _may_cut(self) -> bool:
        with self._lock:
            may = self.cuts < self._most
            self.cuts += may
            return may

    def close(self) -> None:
        """Accept no more connections."""
        self._listener.close()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)


@contextlib.contextmanager
def cutting(server: str, most: int, after: int) -> Iterator[CuttingProxy]:
    """Run a proxy while the block runs."""
    proxy = CuttingProxy(server, most, after)
    try:
        yield proxy
    finally:
        proxy.close()
