"""A gRPC server without I/O: bytes in, bytes out.

HTTP/2 is h2's work. Answers are asked of a call one message at a time, as the other side has room
for them: a large one never lies in memory.

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

#: What came with a call: header names -> their values.
Headers = Mapping[str, list[str]]

_HEAD = 5
#: Larger messages are none of BuildKit's.
_LARGEST = 4 * 1024 * 1024


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


class Call(Protocol):
    """One call under way. Its methods may raise CallError, which ends it."""

    def receive(self, message: bytes) -> None:
        """A message of the caller's."""

    def next_message(self) -> bytes | None:
        """The next one to send; None while there is none."""

    @property
    def finished(self) -> bool:
        """Whether, once `next_message` has given None, nothing more will come."""


Method = Callable[[Headers], Call]


class Unary:
    """One message, one answer."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self._answer = answer
        self._message: bytes | None = None
        self.finished = False

    def receive(self, message: bytes) -> None:
        """Answer it."""
        self._message = self._answer(message)
        self.finished = True

    def next_message(self) -> bytes | None:
        """The answer, once."""
        message, self._message = self._message, None
        return message


@dataclass
class _Stream:
    call: Call | None
    received: bytearray = field(default_factory=bytearray)
    to_send: bytes = b""
    status: Status = Status.OK
    said: str = ""


class Server:
    """The serving side of one connection.

    Args:
        methods: by path, as `/grpc.health.v1.Health/Check`.
    """

    def __init__(self, methods: Mapping[str, Method]) -> None:
        self._methods = methods
        self._streams: dict[int, _Stream] = {}
        self._http = H2Connection(H2Configuration(client_side=False, header_encoding=None))
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
                self._begin(stream, event)
            case DataReceived(stream_id=int(stream)):
                self._http.acknowledge_received_data(event.flow_controlled_length or 0, stream)
                self._receive(stream, event.data or b"")
            case StreamEnded(stream_id=int(stream)):
                self._send(stream)
            case StreamReset(stream_id=int(stream)):
                self._streams.pop(stream, None)
            case WindowUpdated():
                for stream in list(self._streams):
                    self._send(stream)
            case ConnectionTerminated():
                raise ConnectionEnded("goodbye")

    def _begin(self, stream: int, event: RequestReceived) -> None:
        headers: dict[str, list[str]] = {}
        for name, value in event.headers or []:
            headers.setdefault(name.decode(), []).append(value.decode(errors="replace"))
        self._streams[stream] = _Stream(None)
        self._http.send_headers(stream, [(":status", "200"), ("content-type", "application/grpc")])
        method = self._methods.get(headers[":path"][0], _unimplemented)
        try:
            self._streams[stream].call = method(headers)
        except CallError as error:
            self._fail(stream, error)
        self._send(stream)

    def _receive(self, number: int, data: bytes) -> None:
        stream = self._streams.get(number)
        if stream is None:
            return
        stream.received += data
        try:
            while stream.call is not None and (message := _message(stream.received)) is not None:
                stream.call.receive(message)
        except CallError as error:
            self._fail(number, error)
        self._send(number)

    def _fail(self, number: int, error: CallError) -> None:
        stream = self._streams[number]
        stream.call, stream.status, stream.said = None, error.status, str(error)

    def _send(self, number: int) -> None:
        """As much as there is, and as the other side has room for."""
        stream = self._streams.get(number)
        if stream is None:
            return
        try:
            while self._more(number, stream):
                room = min(
                    self._http.local_flow_control_window(number),
                    self._http.max_outbound_frame_size,
                )
                if room <= 0:
                    return
                self._http.send_data(number, stream.to_send[:room])
                stream.to_send = stream.to_send[room:]
            if stream.call is None or stream.call.finished:
                self._end(number, stream)
        except StreamClosedError:
            del self._streams[number]  # the caller has gone

    def _more(self, number: int, stream: _Stream) -> bool:
        """Whether there is something to send; asks the call for it."""
        if stream.to_send:
            return True
        try:
            message = stream.call.next_message() if stream.call is not None else None
        except CallError as error:
            self._fail(number, error)
            return False
        if message is None:
            return False
        stream.to_send = b"\0" + len(message).to_bytes(4, "big") + message
        return True

    def _end(self, number: int, stream: _Stream) -> None:
        trailers = [("grpc-status", str(stream.status.value)), ("grpc-message", quote(stream.said))]
        self._http.send_headers(number, trailers, end_stream=True)
        del self._streams[number]


def _unimplemented(headers: Headers) -> Call:
    raise CallError(Status.UNIMPLEMENTED, f"no method {headers[':path'][0]}")


def _message(received: bytearray) -> bytes | None:
    """Take the first whole message out of what came."""
    if len(received) < _HEAD:
        return None
    end = _HEAD + int.from_bytes(received[1:_HEAD], "big")
    if end > _LARGEST or received[0]:
        raise CallError(Status.UNKNOWN, "the message is too large, or compressed")
    if len(received) < end:
        return None
    message = bytes(received[_HEAD:end])
    del received[:end]
    return message
