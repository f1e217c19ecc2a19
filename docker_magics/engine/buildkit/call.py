"""A gRPC client without a library: each call has a connection.

source: grpc/grpc, doc/PROTOCOL-HTTP2.md; Engine API, the routes /grpc and, from API 1.53 on, HTTP/2
without TLS (h2c) on the engine's socket.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator, Sequence
from typing import Protocol
from urllib.parse import unquote

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.exceptions import ProtocolError

from docker_magics.engine.client import Engine
from docker_magics.engine.dial import plain_socket

from .grpc import CallError, Status, framed, take_message

#: The API version from which on engines serve gRPC on their socket.
_WITH_GRPC = "1.53"
_STREAM = 1
_CHUNK = 64 * 1024


class ByteStream(Protocol):
    """A connection: raw bytes in both directions."""

    def read(self) -> bytes:
        """Return the next bytes, at least one; b"" at the end."""

    def write(self, data: bytes) -> None:
        """Send all bytes."""

    def close(self) -> None:
        """Close the connection; a blocked read in another thread returns."""


class SocketStream:
    """A socket as a ByteStream."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock

    def read(self) -> bytes:
        """Return the next bytes, at least one; b"" at the end."""
        try:
            return self._socket.recv(_CHUNK)
        except OSError:
            return b""  # closed by either side

    def write(self, data: bytes) -> None:
        """Send all bytes."""
        self._socket.sendall(data)

    def close(self) -> None:
        """Close the connection; a blocked read in another thread returns."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def grpc_socket(engine: Engine) -> SocketStream | None:
    """Connect to an engine that serves gRPC on its socket; return None for others."""
    plain = plain_socket(engine.address) if engine.supports(_WITH_GRPC) else None
    return SocketStream(plain) if plain else None


def grpc_connection(engine: Engine) -> ByteStream:
    """Connect to an engine's gRPC server.

    Raises:
        EngineError: the engine does not serve gRPC.
    """
    return grpc_socket(engine) or engine.hijack("/grpc", protocol="h2c")


class GrpcCall:
    """A call in progress: one thread reads and writes, any thread may close it.

    Args:
        connection: a connection to the server, for this call only.
        method: the method's path, such as `/grpc.health.v1.Health/Check`.
        metadata: the call's metadata: names and values.
    """

    def __init__(
        self, connection: ByteStream, method: str, metadata: Sequence[tuple[str, str]] = ()
    ) -> None:
        self._connection = connection
        self._http = H2Connection(H2Configuration(client_side=True, header_encoding=None))
        self._received = bytearray()
        self._to_send = bytearray()
        self._is_ending = self._has_ended = False
        self._trailers: dict[bytes, bytes] = {}
        self._http.initiate_connection()
        self._http.send_headers(
            _STREAM,
            [
                (":method", "POST"),
                (":scheme", "http"),
                (":path", method),
                (":authority", "localhost"),
                ("content-type", "application/grpc"),
                ("te", "trailers"),
                *((name.lower(), value) for name, value in metadata),
            ],
        )
        self._flush()

    def send(self, message: bytes) -> None:
        """Send a message, as soon as the server's window allows."""
        self._to_send += framed(message)
        self._flush()

    def end(self) -> None:
        """Send no more messages."""
        self._is_ending = True
        self._flush()

    def receive(self) -> bytes | None:
        """Return the next message, or None at the end.

        Raises:
            CallError: the call failed, or the connection was closed.
        """
        while (message := take_message(self._received)) is None:
            if self._has_ended:
                self._check()
                return None
            self._read()
        return message

    def close(self) -> None:
        """Close the connection, which cancels the call; a blocked `receive` returns."""
        self._connection.close()

    def _read(self) -> None:
        arrived = self._connection.read()
        if not arrived:
            raise CallError(Status.UNAVAILABLE, "the engine closed the connection")
        try:
            for event in self._http.receive_data(arrived):
                self._handle(event)
            self._flush()
        except (OSError, ProtocolError) as error:
            raise CallError(Status.UNAVAILABLE, str(error)) from error

    def _handle(self, event: Event) -> None:
        match event:
            case ResponseReceived() | TrailersReceived():
                self._trailers |= dict(event.headers or [])
            case DataReceived():
                length = event.flow_controlled_length or 0
                self._http.acknowledge_received_data(length, _STREAM)
                self._received += event.data or b""
            case StreamEnded() | StreamReset() | ConnectionTerminated():
                self._has_ended = True

    def _check(self) -> None:
        code = self._trailers.get(b"grpc-status", b"")
        message = unquote(self._trailers.get(b"grpc-message", b"").decode(errors="replace"))
        if not code:
            raise CallError(Status.UNAVAILABLE, "the engine ended the call")
        if code != b"0":
            raise CallError(Status(int(code) if code.isdigit() else Status.UNKNOWN), message)

    def _flush(self) -> None:
        """Send what the flow-control window allows."""
        while self._to_send and not self._has_ended:
            window = min(
                self._http.local_flow_control_window(_STREAM), self._http.max_outbound_frame_size
            )
            if window <= 0:
                break
            self._http.send_data(_STREAM, bytes(self._to_send[:window]))
            del self._to_send[:window]
        if self._is_ending and not self._to_send:
            self._is_ending = False
            self._http.end_stream(_STREAM)
        if pending := self._http.data_to_send():
            self._connection.write(pending)


def begin(
    engine: Engine, method: str, request: bytes, metadata: Sequence[tuple[str, str]] = ()
) -> GrpcCall:
    """Begin a call with one request to an engine's BuildKit.

    Raises:
        CallError: the engine closed the connection.
        EngineError: the engine does not serve gRPC.
    """
    connection = grpc_connection(engine)
    try:
        call = GrpcCall(connection, method, metadata)
        call.send(request)
        call.end()
    except OSError as error:
        connection.close()
        raise CallError(Status.UNAVAILABLE, "the engine closed the connection") from error
    return call


def answers(engine: Engine, method: str, request: bytes) -> Iterator[bytes]:
    """Yield the responses of a call with one request.

    Raises:
        CallError: the call failed.
        EngineError: the engine does not serve gRPC.
    """
    call = begin(engine, method, request)
    try:
        while (message := call.receive()) is not None:
            yield message
    finally:
        call.close()
