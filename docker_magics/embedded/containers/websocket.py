"""Attaching over a WebSocket: output in binary messages without frames; messages are input.

source: RFC 6455; Engine API, ContainerAttachWebsocket.
"""

from __future__ import annotations

import contextlib
import threading

from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, TextMessage
from wsproto.frame_protocol import CloseReason
from wsproto.utilities import LocalProtocolError

from ...wire import frames
from ..api.messages import RawConnection

_READ = 64 * 1024


class Messages:
    """A WebSocket as a RawConnection. One thread may read while another one writes.

    Args:
        raw: the connection after the handshake.
        framed: whether what is sent is in frames, which are removed.
    """

    def __init__(self, raw: RawConnection, *, framed: bool) -> None:
        self._raw = raw
        self._decoder = frames.FrameDecoder() if framed else None
        self._connection = Connection(ConnectionType.SERVER)
        self._input = bytearray()
        self._at_end = False
        self._sending = threading.Lock()
        self.early = b""

    def fileno(self) -> int:
        """Return the socket's descriptor."""
        return self._raw.fileno()

    def recv(self, size: int) -> bytes:
        """Return up to `size` bytes of the messages; none after the client's end."""
        while not self._input and not self._at_end:
            data = self._raw.recv(_READ)
            self._connection.receive_data(data or None)
            for event in self._connection.events():
                self._handle(event)
        data = bytes(self._input[:size])
        del self._input[:size]
        return data

    def _handle(self, event: Event) -> None:
        match event:
            case BytesMessage(data=data):
                self._input += data
            case TextMessage(data=text):
                self._input += text.encode()
            case Ping():
                self._send(event.response())
            case CloseConnection():
                self._at_end = True
                self._send(event.response())

    def sendall(self, data: bytes) -> None:
        """Send output as messages, one for each frame."""
        if self._decoder is None:
            self._send(BytesMessage(data=data))
            return
        for frame in self._decoder.feed(data):
            self._send(BytesMessage(data=frame.data))

    def _send(self, event: Event) -> None:
        # After the closing handshake has begun, nothing can be sent, and the client reads nothing.
        with self._sending, contextlib.suppress(LocalProtocolError):
            self._raw.sendall(self._connection.send(event))

    def close_write(self) -> None:
        """Begin the closing handshake, unless the client has."""
        self._send(CloseConnection(code=CloseReason.NORMAL_CLOSURE))
        self._raw.close_write()
