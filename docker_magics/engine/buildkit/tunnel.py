"""A byte stream to BuildKit inside a gRPC call on the engine's socket, in HTTP/2 without TLS (h2c).

It takes the place of the hijacked connection of /session, which Docker deprecates from API 1.53 on.

source: moby/buildkit, api/services/control/control.proto: Control.Session, BytesMessage;
session/grpchijack/dial.go.
"""

from __future__ import annotations

from collections.abc import Sequence

from .call import ByteStream, GrpcCall
from .grpc import CallError
from .protobuf import Message, ProtobufError, encode

_METHOD = "/moby.buildkit.v1.Control/Session"


class SessionTunnel:
    """The client's side of the call; one thread reads and writes.

    Args:
        connection: a connection to the engine.
        headers: the call's metadata: names and values.
    """

    def __init__(self, connection: ByteStream, headers: Sequence[tuple[str, str]]) -> None:
        self._call = GrpcCall(connection, _METHOD, headers)

    def read(self) -> bytes:
        """Return the next bytes, at least one; b"" at the end."""
        try:
            while (message := self._call.receive()) is not None:
                if data := bytes(Message(message).one(1, b"")):
                    return data
        except (ProtobufError, CallError):
            return b""  # closed by either side
        return b""

    def write(self, data: bytes) -> None:
        """Send all bytes, as soon as the engine's window allows."""
        self._call.send(encode({1: data}))

    def close(self) -> None:
        """Close the connection; a blocked read in another thread returns."""
        self._call.close()
