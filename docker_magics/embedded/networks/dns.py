"""The name server at 127.0.0.11 in each container on a user-defined network.

It resolves the names, aliases and short IDs of containers on the same networks. It forwards other
queries to the container's name servers (`--dns`), or the host's.

source: RFC 1035, RFC 6891 (EDNS), RFC 7766 (TCP); moby libnetwork/resolver.go.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import struct
import threading
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

#: The name server's address in each container.
_PORT = 53
_TTL = 600
_FORWARD_S = 4.0
#: How many queries of a container are forwarded, or read over TCP, at the same time, and how many
#: there may be with those that wait. Others are dropped: clients repeat them.
_WORKERS, _MAX_QUERIES = 16, 64
#: The largest message over UDP without EDNS, and the largest of all, in bytes.
_SMALLEST_LIMIT, _LARGEST = 512, 65535
_UDP_QUERY_SIZE = 4096

#: Record types of addresses -> IP version, record.
_ADDRESS_TYPES: dict[dns.rdatatype.RdataType, tuple[int, type[A | AAAA]]] = {
    dns.rdatatype.A: (4, A),
    dns.rdatatype.AAAA: (6, AAAA),
}

#: Returns the addresses of a name, or the names of an address; None for an unknown one.
LookUp = Callable[[str], list[str] | None]


@dataclass(frozen=True)
class Names:
    """The names that one container may resolve.

    Attributes:
        look_up: returns the addresses of a name.
        reverse: returns the names of an address.
        forwarders: returns the name servers for other names; empty on internal networks.
    """

    look_up: LookUp
    reverse: LookUp
    forwarders: Callable[[], list[str]]


class _Workers:
    """The threads that forward one container's queries: its flood does not delay others'."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="dns")
        self._free = threading.Semaphore(_MAX_QUERIES)

    def submit(self, function: Callable[[], None]) -> bool:
        """Call a function in a thread; return False where too many wait, or all have ended."""
        if not self._free.acquire(blocking=False):
            return False
        try:
            self._pool.submit(function).add_done_callback(lambda _: self._free.release())
        except RuntimeError:
            return False
        return True

    def end(self) -> None:
        """Drop what waits; the threads end."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class Resolver:
    """The name servers of all containers.

    One thread answers what the engine knows. Others forward queries, and serve TCP.
    """

    def __init__(self) -> None:
        self._loop = Loop()
        self._served: dict[str, tuple[tuple[socket.socket, ...], _Workers]] = {}

    def serve(
        self, container: str, datagrams: socket.socket, listener: socket.socket, names: Names
    ) -> None:
        """Start to answer the queries of a container.

        Args:
            container: its ID.
            datagrams: a UDP socket of the container's network, bound to port 53.
            listener: a TCP socket of the same, bound to port 53.
            names: the names that the container may resolve.
        """
        listener.listen(_WORKERS)
        workers = _Workers()
        self._served[container] = (datagrams, listener), workers
        self._loop.add(datagrams, lambda sock: _receive_datagram(sock, names, workers))
        self._loop.add(listener, lambda sock: _accept(sock, names, workers))

    def leave(self, container: str) -> None:
        """Stop answering the queries of a container. Idempotent."""
        if container in self._served:
            sockets, workers = self._served.pop(container)
            for sock in sockets:
                self._loop.remove(sock)
            workers.end()


def _receive_datagram(sock: socket.socket, names: Names, workers: _Workers) -> None:
    wire, sender = sock.recvfrom(_UDP_QUERY_SIZE)
    query = Query.read(wire)
    if query is None:
        return
    answer = query.own_answer(names)
    if answer is not None:
        _send_datagram(sock, sender, query.encode(answer))
        return
    servers = names.forwarders()
    workers.submit(lambda: _send_datagram(sock, sender, _forward(query, servers)))


def _accept(listener: socket.socket, names: Names, workers: _Workers) -> None:
    sock, _ = listener.accept()
    sock.settimeout(_FORWARD_S)
    if not workers.submit(lambda: _serve_connection(sock, names)):
        sock.close()


def _serve_connection(sock: socket.socket, names: Names) -> None:
    """Answer queries over TCP, until the client closes or sends something else."""
    with sock, contextlib.suppress(OSError):
        while query := Query.read(_receive(sock), over_tcp=True):
            answer = query.own_answer(names)
            wire = query.encode(answer) if answer else _forward(query, names.forwarders())
            _send(sock, wire)


def _send_datagram(sock: socket.socket, address: Any, data: bytes) -> None:
    with contextlib.suppress(OSError):  # the container may have ended
        sock.sendto(data, address)


@dataclass(frozen=True)
class Query:
    """A DNS query.

    Attributes:
        wire: the message as received.
        message: the same, decoded; it has one question.
        over_tcp: whether it was received over TCP, where answers may be large.
    """

    wire: bytes
    message: dns.message.Message
    over_tcp: bool = False

    @classmethod
    def read(cls, wire: bytes, *, over_tcp: bool = False) -> Query | None:
        """Decode a query; return None for anything else. Never raises, whatever the bytes are.

        Errors after the question, such as a signature by an unknown key, are ignored.
        """
        try:
            message = dns.message.from_wire(wire, continue_on_error=True, ignore_trailing=True)
        except Exception:  # not only DNSException: the data is untrusted
            return None
        is_query = not message.flags & dns.flags.QR and message.opcode() == dns.opcode.QUERY
        return cls(wire, message, over_tcp) if is_query and len(message.question) == 1 else None

    @property
    def name(self) -> str:
        """The name of the question, in lower case and without the final dot."""
        labels = self.message.question[0].name.labels
        return b".".join(labels).decode("ascii", "replace").removesuffix(".").lower()

    def own_answer(self, names: Names) -> dns.message.Message | None:
        """Return an answer with the engine's records; None if it does not know the name."""
        question = self.message.question[0]
        if question.rdclass != dns.rdataclass.IN:
            return None
        records = _records(self.name, question.rdtype, names)
        if records is None:
            return None
        answer = self.reply()
        for rdata in records:
            # One set a record: an answer that is too large is truncated between two sets.
            answer.answer.append(dns.rrset.from_rdata(question.name, _TTL, rdata))
        return answer

    def reply(self, code: dns.rcode.Rcode = dns.rcode.NOERROR) -> dns.message.Message:
        """Return an answer without records; it has EDNS if the query has."""
        answer = dns.message.make_response(self.message, recursion_available=True)
        answer.set_rcode(code)
        return answer

    def encode(self, answer: dns.message.Message) -> bytes:
        """Encode an answer; truncate one that is larger than the client accepts."""
        limit = _LARGEST if self.over_tcp else max(self.message.payload, _SMALLEST_LIMIT)
        return answer.to_wire(max_size=limit, prefer_truncation=True, want_shuffle=False)


def _records(
    name: str, rdtype: dns.rdatatype.RdataType, names: Names
) -> list[dns.rdata.Rdata] | None:
    """Return the engine's records of a name; None if it does not know the name."""
    if rdtype == dns.rdatatype.PTR:
        labels = name.removesuffix(".in-addr.arpa").split(".")
        owners = names.reverse(".".join(reversed(labels)))
        return list(_pointers(owners)) if owners else None
    addresses = names.look_up(name)
    if addresses is None:
        return None
    if rdtype not in _ADDRESS_TYPES:
        return []
    version, record = _ADDRESS_TYPES[rdtype]
    return [
        record(dns.rdataclass.IN, rdtype, address)
        for address in addresses
        if ipaddress.ip_address(address).version == version
    ]


def _pointers(owners: list[str]) -> Iterator[dns.rdata.Rdata]:
    for owner in owners:
        with contextlib.suppress(dns.exception.DNSException):  # the name is too long for DNS
            target = dns.name.Name([*(label.encode() for label in owner.split(".")), b""])
            yield PTR(dns.rdataclass.IN, dns.rdatatype.PTR, target)  # type: ignore[no-untyped-call]


def _forward(query: Query, servers: list[str]) -> bytes:
    """Return the answer of the first name server that gives one, or an error's."""
    ask = _ask_by_tcp if query.over_tcp else _ask_by_udp
    for server in servers:
        with contextlib.suppress(OSError):
            if answer := ask(server, query.wire):
                return answer
    return query.encode(query.reply(dns.rcode.SERVFAIL if servers else dns.rcode.NXDOMAIN))


def _ask_by_udp(server: str, query: bytes) -> bytes:
    """Return a server's answer.

    Raises:
        OSError: the server does not answer in time.
    """
    with socket.socket(_family(server), socket.SOCK_DGRAM) as sock:
        sock.settimeout(_FORWARD_S)
        sock.connect((server, _PORT))  # the kernel drops datagrams of other senders
        sock.send(query)
        while (answer := sock.recv(_LARGEST))[:2] != query[:2]:
            pass
        return answer


def _ask_by_tcp(server: str, query: bytes) -> bytes:
    """Return a server's answer; empty if it closes the connection.

    Raises:
        OSError: the server does not answer in time.
    """
    with socket.socket(_family(server), socket.SOCK_STREAM) as sock:
        sock.settimeout(_FORWARD_S)
        sock.connect((server, _PORT))
        _send(sock, query)
        return _receive(sock)


def _family(server: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in server else socket.AF_INET


def _send(sock: socket.socket, data: bytes) -> None:
    """Send a message over TCP: its length in two bytes, then the message."""
    sock.sendall(struct.pack(">H", len(data)) + data)


def _receive(sock: socket.socket) -> bytes:
    """Return the next message over TCP; empty at the end."""
    head = sock.recv(2, socket.MSG_WAITALL)
    if len(head) < 2:
        return b""
    return sock.recv(struct.unpack(">H", head)[0], socket.MSG_WAITALL)
