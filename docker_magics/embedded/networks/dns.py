"""The name server at 127.0.0.11 in each container on a user-defined network.

It knows the containers of the same networks by name, alias and short ID; other names it asks of the
machine's own name servers, or of those that the container was given, where there is a way out.

source: RFC 1035, RFC 6891 (EDNS), RFC 7766 (TCP); moby libnetwork/resolver.go.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from dns.rdtypes.ANY.PTR import PTR
from dns.rdtypes.IN.A import A
from dns.rdtypes.IN.AAAA import AAAA

from .loop import Loop

ADDRESS = "127.0.0.11"
_TTL = 600
_FORWARD_S = 4.0
#: How many questions are asked of others, or read over TCP, at once.
_AT_ONCE = 16
#: The largest message over UDP without EDNS, and the largest of all.
_SMALLEST_LIMIT, _LARGEST = 512, 65535

#: Record types of addresses: the version of IP, and the record.
_ADDRESS_TYPES: dict[dns.rdatatype.RdataType, tuple[int, type[A | AAAA]]] = {
    dns.rdatatype.A: (4, A),
    dns.rdatatype.AAAA: (6, AAAA),
}

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
        wire, sender = sock.recvfrom(4096)
        query = Query.read(wire)
        if query is None:
            return
        reply = query.own_answer(names)
        if reply is not None:
            _send_to(sock, sender, query.encode(reply))
            return
        servers = names.others()
        self._pool.submit(lambda: _send_to(sock, sender, _forwarded(query, servers)))

    def _connection(self, listener: socket.socket, names: Names) -> None:
        sock, _ = listener.accept()
        sock.settimeout(_FORWARD_S)
        self._pool.submit(self._talk, sock, names)

    def _talk(self, sock: socket.socket, names: Names) -> None:
        """Answer one query over TCP after another, until the client closes or sends no query."""
        with sock, contextlib.suppress(OSError):
            while query := Query.read(_receive(sock), over_tcp=True):
                reply = query.own_answer(names)
                _send(sock, query.encode(reply) if reply else _forwarded(query, names.others()))


def _send_to(sock: socket.socket, sender: Any, data: bytes) -> None:
    with contextlib.suppress(OSError):  # the container may have ended
        sock.sendto(data, sender)


@dataclass(frozen=True)
class Query:
    """A query as it came, and as it reads.

    Attributes:
        wire: the message.
        message: the same, decoded; it has one question.
        over_tcp: whether it came over TCP, where answers may be large.
    """

    wire: bytes
    message: dns.message.Message
    over_tcp: bool = False

    @classmethod
    def read(cls, wire: bytes, *, over_tcp: bool = False) -> Query | None:
        """Decode a query; None for anything else. Never raises, whatever the bytes are.

        What is wrong behind the question, as a signature by an unknown key, does not matter here.
        """
        try:
            message = dns.message.from_wire(wire, continue_on_error=True, ignore_trailing=True)
        except Exception:  # not DNSException alone, as the bytes are a stranger's
            return None
        is_query = not message.flags & dns.flags.QR and message.opcode() == dns.opcode.QUERY
        return cls(wire, message, over_tcp) if is_query and len(message.question) == 1 else None

    @property
    def name(self) -> str:
        """The name that is asked for, in lower case and without the final dot."""
        labels = self.message.question[0].name.labels
        return b".".join(labels).decode("ascii", "replace").removesuffix(".").lower()

    def own_answer(self, names: Names) -> dns.message.Message | None:
        """Return an answer of what this engine knows; None where it does not know the name."""
        question = self.message.question[0]
        if question.rdclass != dns.rdataclass.IN:
            return None
        found = _known(self.name, question.rdtype, names)
        if found is None:
            return None
        answer = self.reply()
        for rdata in found:
            # Each in a set of its own: a large answer is cut between two of them.
            answer.answer.append(dns.rrset.from_rdata(question.name, _TTL, rdata))
        return answer

    def reply(self, code: dns.rcode.Rcode = dns.rcode.NOERROR) -> dns.message.Message:
        """Return an answer without records; it has EDNS where the query has."""
        answer = dns.message.make_response(self.message, recursion_available=True)
        answer.set_rcode(code)
        return answer

    def encode(self, answer: dns.message.Message) -> bytes:
        """Encode an answer; one that is larger than the client takes is truncated."""
        limit = _LARGEST if self.over_tcp else max(self.message.payload, _SMALLEST_LIMIT)
        return answer.to_wire(max_size=limit, prefer_truncation=True, want_shuffle=False)


def _known(name: str, kind: dns.rdatatype.RdataType, names: Names) -> list[dns.rdata.Rdata] | None:
    """The records of what this engine knows; None for what it does not."""
    if kind == dns.rdatatype.PTR:
        labels = name.removesuffix(".in-addr.arpa").split(".")
        owners = names.reverse(".".join(reversed(labels)))
        return list(_pointers(owners)) if owners else None
    found = names.look_up(name)
    if found is None:
        return None
    if kind not in _ADDRESS_TYPES:
        return []
    version, record = _ADDRESS_TYPES[kind]
    addresses = [each for each in found if ipaddress.ip_address(each).version == version]
    return [record(dns.rdataclass.IN, kind, each) for each in addresses]


def _pointers(owners: list[str]) -> Iterator[dns.rdata.Rdata]:
    for owner in owners:
        with contextlib.suppress(dns.exception.DNSException):  # a name too long for DNS
            target = dns.name.Name([*(label.encode() for label in owner.split(".")), b""])
            yield PTR(dns.rdataclass.IN, dns.rdatatype.PTR, target)  # type: ignore[no-untyped-call]


def _forwarded(query: Query, servers: list[str]) -> bytes:
    """The answer of the first other name server that gives one."""
    ask = _asked_by_tcp if query.over_tcp else _asked_by_udp
    for server in servers:
        with contextlib.suppress(OSError):
            if answer := ask(server, query.wire):
                return answer
    return query.encode(query.reply(dns.rcode.SERVFAIL if servers else dns.rcode.NXDOMAIN))


def _asked_by_udp(server: str, query: bytes) -> bytes:
    with socket.socket(_family(server), socket.SOCK_DGRAM) as sock:
        sock.settimeout(_FORWARD_S)
        sock.connect((server, 53))  # nobody else's answer is taken
        sock.send(query)
        while (answer := sock.recv(_LARGEST))[:2] != query[:2]:
            pass
        return answer


def _asked_by_tcp(server: str, query: bytes) -> bytes:
    """Return a server's answer; empty where it closes the connection instead."""
    with socket.socket(_family(server), socket.SOCK_STREAM) as sock:
        sock.settimeout(_FORWARD_S)
        sock.connect((server, 53))
        _send(sock, query)
        return _receive(sock)


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
