"""The name server at 127.0.0.11 in each container on a user-defined network.

It knows the containers of the same networks by name, alias and short ID; for other names it asks
the machine's own name servers, where there is a way out.

source: RFC 1035; moby libnetwork/resolver.go.
"""

from __future__ import annotations

import contextlib
import ipaddress
import selectors
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

ADDRESS = "127.0.0.11"
_A, _PTR, _IN = 1, 12, 1
_NXDOMAIN, _SERVFAIL = 3, 2
_TTL = 600
_FORWARD_S = 4

#: A name -> addresses; None where it is none of ours.
LookUp = Callable[[str], list[str] | None]


class Resolver:
    """Answers for all containers, in one thread."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._socks: dict[str, socket.socket] = {}
        self._lock = threading.Lock()
        self._woken, self._wake = socket.socketpair()
        self._selector.register(self._woken, selectors.EVENT_READ, None)
        self._thread: threading.Thread | None = None

    def serve(self, container: str, sock: socket.socket, look_up: LookUp, reverse: LookUp) -> None:
        """Answer what comes on a socket that was made in the container's network."""
        sock.settimeout(0)
        with self._lock:
            self._socks[container] = sock
            self._selector.register(sock, selectors.EVENT_READ, (look_up, reverse))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
        self._wake.send(b"x")

    def leave(self, container: str) -> None:
        """Answer there no more."""
        with self._lock:
            sock = self._socks.pop(container, None)
            if sock is not None:
                self._selector.unregister(sock)
                sock.close()

    def _run(self) -> None:
        while True:
            for key, _ in self._selector.select():
                with contextlib.suppress(OSError, ValueError, IndexError, struct.error):
                    if key.data is None:
                        self._woken.recv(64)
                    else:
                        self._one(key.fileobj, *key.data)

    def _one(self, sock: Any, look_up: LookUp, reverse: LookUp) -> None:
        query, sender = sock.recvfrom(4096)
        name, kind, end = question(query)
        records = _known(name, kind, look_up, reverse)
        answer = None if records is None else reply(query, end, records)
        if answer is not None:
            sock.sendto(answer, sender)
            return
        args = (sock, sender, query, end)
        threading.Thread(target=_forward, args=args, daemon=True).start()


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
    addresses = look_up(name)
    if addresses is None or kind != _A:
        return None if addresses is None else []
    return [(_A, ipaddress.IPv4Address(each).packed) for each in addresses]


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


def _forward(sock: socket.socket, sender: Any, query: bytes, end: int) -> None:
    """Ask the machine's name servers."""
    answer = None
    for server in name_servers():
        with contextlib.suppress(OSError):
            family = socket.AF_INET6 if ":" in server else socket.AF_INET
            with socket.socket(family, socket.SOCK_DGRAM) as up:
                up.settimeout(_FORWARD_S)
                up.sendto(query, (server, 53))
                answer = up.recv(4096)
                break
    if answer is None:
        answer = reply(query, end, [], _NXDOMAIN if not name_servers() else _SERVFAIL)
    with contextlib.suppress(OSError):
        sock.sendto(answer, sender)


def name_servers() -> list[str]:
    """The machine's name servers."""
    try:
        lines = Path("/etc/resolv.conf").read_text().splitlines()
    except OSError:
        return []
    pairs = (line.split()[:2] for line in lines if line.startswith("nameserver "))
    return [pair[1] for pair in pairs if len(pair) == 2]
