"""A gRPC server without I/O: bytes in, bytes out.

h2 implements HTTP/2. Flow control applies back-pressure: the server asks a call for the next
message only if the peer's window is open, so that a large response is never held in memory.

source: grpc/grpc, doc/PROTOCOL-HTTP2.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Protocol
from urllib.parse import quote

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RequestReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import ProtocolError, StreamClosedError

#: The headers of a call: name -> values.
Headers = Mapping[str, list[str]]

_PREFIX_LENGTH = 5
#: gRPC's default limit of message sizes.
_MAX_MESSAGE = 4 * 1024 * 1024


class Status(IntEnum):
    """The status code of a call; codes that are not listed here become UNKNOWN."""

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    UNIMPLEMENTED = 12
    UNAVAILABLE = 14

    @classmethod
    def _missing_(cls, _value: object) -> Status:
        return cls.UNKNOWN


class CallError(Exception):
    """A call failed; the server sends status and message to the caller."""

    def __init__(self, status: Status, message: str) -> None:
        super().__init__(message)
        self.status = status


class ConnectionEnded(Exception):
    """The peer sent GOAWAY, or invalid HTTP/2."""


class Call(Protocol):
    """A call in progress. Its methods may raise CallError or OSError, which ends the call."""

    def receive(self, message: bytes) -> None:
        """Handle a message of the caller."""

    def end_receiving(self) -> None:
        """Handle the end of the caller's messages."""

    def next_message(self) -> bytes | None:
        """Return the next message to send, or None if none is ready."""

    @property
    def finished(self) -> bool:
        """Whether the call is complete once `next_message` returns None."""

    def close(self) -> None:
        """Release what the call holds, once: it is complete, has failed, or was cancelled."""


Method = Callable[[Headers], Call]


class Unary:
    """A unary call: one request, one response."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self._answer = answer
        self._message: bytes | None = None
        self.finished = False

    def receive(self, message: bytes) -> None:
        """Handle the request."""
        self._message = self._answer(message)
        self.finished = True

    def end_receiving(self) -> None:
        """Do nothing: the request has only one message."""

    def next_message(self) -> bytes | None:
        """Return the response, once."""
        message, self._message = self._message, None
        return message

    def close(self) -> None:
        """Do nothing: nothing is left open."""


@dataclass
class _Stream:
    call: Call | None
    received: bytearray = field(default_factory=bytearray)
    to_send: bytes = b""
    status: Status = Status.OK
    message: str = ""


class Server:
    """The server side of one connection.

    Args:
        methods: the methods by path, such as `/grpc.health.v1.Health/Check`.
    """

    def __init__(self, methods: Mapping[str, Method]) -> None:
        self._methods = methods
        self._streams: dict[int, _Stream] = {}
        self._http = H2Connection(H2Configuration(client_side=False, header_encoding=None))
        self._http.initiate_connection()

    def greeting(self) -> bytes:
        """Return the connection preface."""
        return self._http.data_to_send()

    def feed(self, data: bytes) -> bytes:
        """Handle received bytes and return the bytes to send.

        Raises:
            ConnectionEnded: the connection is to be closed.
        """
        try:
            for event in self._http.receive_data(data):
                self._handle(event)
        except ProtocolError as error:
            raise ConnectionEnded(str(error)) from error
        return self._http.data_to_send()

    def close(self) -> None:
        """Cancel the calls that are in progress."""
        for number in list(self._streams):
            self._forget(number)

    def _handle(self, event: Event) -> None:
        match event:
            case RequestReceived(stream_id=int(stream)):
                self._begin(stream, event)
            case DataReceived(stream_id=int(stream)):
                self._http.acknowledge_received_data(event.flow_controlled_length or 0, stream)
                self._receive(stream, event.data or b"")
            case StreamEnded(stream_id=int(stream)):
                self._end_receiving(stream)
            case StreamReset(stream_id=int(stream)):
                self._forget(stream)
            case WindowUpdated():
                for stream in list(self._streams):
                    self._send(stream)
            case ConnectionTerminated():
                raise ConnectionEnded("GOAWAY")

    def _begin(self, stream: int, event: RequestReceived) -> None:
        headers: dict[str, list[str]] = {}
        for name, value in event.headers or []:
            headers.setdefault(name.decode(), []).append(value.decode(errors="replace"))
        self._streams[stream] = _Stream(None)
        self._http.send_headers(stream, [(":status", "200"), ("content-type", "application/grpc")])
        method = self._methods.get(headers[":path"][0], _unimplemented)
        try:
            self._streams[stream].call = method(headers)
        except (CallError, OSError) as error:
            self._fail(stream, error)
        self._send(stream)

    def _receive(self, number: int, data: bytes) -> None:
        stream = self._streams.get(number)
        if stream is None:
            return
        stream.received += data
        try:
            while (
                stream.call is not None and (message := take_message(stream.received)) is not None
            ):
                stream.call.receive(message)
        except (CallError, OSError) as error:
            self._fail(number, error)
        self._send(number)

    def _end_receiving(self, number: int) -> None:
        stream = self._streams.get(number)
        if stream is not None and stream.call is not None:
            stream.call.end_receiving()
        self._send(number)

    def _fail(self, number: int, error: CallError | OSError) -> None:
        stream = self._streams[number]
        if stream.call is not None:
            stream.call.close()
        status = error.status if isinstance(error, CallError) else Status.UNKNOWN
        stream.call, stream.status, stream.message = None, status, str(error)

    def _send(self, number: int) -> None:
        """Send pending messages as far as the peer's flow-control window allows."""
        stream = self._streams.get(number)
        if stream is None:
            return
        try:
            while self._has_pending(number, stream):
                window = min(
                    self._http.local_flow_control_window(number),
                    self._http.max_outbound_frame_size,
                )
                if window <= 0:
                    return
                self._http.send_data(number, stream.to_send[:window])
                stream.to_send = stream.to_send[window:]
            if stream.call is None or stream.call.finished:
                self._end(number, stream)
        except StreamClosedError:
            self._forget(number)  # the caller has disconnected

    def _has_pending(self, number: int, stream: _Stream) -> bool:
        """Whether data is pending; asks the call for its next message."""
        if stream.to_send:
            return True
        try:
            message = stream.call.next_message() if stream.call is not None else None
        except (CallError, OSError) as error:
            self._fail(number, error)
            return False
        if message is None:
            return False
        stream.to_send = framed(message)
        return True

    def _end(self, number: int, stream: _Stream) -> None:
        trailers = [
            ("grpc-status", str(stream.status.value)),
            ("grpc-message", quote(stream.message)),
        ]
        self._http.send_headers(number, trailers, end_stream=True)
        self._forget(number)

    def _forget(self, number: int) -> None:
        stream = self._streams.pop(number, None)
        if stream is not None and stream.call is not None:
            stream.call.close()


def _unimplemented(headers: Headers) -> Call:
    raise CallError(Status.UNIMPLEMENTED, f"no method {headers[':path'][0]}")


def framed(message: bytes) -> bytes:
    """Return a message with its prefix: not compressed, and its length."""
    return b"\0" + len(message).to_bytes(4, "big") + message


def take_message(received: bytearray) -> bytes | None:
    """Remove the first complete message from the received bytes and return it.

    Raises:
        CallError: the message is too large or compressed.
    """
    if len(received) < _PREFIX_LENGTH:
        return None
    end = _PREFIX_LENGTH + int.from_bytes(received[1:_PREFIX_LENGTH], "big")
    if end > _MAX_MESSAGE or received[0]:
        raise CallError(Status.UNKNOWN, "cannot read the message: too large or compressed")
    if len(received) < end:
        return None
    message = bytes(received[_PREFIX_LENGTH:end])
    del received[:end]
    return message
