"""Published ports: the engine listens on the machine and connects inside the container.

A socket belongs to the network in which it was made, so a thread goes into the container's for a
moment to make one.

source: Engine API, PortBinding; moby cmd/docker-proxy, libnetwork/portallocator.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import ApiError
from .loop import Loop

_READ = 65536
_UDP_IDLE_S = 90

#: Makes a socket of this family and kind, where the container is.
Maker = Callable[[int], socket.socket]


@dataclass(frozen=True)
class Target:
    """Where a port leads: the container's address and port, and how to get a socket there."""

    address: str
    port: int
    protocol: str
    make: Maker


class Publisher:
    """Listens on the machine for containers, with one thread for all that comes in."""

    def __init__(self) -> None:
        self._loop = Loop()
        self._lock = threading.Lock()
        self._listening: dict[tuple[str, int, str], socket.socket] = {}
        self._clients: dict[tuple[socket.socket, Any], socket.socket] = {}

    def publish(self, ip: str, first: int, last: int, target: Target) -> int:
        """Listen; gives the port.

        Args:
            ip: of the machine.
            first: the port to try; 0 for any.
            last: further ones, up to this.
            target: where it leads.

        Raises:
            ApiError: no such port is free.
        """
        port = first
        while True:
            try:
                return self._listen(ip, port, target)
            except ApiError:
                if port >= last:
                    raise
                port += 1

    def _listen(self, ip: str, port: int, target: Target) -> int:
        protocol = target.protocol
        with self._lock:
            every = "::" if ":" in ip else "0.0.0.0"  # noqa: S104 - compared
            same = {(every, port, protocol), (ip, port, protocol)}
            if port and same & self._listening.keys():
                raise ApiError(f"Bind for {_written(ip)}:{port} failed: port is already allocated")
        family = socket.AF_INET6 if ":" in ip else socket.AF_INET
        kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
        sock = socket.socket(family, kind)
        try:
            if protocol == "tcp":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind((ip, port))
            if protocol == "tcp":
                sock.listen(128)
        except OSError as error:
            sock.close()
            raise ApiError(_refusal(error, ip, port, protocol)) from error
        found = int(sock.getsockname()[1])
        with self._lock:
            self._listening[ip, found, protocol] = sock
        take = _accept if protocol == "tcp" else self._take_datagram
        self._loop.add(sock, lambda listener: take(listener, target))
        return found

    def check_free(self, ip: str, port: int, target: Target) -> None:
        """Refuse a port that is taken, where the container itself is to listen on it.

        Raises:
            ApiError: so it is.
        """
        self._listen(ip, port, target)
        self.withdraw(ip, port, target.protocol)

    def withdraw(self, ip: str, port: int, protocol: str) -> None:
        """Listen no more."""
        with self._lock:
            sock = self._listening.pop((ip, port, protocol), None)
        if sock is not None:
            self._loop.remove(sock)

    def _take_datagram(self, listener: socket.socket, target: Target) -> None:
        _take_datagram(listener, target, self._clients)


def _accept(listener: socket.socket, target: Target) -> None:
    sock, _ = listener.accept()
    threading.Thread(target=_serve, args=(sock, target), daemon=True).start()


def _written(ip: str) -> str:
    return f"[{ip}]" if ":" in ip else ip


def _refusal(error: OSError, ip: str, port: int, protocol: str) -> str:
    words = {
        errno.EADDRINUSE: "address already in use",
        errno.EADDRNOTAVAIL: "cannot assign requested address",
        errno.EACCES: "permission denied",
    }
    word = words.get(error.errno or 0, str(error.strerror).lower())
    family = "6" if ":" in ip else "4"
    place = f"{_written(ip)}:{port}"
    return f"Error starting userland proxy: listen {protocol}{family} {place}: bind: {word}"


def _serve(sock: socket.socket, target: Target) -> None:
    with sock:
        sock.settimeout(None)
        try:
            other = target.make(socket.SOCK_STREAM)
        except OSError:
            return
        with other:
            try:
                other.settimeout(10)
                other.connect((target.address, target.port))
                other.settimeout(None)
            except OSError:
                return
            back = threading.Thread(target=_copy, args=(other, sock), daemon=True)
            back.start()
            _copy(sock, other)
            back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(_READ):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def _take_datagram(
    listener: Any, target: Target, clients: dict[tuple[socket.socket, Any], socket.socket]
) -> None:
    data, sender = listener.recvfrom(_READ)
    key = (listener, sender)
    sock = clients.get(key)
    if sock is None:
        sock = target.make(socket.SOCK_DGRAM)
        sock.connect((target.address, target.port))
        clients[key] = sock
        args = (listener, sender, sock, clients)
        threading.Thread(target=_answers, args=args, daemon=True).start()
    sock.send(data)


def _answers(
    listener: Any,
    sender: Any,
    sock: socket.socket,
    clients: dict[tuple[socket.socket, Any], socket.socket],
) -> None:
    """Carry a container's datagrams back, until it has been silent for a while."""
    sock.settimeout(_UDP_IDLE_S)
    with sock, contextlib.suppress(OSError):
        while True:
            listener.sendto(sock.recv(_READ), sender)
    clients.pop((listener, sender), None)
