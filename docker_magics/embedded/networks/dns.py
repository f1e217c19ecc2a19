"""The name server at 127.0.0.11 in each container on a user-defined network.

It knows the containers of the same networks by name, alias and short ID; other names it asks of the
machine's own name servers, or of those that the container was given, where there is a way out.

source: RFC 1035, RFC 7766 (TCP); moby libnetwork/resolver.go.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from .loop import Loop

ADDRESS = "127.0.0.11"
_A, _PTR, _AAAA, _IN = 1, 12, 28, 1
_NXDOMAIN, _SERVFAIL = 3, 2
_TTL = 600
_FORWARD_S = 4.0
#: How many questions are asked of others, or read over TCP, at once.
_AT_ONCE = 16
_LARGEST = 65535

#: A name -> addresses; None where it is none of ours.
LookUp = Callable[[str], list[str] | None]
#: Sends an answer to who asked.
Send = Callable[[bytes], None]


@dataclass(frozen=True)
class Names:
    """What the name server of one container knows.

    Attributes:
        look_up: the addresses of a name.
        reverse: the names of an address.
        others: the name servers for everything else; none where there is no way out.
    """

    look_up: LookUp
    reverse: LookUp
    others: Callable[[], list[str]]


class Resolver:
    """Answers for all containers, in one thread; what takes time is done beside it."""

    def __init__(self) -> None:
        self._loop = Loop()
        self._socks: dict[str, tuple[socket.socket, ...]] = {}
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="dns")

    def serve(
        self, container: str, datagrams: socket.socket, listener: socket.socket, names: Names
    ) -> None:
        """Answer what comes on sockets that were made in the container's network."""
        listener.listen(_AT_ONCE)
        self._socks[container] = (datagrams, listener)
        self._loop.add(datagrams, lambda sock: self._datagram(sock, names))
        self._loop.add(listener, lambda sock: self._connection(sock, names))

    def leave(self, container: str) -> None:
        """Answer there no more."""
        for sock in self._socks.pop(container, ()):
            self._loop.remove(sock)

    def _datagram(self, sock: socket.socket, names: Names) -> None:
        query, sender = sock.recvfrom(4096)
        self._answer(query, names, lambda data: _send_to(sock, sender, data), over_tcp=False)

    def _connection(self, listener: socket.socket, names: Names) -> None:
        sock, _ = listener.accept()
        sock.settimeout(_FORWARD_S)
        self._pool.submit(self._talk, sock, names)

    def _talk(self, sock: socket.socket, names: Names) -> None:
        """One question over TCP after another, until the client has had enough."""
        with sock, contextlib.suppress(OSError, ValueError, IndexError, struct.error):
            while query := _receive(sock):
                found = _own_answer(query, names)
                _send(sock, found or _forwarded(query, names.others(), over_tcp=True))

    def _answer(self, query: bytes, names: Names, send: Send, *, over_tcp: bool) -> None:
        found = _own_answer(query, names)
        if found is not None:
            send(found)
            return
        servers = names.others()
        self._pool.submit(lambda: send(_forwarded(query, servers, over_tcp=over_tcp)))


def _send_to(sock: socket.socket, sender: Any, data: bytes) -> None:
    with contextlib.suppress(OSError):  # the container may have ended
        sock.sendto(data, sender)


def _own_answer(query: bytes, names: Names) -> bytes | None:
    """An answer of what this engine knows; None where it does not."""
    name, kind, end = question(query)
    records = _known(name, kind, names.look_up, names.reverse)
    return None if records is None else reply(query, end, records)


def question(query: bytes) -> tuple[str, int, int]:
    """A query's name, its type, and where the question ends.

    Raises:
        ValueError: it is no query.
    """
    if len(query) < 17:
        raise ValueError("too short")
    labels = []
    at = 12
    while size := query[at]:
        if size > 63:
            raise ValueError("compressed")
        labels.append(query[at + 1 : at + 1 + size].decode("ascii", "replace"))
        at += 1 + size
    kind = int.from_bytes(query[at + 1 : at + 3], "big")
    return ".".join(labels).lower(), kind, at + 5


def _known(
    name: str, kind: int, look_up: LookUp, reverse: LookUp
) -> list[tuple[int, bytes]] | None:
    """The records of what this engine knows; None for what it does not."""
    if kind == _PTR:
        labels = name.removesuffix(".in-addr.arpa").split(".")
        names = reverse(".".join(reversed(labels)))
        return [(_PTR, _name(each)) for each in names] if names else None
    found = look_up(name)
    if found is None:
        return None
    version = {_A: 4, _AAAA: 6}.get(kind)
    addresses = [ipaddress.ip_address(each) for each in found]
    return [(kind, each.packed) for each in addresses if each.version == version]


def _name(text: str) -> bytes:
    return b"".join(bytes([len(each)]) + each.encode() for each in text.split(".")) + b"\0"


def reply(query: bytes, end: int, records: list[tuple[int, bytes]], code: int = 0) -> bytes:
    """An answer to a query."""
    flags = 0x8180 | code
    head = query[:2] + struct.pack(">HHHHH", flags, 1, len(records), 0, 0)
    body = b"".join(
        struct.pack(">HHHLH", 0xC00C, kind, _IN, _TTL, len(data)) + data for kind, data in records
    )
    return head + query[12:end] + body


def _forwarded(query: bytes, servers: list[str], *, over_tcp: bool) -> bytes:
    """The answer of the first other name server that gives one."""
    ask = _asked_by_tcp if over_tcp else _asked_by_udp
    for server in servers:
        with contextlib.suppress(OSError):
            return ask(server, query)
    _, _, end = question(query)
    return reply(query, end, [], _SERVFAIL if servers else _NXDOMAIN)


def _asked_by_udp(server: str, query: bytes) -> bytes:
    with socket.socket(_family(server), socket.SOCK_DGRAM) as sock:
        sock.settimeout(_FORWARD_S)
        sock.connect((server, 53))  # nobody else's answer is taken
        sock.send(query)
        while (answer := sock.recv(_LARGEST))[:2] != query[:2]:
            pass
        return answer


def _asked_by_tcp(server: str, query: bytes) -> bytes:
    with socket.socket(_family(server), socket.SOCK_STREAM) as sock:
        sock.settimeout(_FORWARD_S)
        sock.connect((server, 53))
        _send(sock, query)
        return _receive(sock) or reply(query, question(query)[2], [], _SERVFAIL)


def _family(server: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in server else socket.AF_INET


def _send(sock: socket.socket, data: bytes) -> None:
    sock.sendall(struct.pack(">H", len(data)) + data)


def _receive(sock: socket.socket) -> bytes:
    """A message behind its length; empty at the end."""
    head = sock.recv(2, socket.MSG_WAITALL)
    if len(head) < 2:
        return b""
    return sock.recv(struct.unpack(">H", head)[0], socket.MSG_WAITALL)
