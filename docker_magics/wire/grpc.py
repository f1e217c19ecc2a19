"""A gRPC server without I/O: bytes in, bytes out; one request, one answer a call.

HTTP/2 is h2's work. Only what BuildKit asks its client for is served: short unary calls.

source: grpc/grpc, doc/PROTOCOL-HTTP2.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from urllib.parse import quote

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RequestReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import ProtocolError

#: A call: the request's message -> the answer's.
Method = Callable[[bytes], bytes]

_HEAD = 5
#: Larger requests are none of BuildKit's.
_LARGEST = 1024 * 1024


class Status(IntEnum):
    """How a call ended."""

    OK = 0
    UNKNOWN = 2
    NOT_FOUND = 5
    UNIMPLEMENTED = 12


class CallError(Exception):
    """A call that fails, with what to tell the caller."""

    def __init__(self, status: Status, message: str) -> None:
        super().__init__(message)
        self.status = status


class ConnectionEnded(Exception):
    """The other side said goodbye, or what came is no HTTP/2."""


@dataclass
class _Call:
    path: str
    request: bytearray = field(default_factory=bytearray)


@dataclass
class _Answer:
    """What of an answer's data is still to be sent, and its trailers."""

    data: bytes
    trailers: list[tuple[str, str]]


class Server:
    """The serving side of one connection.

    Args:
        methods: by path, as `/grpc.health.v1.Health/Check`.
    """

    def __init__(self, methods: Mapping[str, Method]) -> None:
        self._methods = methods
        self._calls: dict[int, _Call] = {}
        self._answers: dict[int, _Answer] = {}
        self._http = H2Connection(H2Configuration(client_side=False))
        self._http.initiate_connection()

    def greeting(self) -> bytes:
        """What to send first."""
        return self._http.data_to_send()

    def feed(self, data: bytes) -> bytes:
        """Take in what came; gives what to send.

        Raises:
            ConnectionEnded: nothing more is to be sent or read.
        """
        try:
            for event in self._http.receive_data(data):
                self._take(event)
        except ProtocolError as error:
            raise ConnectionEnded(str(error)) from error
        return self._http.data_to_send()

    def _take(self, event: Event) -> None:
        match event:
            case RequestReceived(stream_id=int(stream)):
                path = dict(event.headers or []).get(b":path", b"")
                self._calls[stream] = _Call(path.decode(errors="replace"))
            case DataReceived(stream_id=int(stream)):
                self._receive(stream, event)
            case StreamEnded(stream_id=int(stream)) if stream in self._calls:
                self._answer(stream, self._calls.pop(stream))
            case StreamReset(stream_id=int(stream)):
                self._calls.pop(stream, None)
                self._answers.pop(stream, None)
            case WindowUpdated():
                for stream in list(self._answers):
                    self._send(stream)
            case ConnectionTerminated():
                raise ConnectionEnded("goodbye")

    def _receive(self, stream: int, event: DataReceived) -> None:
        self._http.acknowledge_received_data(event.flow_controlled_length or 0, stream)
        if stream not in self._calls:
            return
        request = self._calls[stream].request
        request += event.data or b""
        if len(request) > _LARGEST:
            del self._calls[stream]
            self._http.reset_stream(stream, ErrorCodes.ENHANCE_YOUR_CALM)

    def _answer(self, stream: int, call: _Call) -> None:
        status, message, data = self._called(call)
        framed = b"\0" + len(data).to_bytes(4, "big") + data if status is Status.OK else b""
        trailers = [("grpc-status", str(status.value)), ("grpc-message", quote(message))]
        self._answers[stream] = _Answer(framed, trailers)
        self._http.send_headers(stream, [(":status", "200"), ("content-type", "application/grpc")])
        self._send(stream)

    def _called(self, call: _Call) -> tuple[Status, str, bytes]:
        method = self._methods.get(call.path)
        if method is None:
            return Status.UNIMPLEMENTED, f"no method {call.path}", b""
        try:
            return Status.OK, "", method(bytes(call.request[_HEAD:]))
        except CallError as error:
            return error.status, str(error), b""

    def _send(self, stream: int) -> None:
        """As much of an answer as the other side has room for."""
        answer = self._answers[stream]
        while answer.data:
            room = min(
                self._http.local_flow_control_window(stream), self._http.max_outbound_frame_size
            )
            if room <= 0:
                return
            self._http.send_data(stream, answer.data[:room])
            answer.data = answer.data[room:]
        self._http.send_headers(stream, answer.trailers, end_stream=True)
        del self._answers[stream]
