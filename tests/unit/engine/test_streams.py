"""Hijacked and streamed responses over real sockets, closed by either side."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from unit.commands.stub_engine import hijacked
from wire.fake_engine import Answer, FakeEngine

from docker_magics.engine.address import Address
from docker_magics.engine.client import Engine
from docker_magics.engine.http_response import Response
from docker_magics.engine.streamed import StreamedResponse
from docker_magics.wire.frames import Frame, FrameError, Stream, encode


def test_frames_are_decoded_and_a_tty_is_raw() -> None:
    data = encode(Stream.STDOUT, b"out") + encode(Stream.STDERR, b"err")
    with closing(hijacked(data)) as connection:
        frames = list(connection.frames(tty=False))
    assert frames == [Frame(Stream.STDOUT, b"out"), Frame(Stream.STDERR, b"err")]
    with closing(hijacked(data)) as connection:
        assert b"".join(frame.data for frame in connection.frames(tty=True)) == data


def test_a_connection_without_frames_is_an_error() -> None:
    with (
        closing(hijacked(b"HTTP/1.1 400 Bad Request")) as connection,
        pytest.raises(FrameError, match="not a stream of frames"),
    ):
        list(connection.frames(tty=False))


def test_output_continues_after_stdin_eof() -> None:
    def upper(peer: socket.socket) -> None:
        text = b"".join(iter(lambda: peer.recv(4096), b""))
        peer.sendall(text.upper())

    connection = hijacked(upper)
    connection.write(b"hello")
    connection.close_write()
    assert connection.read() == b"HELLO"
    assert connection.read() == b""
    connection.close()


def test_closing_ends_a_blocked_read_and_can_be_repeated() -> None:
    connection = hijacked(lambda peer: peer.recv(1) and None)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(connection.read()))
    reader.start()
    connection.close()
    reader.join(5)
    assert read == [b""]
    connection.close()
    connection.close_write()
    assert connection.read() == b""


# -- streamed responses


@dataclass
class Streaming:
    """A response in progress, and the server's end of its connection."""

    response: Response
    server: socket.socket

    def send(self, data: bytes) -> None:
        """Send a chunk; an empty one ends the body."""
        self.server.sendall(b"%x\r\n%b\r\n" % (len(data), data))


_PING = b"HTTP/1.1 200 OK\r\nApi-Version: 1.47\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_ENDLESS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def stream(tmp_path: Path) -> Iterator[Streaming]:
    """A response with a chunked body."""
    accepted: list[socket.socket] = []
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()

        def serve() -> None:
            for response in (_PING, _ENDLESS):
                connection, _ = listener.accept()
                connection.recv(4096)
                connection.sendall(response)
                accepted.append(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        engine = Engine(Address(f"unix://{tmp_path}/s"))
        response = engine.request("GET", "/events", stream=True)
        thread.join(5)
        with accepted[0], accepted[1]:
            yield Streaming(response, accepted[1])
        response.close()
        engine.close()


def test_json_values_may_be_split_anywhere(stream: Streaming) -> None:
    for piece in (b'{"a": "\xc3', b'\xbc"}\n{"b"', b": 2} [3]  \n"):
        stream.send(piece)
    stream.send(b"")
    assert list(StreamedResponse(stream.response).values()) == [{"a": "ü"}, {"b": 2}, [3]]


def test_closing_ends_a_stream_that_is_read(stream: Streaming) -> None:
    streamed = StreamedResponse(stream.response)
    values = streamed.values()
    stream.send(b'{"first": 1}')
    assert next(values) == {"first": 1}
    streamed.close()
    assert list(values) == []
    streamed.close()


def test_a_closed_body_has_no_json(stream: Streaming) -> None:
    streamed = StreamedResponse(stream.response)
    stream.send(b'{"StatusCode":')
    streamed.close()
    assert streamed.json() is None


def test_a_silent_stream_ends(stream: Streaming) -> None:
    stream.send(b"line\n")
    streamed = StreamedResponse(stream.response, silence=0.05)
    assert b"".join(streamed.pieces()) == b"line\n"


def test_a_body_that_is_read_already_has_no_connection(tmp_path: Path) -> None:
    fake = FakeEngine(tmp_path / "s").start()
    fake.answers = [("GET /x", lambda: Answer(raw=b'{"a": 1}'))]
    engine = Engine(Address(fake.host))
    streamed = StreamedResponse(engine.request("GET", "/x", stream=True))
    assert streamed.json() == {"a": 1}
    streamed.close()
    engine.close()
    fake.stop()
