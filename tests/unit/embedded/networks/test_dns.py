"""The name server of containers: own answers, forwarding, invalid queries."""

from __future__ import annotations

import random
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.tsigkeyring
import pytest

from docker_magics.embedded.networks import dns as dns_module
from docker_magics.embedded.networks.dns import Names, Query, Resolver

_MANY = [f"172.18.1.{number}" for number in range(1, 61)]
_ADDRESSES = {"web": ["172.18.0.2", "fd00::2"], "many": _MANY}
_OWNERS = {"172.18.0.2": ["web.net", "0123456789ab.net", "x" * 64 + ".net"]}
NAMES = Names(_ADDRESSES.get, _OWNERS.get, list)


def _answer(query: dns.message.Message, *, over_tcp: bool = False) -> dns.message.Message | None:
    """Return the name server's own response, parsed."""
    read = Query.read(query.to_wire(), over_tcp=over_tcp)
    assert read is not None
    answer = read.own_answer(NAMES)
    if answer is None:
        return None
    response = dns.message.from_wire(read.encode(answer))
    assert query.is_response(response)
    return response


def _values(answer: dns.message.Message | None) -> list[str]:
    assert answer is not None
    return [str(rdata) for rrset in answer.answer for rdata in rrset]


def test_addresses_of_a_container() -> None:
    assert _values(_answer(dns.message.make_query("web", "A"))) == ["172.18.0.2"]
    assert _values(_answer(dns.message.make_query("web", "AAAA"))) == ["fd00::2"]


def test_the_header_of_an_answer() -> None:
    answer = _answer(dns.message.make_query("web", "A"))
    assert answer is not None
    assert answer.flags == dns.flags.QR | dns.flags.RD | dns.flags.RA
    assert answer.rcode() == dns.rcode.NOERROR
    assert answer.answer[0].ttl == 600


def test_names_are_case_insensitive_and_returned_as_queried() -> None:
    answer = _answer(dns.message.make_query("WeB.", "A"))
    assert _values(answer) == ["172.18.0.2"]
    assert answer is not None
    assert answer.question[0].name.to_text() == "WeB."


def test_a_known_name_has_no_records_of_other_types() -> None:
    answer = _answer(dns.message.make_query("web", "MX"))
    assert _values(answer) == []
    assert answer is not None
    assert answer.rcode() == dns.rcode.NOERROR


def test_unknown_names_and_classes_are_for_other_servers() -> None:
    assert _answer(dns.message.make_query("example.com", "A")) is None
    assert _answer(dns.message.make_query("1.0.18.172.in-addr.arpa", "PTR")) is None
    assert _answer(dns.message.make_query("web", "TXT", "CH")) is None


def test_names_of_an_address() -> None:
    """A name too long for DNS is omitted."""
    answer = _answer(dns.message.make_query("2.0.18.172.in-addr.arpa", "PTR"))
    assert _values(answer) == ["web.net.", "0123456789ab.net."]


def test_an_answer_has_edns_where_the_query_has() -> None:
    with_edns = _answer(dns.message.make_query("web", "A", use_edns=0, payload=1232))
    without = _answer(dns.message.make_query("web", "A", use_edns=False))
    assert with_edns is not None
    assert without is not None
    assert (with_edns.edns, without.edns) == (0, -1)
    assert _values(with_edns) == _values(without) == ["172.18.0.2"]


@pytest.mark.parametrize(("payload", "count"), [(0, 30), (100, 30), (600, 35), (1232, 60)])
def test_large_answers_are_truncated_over_udp(payload: int, count: int) -> None:
    query = dns.message.make_query("many", "A", use_edns=0 if payload else False, payload=payload)
    answer = _answer(query)
    assert answer is not None
    assert bool(answer.flags & dns.flags.TC) == (count < 60)
    assert abs(len(_values(answer)) - count) <= 1
    assert _values(answer) == _MANY[: len(_values(answer))]


def test_large_answers_are_whole_over_tcp() -> None:
    answer = _answer(dns.message.make_query("many", "A"), over_tcp=True)
    assert _values(answer) == _MANY
    assert answer is not None
    assert not answer.flags & dns.flags.TC


@pytest.mark.parametrize("code", [dns.rcode.SERVFAIL, dns.rcode.NXDOMAIN])
def test_error_responses(code: dns.rcode.Rcode) -> None:
    query = Query.read(dns.message.make_query("example.com", "A").to_wire())
    assert query is not None
    answer = dns.message.from_wire(query.encode(query.reply(code)))
    assert answer.rcode() == code
    assert answer.question == query.message.question


def _signed() -> bytes:
    query = dns.message.make_query("web", "A")
    query.use_tsig(dns.tsigkeyring.from_text({"key.": "c2VjcmV0"}))
    return query.to_wire()


_HEADER = struct.pack(">HHHHHH", 1, 0x0100, 1, 0, 0, 0)
_LOOP = _HEADER + b"\xc0\x0c\0\1\0\1"
_RESPONSE = dns.message.make_response(dns.message.make_query("web", "A", id=1)).to_wire()
_STATUS = struct.pack(">HHHHHH", 1, 2 << 11, 1, 0, 0, 0) + b"\3web\0\0\1\0\1"
_TWO = struct.pack(">HHHHHH", 1, 0x0100, 2, 0, 0, 0) + b"\3web\0\0\1\0\1" * 2


@pytest.mark.parametrize(
    "wire",
    [b"", b"x", bytes(11), bytes(12), _HEADER, _HEADER + b"\3we", _LOOP, _RESPONSE, _STATUS],
)
def test_invalid_queries_are_ignored(wire: bytes) -> None:
    assert Query.read(wire) is None


def test_data_after_the_question_is_ignored() -> None:
    wire = dns.message.make_query("web", "A", use_edns=False).to_wire()
    for message in (wire + b"junk", wire[:10] + b"\0\1" + wire[12:] + b"junk", _signed()):
        query = Query.read(message)
        assert query is not None
        answer = query.own_answer(NAMES)
        assert answer is not None
        assert _values(dns.message.from_wire(query.encode(answer))) == ["172.18.0.2"]


def test_hostile_messages_raise_nothing() -> None:
    chance = random.Random(53)
    plain = dns.message.make_query("web", "A", use_edns=False).to_wire()
    edns = dns.message.make_query("web", "A", use_edns=0).to_wire()
    pointer = dns.message.make_query("2.0.18.172.in-addr.arpa", "PTR").to_wire()
    answered = 0
    for _ in range(3000):
        wire = bytearray(chance.choice([plain, edns, pointer, _LOOP, _TWO, _signed()]))
        for _ in range(chance.randrange(4)):
            wire[chance.randrange(len(wire))] = chance.randrange(256)
        cut = chance.randrange(len(wire)) if chance.random() < 0.2 else len(wire)
        query = Query.read(bytes(wire[:cut]) + chance.randbytes(chance.randrange(8)))
        if query is not None:
            query.encode(query.own_answer(NAMES) or query.reply(dns.rcode.SERVFAIL))
            answered += 1
    assert answered > 300


@pytest.fixture
def server() -> Iterator[tuple[str, int]]:
    """A name server on loopback; its upstream servers do not answer."""
    resolver = Resolver()
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind(("127.0.0.1", 0))
    listener = socket.socket()
    listener.bind(datagrams.getsockname())
    resolver.serve("c", datagrams, listener, NAMES)
    yield datagrams.getsockname()
    resolver.leave("c")


def test_over_udp(server: tuple[str, int]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(5)
        sock.connect(server)
        sock.send(b"junk")  # ignored, and the next query is answered
        for name, code in (("web", dns.rcode.NOERROR), ("example.com", dns.rcode.NXDOMAIN)):
            query = dns.message.make_query(name, "A")
            sock.send(query.to_wire())
            answer = dns.message.from_wire(sock.recv(4096))
            assert query.is_response(answer)
            assert answer.rcode() == code


def test_over_tcp(server: tuple[str, int]) -> None:
    """Several queries on one connection; invalid data closes it."""
    with socket.create_connection(server, 5) as sock, sock.makefile("rb") as file:
        for name, code in (("many", dns.rcode.NOERROR), ("example.com", dns.rcode.NXDOMAIN)):
            wire = dns.message.make_query(name, "A").to_wire()
            sock.sendall(struct.pack(">H", len(wire)) + wire)
            (size,) = struct.unpack(">H", file.read(2))
            answer = dns.message.from_wire(file.read(size))
            assert answer.rcode() == code
            assert len(answer.answer) == (1 if name == "many" else 0)
        sock.sendall(b"\0\4junk")
        assert file.read() == b""


@contextmanager
def served(resolver: Resolver, container: str, *servers: str) -> Iterator[socket.socket]:
    """Serve a container on loopback; yield a UDP client."""
    names = Names(NAMES.look_up, NAMES.reverse, lambda: list(servers))
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind(("127.0.0.1", 0))
    listener = socket.socket()
    listener.bind(datagrams.getsockname())
    resolver.serve(container, datagrams, listener, names)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(datagrams.getsockname())
        client.settimeout(5)
        yield client
    resolver.leave(container)


def test_a_flood_of_a_container_neither_delays_others_nor_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    released = threading.Event()
    forwarded = []

    def forward(query: Query, servers: list[str]) -> bytes:
        if servers:
            forwarded.append(query)
            released.wait(10)
        return query.encode(query.reply())

    monkeypatch.setattr(dns_module, "_forward", forward)
    wire = dns.message.make_query("example.com", "A").to_wire()
    resolver = Resolver()
    with served(resolver, "flooding", "192.0.2.1") as flood, served(resolver, "other") as other:
        for _ in range(200):
            flood.send(wire)
        other.send(wire)
        assert other.recv(512)
        released.set()
        flood.send(wire)
        assert flood.recv(512)
    assert len(forwarded) < 100


@contextmanager
def upstream(monkeypatch: pytest.MonkeyPatch, kind: int, *answers: bytes) -> Iterator[str]:
    """Run a name server that answers one query with these messages, after the query's ID."""

    def serve() -> None:
        if kind == socket.SOCK_DGRAM:
            query, client = sock.recvfrom(512)
            sock.sendto(b"\xff\xff not this query's", client)
            for answer in answers:
                sock.sendto(query[:2] + answer, client)
            return
        connection, _ = sock.accept()
        with connection:
            (size,) = struct.unpack(">H", connection.recv(2))
            query = connection.recv(size)
            for answer in answers:
                connection.sendall(struct.pack(">H", len(answer) + 2) + query[:2] + answer)

    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(5)
        if kind == socket.SOCK_STREAM:
            sock.listen()
        monkeypatch.setattr(dns_module, "_PORT", sock.getsockname()[1])
        monkeypatch.setattr(dns_module, "_FORWARD_S", 0.2)
        thread = threading.Thread(target=serve)
        thread.start()
        yield "127.0.0.1"
        thread.join()


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
def test_other_names_are_forwarded_to_the_first_server_that_answers(
    monkeypatch: pytest.MonkeyPatch, kind: int
) -> None:
    wire = dns.message.make_query("example.com", "A", id=7).to_wire()
    query = Query.read(wire, over_tcp=kind == socket.SOCK_STREAM)
    assert query is not None
    with upstream(monkeypatch, kind, b" the answer") as server:
        assert dns_module._forward(query, ["127.0.0.2", server]) == b"\0\7 the answer"  # noqa: SLF001


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
def test_a_server_that_does_not_answer_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, kind: int
) -> None:
    wire = dns.message.make_query("example.com", "A").to_wire()
    query = Query.read(wire, over_tcp=kind == socket.SOCK_STREAM)
    assert query is not None
    with upstream(monkeypatch, kind) as server:
        answer = dns.message.from_wire(dns_module._forward(query, [server]))  # noqa: SLF001
    assert answer.rcode() == dns.rcode.SERVFAIL
