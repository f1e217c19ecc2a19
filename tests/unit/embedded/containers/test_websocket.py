"""Attaching over a WebSocket: the bytes that a client sends and receives."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

import pytest

from docker_magics.embedded.containers.websocket import Messages
from docker_magics.embedded.server.connection import Raw
from docker_magics.wire import frames

_TEXT, _BINARY, _CLOSE, _PING, _PONG = 1, 2, 8, 9, 10
_MASK = bytes([1, 2, 3, 4])


def _from_client(opcode: int, payload: bytes, *, final: bool = True, masked: bool = True) -> bytes:
    head = bytes([opcode | (0x80 if final else 0)])
    size = len(payload)
    bit = 0x80 if masked else 0
    if size < 126:
        head += bytes([bit | size])
    elif size < 65536:
        head += struct.pack(">BH", bit | 126, size)
    else:
        head += struct.pack(">BQ", bit | 127, size)
    if not masked:
        return head + payload
    return head + _MASK + bytes(byte ^ _MASK[at % 4] for at, byte in enumerate(payload))


class Pair:
    """A WebSocket of the engine and a client's socket."""

    def __init__(self, early: bytes = b"", *, framed: bool = False) -> None:
        self.client, self.sock = socket.socketpair()
        self.client.settimeout(5)
        self.sock.settimeout(5)
        self.messages = Messages(Raw(self.sock, early), framed=framed)

    def received(self) -> bytes:
        """Return what the client has received so far."""
        return self.client.recv(1 << 20)

    def close(self) -> None:
        self.client.close()
        self.sock.close()


@pytest.fixture
def pair() -> Iterator[Pair]:
    made = Pair()
    yield made
    made.close()


@pytest.mark.parametrize("size", [1, 125, 126, 65535, 65536, 200_000])
def test_input_of_every_size_arrives_complete(size: int) -> None:
    content = bytes(at % 251 for at in range(size))
    pair = Pair(early=_from_client(_BINARY, content))
    received = b""
    while len(received) < size and (data := pair.messages.recv(1000)):
        received += data
    assert received == content
    pair.close()


def test_input_may_be_text_and_in_fragments(pair: Pair) -> None:
    pair.client.sendall(_from_client(_TEXT, b"on", final=False) + _from_client(0, "é".encode()))
    assert pair.messages.recv(100) == "oné".encode()


def test_input_that_arrives_a_byte_at_a_time(pair: Pair) -> None:
    for byte in _from_client(_BINARY, b"hi"):
        pair.client.sendall(bytes([byte]))
    assert pair.messages.recv(1) + pair.messages.recv(1) == b"hi"


def test_a_ping_is_answered_and_is_not_input(pair: Pair) -> None:
    pair.client.sendall(_from_client(_PING, b"there?") + _from_client(_BINARY, b"hi"))
    assert pair.messages.recv(100) == b"hi"
    assert pair.received() == bytes([0x80 | _PONG, 6]) + b"there?"


def test_the_client_closes_the_connection(pair: Pair) -> None:
    pair.client.sendall(_from_client(_CLOSE, struct.pack(">H", 1000)))
    assert pair.messages.recv(100) == b""
    assert pair.messages.recv(100) == b""
    pair.messages.sendall(b"nobody reads this")
    pair.messages.close_write()
    assert pair.received() == bytes([0x80 | _CLOSE, 2]) + struct.pack(">H", 1000)
    assert pair.received() == b""


def test_a_disconnected_client(pair: Pair) -> None:
    pair.client.shutdown(socket.SHUT_WR)
    assert pair.messages.recv(100) == b""


@pytest.mark.parametrize(
    "wire",
    [
        _from_client(_BINARY, b"hi", masked=False),
        _from_client(3, b"unknown opcode"),
        _from_client(0, b"continues nothing"),
        _from_client(_TEXT, b"\xff\xfe"),
        b"\xff" * 64,
    ],
)
def test_protocol_violations_end_the_input(pair: Pair, wire: bytes) -> None:
    pair.client.sendall(wire)
    assert pair.messages.recv(100) == b""
    assert pair.received()[0] == 0x80 | _CLOSE


def test_output_is_in_binary_messages(pair: Pair) -> None:
    pair.messages.sendall(b"x" * 300)
    assert pair.received() == struct.pack(">BBH", 0x80 | _BINARY, 126, 300) + b"x" * 300


def test_stream_frames_are_removed_from_output() -> None:
    pair = Pair(framed=True)
    wire = frames.encode(frames.Stream.STDOUT, b"out") + frames.encode(frames.Stream.STDERR, b"err")
    pair.messages.sendall(wire[:5])
    pair.messages.sendall(wire[5:])
    head = bytes([0x80 | _BINARY, 3])
    assert pair.received() == head + b"out" + head + b"err"
    pair.close()


def test_the_end_of_output_closes(pair: Pair) -> None:
    pair.messages.close_write()
    assert pair.received() == bytes([0x80 | _CLOSE, 2]) + struct.pack(">H", 1000)
    assert pair.received() == b""
