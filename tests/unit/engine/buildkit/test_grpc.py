"""A gRPC server without I/O, tested with h2's client."""

from __future__ import annotations

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, Event, StreamEnded, TrailersReceived

from docker_magics.engine.buildkit import grpc
from docker_magics.engine.buildkit.grpc import CallError, ConnectionEnded, Server, Status, Unary


class Echo:
    """Sends every message back twice."""

    def __init__(self) -> None:
        self._messages: list[bytes] = []
        self.closed = 0
        self.finished = False

    def receive(self, message: bytes) -> None:
        if message == b"end":
            self.finished = True
        else:
            self._messages += [message, message]

    def end_receiving(self) -> None:
        """Wait for the message `end`."""

    def next_message(self) -> bytes | None:
        return self._messages.pop(0) if self._messages else None

    def close(self) -> None:
        self.closed += 1


def broken(_request: bytes) -> bytes:
    raise OSError("no space left")


def refuse(_request: bytes) -> bytes:
    raise CallError(Status.NOT_FOUND, "no such thing: ü")


class Client:
    """A gRPC client."""

    def __init__(self) -> None:
        unary = {"/reverse": lambda request: request[::-1], "/refuse": refuse, "/broken": broken}
        methods: dict[str, grpc.Method] = {
            path: lambda _headers, answer=answer: Unary(answer) for path, answer in unary.items()
        }
        self.echo = Echo()
        self.server = Server({**methods, "/echo": lambda _headers: self.echo})
        self.http = H2Connection(H2Configuration(client_side=True))
        self.http.initiate_connection()
        self.data: dict[int, bytes] = {}
        self.trailers: dict[int, dict[bytes, bytes]] = {}
        self._take(self.server.greeting())

    def call(self, path: str, *messages: bytes, end: bool = True) -> int:
        stream = self.http.get_next_available_stream_id()
        headers = [(":method", "POST"), (":scheme", "http"), (":authority", "x"), (":path", path)]
        self.http.send_headers(stream, headers)
        for message in messages:
            self.http.send_data(stream, b"\0" + len(message).to_bytes(4, "big") + message)
        if end:
            self.http.end_stream(stream)
        self.exchange()
        return stream

    def exchange(self, size: int = 1 << 30) -> None:
        """Exchange bytes in pieces of this size until neither side has any left."""
        while data := self.http.data_to_send():
            for start in range(0, len(data), size):
                self._take(self.server.feed(data[start : start + size]))

    def _take(self, data: bytes) -> None:
        for event in self.http.receive_data(data):
            self._note(event)

    def _note(self, event: Event) -> None:
        match event:
            case DataReceived(stream_id=int(stream)):
                self.data[stream] = self.data.get(stream, b"") + (event.data or b"")
                self.http.acknowledge_received_data(event.flow_controlled_length or 0, stream)
            case TrailersReceived(stream_id=int(stream)):
                self.trailers[stream] = dict(event.headers or [])
            case StreamEnded():
                pass

    def messages(self, stream: int) -> list[bytes]:
        data, messages = self.data.get(stream, b""), []
        while data:
            end = 5 + int.from_bytes(data[1:5], "big")
            messages.append(data[5:end])
            data = data[end:]
        return messages


def test_a_unary_call() -> None:
    client = Client()
    stream = client.call("/reverse", b"abc")
    assert client.messages(stream) == [b"cba"]
    assert client.trailers[stream][b"grpc-status"] == b"0"


def test_a_streaming_call() -> None:
    client = Client()
    stream = client.call("/echo", b"a", b"", end=False)
    assert client.messages(stream) == [b"a", b"a", b"", b""]
    assert stream not in client.trailers
    client.http.send_data(stream, b"\0\0\0\0\3end")
    client.exchange(size=1)
    assert client.trailers[stream][b"grpc-status"] == b"0"


def test_a_response_larger_than_the_window() -> None:
    client = Client()
    large = bytes(range(256)) * 2000
    stream = client.call("/echo", end=False)
    for start in range(0, 5 + len(large), 16_000):
        framed = b"\0" + len(large).to_bytes(4, "big") + large
        client.http.send_data(stream, framed[start : start + 16_000])
        client.exchange()
    assert client.messages(stream) == [large, large]


def test_each_end_closes_the_call_once() -> None:
    client = Client()
    client.call("/echo", b"end")
    assert client.echo.closed == 1
    client.echo = Echo()
    client.http.reset_stream(client.call("/echo", b"a", end=False))
    client.exchange()
    assert client.echo.closed == 1
    client.echo = Echo()
    stream = client.call("/echo", end=False)
    client.http.send_data(stream, b"\1\0\0\0\0")  # compressed
    client.exchange()
    assert client.echo.closed == 1
    client.echo = Echo()
    client.call("/echo", end=False)
    client.server.close()
    assert client.echo.closed == 1


def test_errors_reach_the_client() -> None:
    client = Client()
    refused, unknown = client.call("/refuse", b""), client.call("/nothing", b"")
    assert client.trailers[refused][b"grpc-status"] == b"5"
    assert client.trailers[refused][b"grpc-message"] == b"no%20such%20thing%3A%20%C3%BC"
    assert client.trailers[unknown][b"grpc-status"] == b"12"
    broken = client.trailers[client.call("/broken", b"")]
    assert (broken[b"grpc-status"], broken[b"grpc-message"]) == (b"2", b"no%20space%20left")


def test_too_large_or_compressed_messages_are_rejected() -> None:
    client = Client()
    for head in (b"\0\xff\xff\xff\xff", b"\1\0\0\0\1x"):
        stream = client.call("/echo", end=False)
        client.http.send_data(stream, head)
        client.exchange()
        assert client.trailers[stream][b"grpc-status"] == b"2"


def test_invalid_http_is_an_error() -> None:
    with pytest.raises(ConnectionEnded):
        Client().server.feed(b"GET / HTTP/1.1\r\n\r\n" * 10)


def test_goaway_ends_the_connection() -> None:
    client = Client()
    client.http.close_connection()
    with pytest.raises(ConnectionEnded):
        client.exchange()
