"""The userland proxy of published ports: it listens on the host and connects to the container.

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

from .. import descriptors
from ..errors import ApiError
from .loop import Loop

_READ_SIZE = 65536
#: How much of a TCP connection's data is copied at once.
_COPY_SIZE = 262144
_BACKLOG = 128
_CONNECT_TIMEOUT_S = 10
_UDP_IDLE_S = 90
#: One port has at most a quarter of the engine's descriptors, all ports together a half: the API
#: needs the rest. A connection takes two.
_PORT_SHARE, _TOTAL_SHARE = 8, 4
_MAX_CONNECTIONS = 4096

#: Creates a socket that reaches the container, of a family and a kind such as
#: `socket.SOCK_STREAM`.
SocketFactory = Callable[[int, int], socket.socket]
#: A UDP client of a published port: the listening socket, and the client's address.
_Client = tuple[socket.socket, Any]


@dataclass(frozen=True)
class Target:
    """The container's end of a published port.

    Attributes:
        address: returns the container's address, which changes when it changes its networks.
        port: the container's port.
        protocol: `tcp` or `udp`.
        make_socket: creates a socket that reaches the container.
    """

    address: Callable[[], str]
    port: int
    protocol: str
    make_socket: SocketFactory

    def connect(self, kind: int) -> socket.socket:
        """Return a connected socket.

        Raises:
            OSError: the container has ended, or refuses the connection.
        """
        address = self.address()
        sock = self.make_socket(_family(address), kind)
        try:
            sock.settimeout(_CONNECT_TIMEOUT_S)
            sock.connect((address, self.port))
            sock.settimeout(None)
        except BaseException:
            sock.close()
            raise
        return sock


class _Slots:
    """The connections that a port may have, and those that all ports together may have.

    Args:
        count: the port's.
        shared: those of all ports.
    """

    def __init__(self, count: int, shared: threading.Semaphore) -> None:
        self._own = threading.Semaphore(count)
        self._shared = shared

    def take(self) -> bool:
        """Take a slot; return whether one was free."""
        if not self._own.acquire(blocking=False):
            return False
        if not self._shared.acquire(blocking=False):
            self._own.release()
            return False
        return True

    def give_back(self) -> None:
        """Free a slot."""
        self._shared.release()
        self._own.release()


class PortProxy:
    """Forwards what arrives at listening sockets; one thread accepts for all ports.

    Args:
        port_share: one port may have the engine's limit of descriptors divided by this, as
            connections.
        total_share: the same for all ports.
    """

    def __init__(self, port_share: int = _PORT_SHARE, total_share: int = _TOTAL_SHARE) -> None:
        self._loop = Loop()
        self._lock = threading.Lock()
        self._listeners: dict[tuple[str, int, str], socket.socket] = {}
        self._clients: dict[_Client, socket.socket] = {}
        limit = descriptors.limit()
        self._slots_per_port = min(limit // port_share, _MAX_CONNECTIONS)
        self._slots = threading.Semaphore(limit // total_share)

    def publish(self, ip: str, first: int, last: int, target: Target) -> int:
        """Listen on the first free port of a range, and return it.

        Args:
            ip: an address of the host.
            first: the first port to try; 0 for any.
            last: the last port to try.
            target: where the port leads.

        Raises:
            ApiError: no port of the range is free.
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
            wildcard = "::" if ":" in ip else "0.0.0.0"  # noqa: S104 - compared
            conflicting = {(wildcard, port, protocol), (ip, port, protocol)}
            if port and conflicting & self._listeners.keys():
                raise ApiError(f"Bind for {_bracketed(ip)}:{port} failed: port is already allocated")  # fmt: skip  # noqa: E501
        sock = _bound_socket(ip, port, protocol)
        bound_port = int(sock.getsockname()[1])
        with self._lock:
            self._listeners[ip, bound_port, protocol] = sock
        self.serve(sock, target)
        return bound_port

    def serve(self, listener: socket.socket, target: Target) -> None:
        """Forward what arrives at a bound socket, which listens if it is TCP's."""
        accept = self._accept if target.protocol == "tcp" else self._receive
        slots = _Slots(self._slots_per_port, self._slots)
        self._loop.add(listener, lambda sock: accept(sock, target, slots))

    def end(self, listener: socket.socket) -> None:
        """Stop to forward what arrives at a socket, and close it."""
        self._loop.remove(listener)

    def check_free(self, ip: str, port: int, target: Target) -> None:
        """Reject a port that is in use, where the container itself will listen on it.

        Raises:
            ApiError: the port is in use.
        """
        self._listen(ip, port, target)
        self.withdraw(ip, port, target.protocol)

    def withdraw(self, ip: str, port: int, protocol: str) -> None:
        """Stop listening. Idempotent."""
        with self._lock:
            sock = self._listeners.pop((ip, port, protocol), None)
        if sock is not None:
            self.end(sock)

    @staticmethod
    def _accept(listener: socket.socket, target: Target, slots: _Slots) -> None:
        """Accept a connection; close it where the port has too many."""
        sock, _ = listener.accept()
        if not slots.take():
            sock.close()
            return
        _start(slots, _relay, sock, target)

    def _receive(self, listener: socket.socket, target: Target, slots: _Slots) -> None:
        """Forward one datagram over the socket of its client; drop it where a port has too many."""
        data, address = listener.recvfrom(_READ_SIZE)
        client = (listener, address)
        sock = self._clients.get(client)
        if sock is None:
            if not slots.take():
                return
            try:
                sock = self._clients[client] = target.connect(socket.SOCK_DGRAM)
            except OSError:
                slots.give_back()
                raise
            _start(slots, _relay_answers, client, sock, self._clients)
        sock.send(data)


def _bound_socket(ip: str, port: int, protocol: str) -> socket.socket:
    """Return a socket that is bound on the host; it listens, if it is TCP's.

    Raises:
        ApiError: it cannot be bound (dockerd's message).
    """
    is_ipv6, is_tcp = ":" in ip, protocol == "tcp"
    sock = socket.socket(_family(ip), socket.SOCK_STREAM if is_tcp else socket.SOCK_DGRAM)
    try:
        if is_tcp:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_ipv6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((ip, port))
        if is_tcp:
            sock.listen(_BACKLOG)
    except OSError as error:
        sock.close()
        raise ApiError(_refusal(error, ip, port, protocol)) from error
    return sock


def _family(ip: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in ip else socket.AF_INET


def _bracketed(ip: str) -> str:
    return f"[{ip}]" if ":" in ip else ip


def _refusal(error: OSError, ip: str, port: int, protocol: str) -> str:
    reasons = {
        errno.EADDRINUSE: "address already in use",
        errno.EADDRNOTAVAIL: "cannot assign requested address",
        errno.EACCES: "permission denied",
    }
    reason = reasons.get(error.errno or 0, str(error.strerror).lower())
    family = "6" if ":" in ip else "4"
    address = f"{_bracketed(ip)}:{port}"
    return f"Error starting userland proxy: listen {protocol}{family} {address}: bind: {reason}"


def _start(slots: _Slots, function: Callable[..., None], *args: object) -> None:
    """Call a function in a thread, and give its slot back at the end."""

    def run() -> None:
        try:
            function(*args)
        finally:
            slots.give_back()

    try:
        threading.Thread(target=run, daemon=True).start()
    except RuntimeError as error:  # too many threads
        slots.give_back()
        raise OSError(str(error)) from error


def _relay(sock: socket.socket, target: Target) -> None:
    """Copy a TCP connection's data to the container and back, until both sides end."""
    with sock:
        sock.settimeout(None)
        try:
            other = target.connect(socket.SOCK_STREAM)
        except OSError:
            return
        with other:
            back = threading.Thread(target=_copy, args=(other, sock), daemon=True)
            back.start()
            _copy(sock, other)
            back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        buffer = memoryview(bytearray(_COPY_SIZE))  # the kernel gives it pages as data comes
        while count := source.recv_into(buffer):
            target.sendall(buffer[:count])
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def _relay_answers(
    client: _Client, sock: socket.socket, clients: dict[_Client, socket.socket]
) -> None:
    """Send a container's datagrams back to a client, until none comes for a while."""
    listener, address = client
    sock.settimeout(_UDP_IDLE_S)
    with sock, contextlib.suppress(OSError):
        while True:
            listener.sendto(sock.recv(_READ_SIZE), address)
    clients.pop(client, None)
