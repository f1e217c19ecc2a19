"""A byte stream to BuildKit inside a gRPC call on the engine's socket, in HTTP/2 without TLS (h2c).

It takes the place of the hijacked connection of /session, which Docker deprecates from API 1.53 on.

source: moby/buildkit, api/services/control/control.proto: Control.Session, BytesMessage;
session/grpchijack/dial.go.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Mapping

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, DataReceived, Event, StreamEnded, StreamReset
from h2.exceptions import ProtocolError

from .grpc import CallError, framed, take_message
from .protobuf import Message, ProtobufError, encode

_METHOD = "/moby.buildkit.v1.Control/Session"
_STREAM = 1
_CHUNK = 64 * 1024


class SessionTunnel:
    """The client's side of the call; one thread reads and writes.

    Args:
        sock: a connection to the engine.
        headers: the call's metadata.
    """

    def __init__(self, sock: socket.socket, headers: Mapping[str, str]) -> None:
        self._socket = sock
        self._http = H2Connection(H2Configuration(client_side=True, header_encoding=None))
        self._received = bytearray()
        self._to_send = bytearray()
        self._has_ended = False
        self._http.initiate_connection()
        self._http.send_headers(
            _STREAM,
            [
                (":method", "POST"),
                (":scheme", "http"),
                (":path", _METHOD),
                (":authority", "localhost"),
                ("content-type", "application/grpc"),
                ("te", "trailers"),
                *((name.lower(), value) for name, value in headers.items()),
            ],
        )
        self._flush()

    def read(self) -> bytes:
        """Return the next bytes, at least one; b"" at the end."""
        try:
            while not (data := self._next_bytes()):
                if self._has_ended or not (arrived := self._socket.recv(_CHUNK)):
                    return b""
                for event in self._http.receive_data(arrived):
                    self._handle(event)
                self._flush()
        except (OSError, ProtocolError, ProtobufError, CallError):
            return b""  # closed by either side
        return data

    def write(self, data: bytes) -> None:
        """Send all bytes, as soon as the engine's window allows."""
        self._to_send += framed(encode({1: data}))
        self._flush()

    def close(self) -> None:
        """Close the connection; a blocked read in another thread returns."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _next_bytes(self) -> bytes:
        message = take_message(self._received)
        return b"" if message is None else bytes(Message(message).one(1, b""))

    def _handle(self, event: Event) -> None:
        match event:
            case DataReceived():
                length = event.flow_controlled_length or 0
                self._http.acknowledge_received_data(length, _STREAM)
                self._received += event.data or b""
            case StreamEnded() | StreamReset() | ConnectionTerminated():
                self._has_ended = True

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
        if pending := self._http.data_to_send():
            self._socket.sendall(pending)
