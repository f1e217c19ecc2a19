"""Attaching over a WebSocket: binary messages of raw output, what comes is input.

source: RFC 6455; Engine API, ContainerAttachWebsocket.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from typing import TYPE_CHECKING

from ...wire import frames
from ..api.messages import Hijack, RawConnection, Request
from ..errors import BadParameter
from . import attach

if TYPE_CHECKING:
    from ..engine import Engine

_MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_BINARY, _CLOSE, _PING, _PONG = 2, 8, 9, 10
_MOST = 1 << 20


def answer(engine: Engine, request: Request) -> Hijack:
    """ContainerAttachWebsocket."""
    key = request.headers.get("sec-websocket-key")
    if not key:
        raise BadParameter("this is for WebSockets: there is no Sec-WebSocket-Key header")
    container = engine.container_store.get(request.params["name"])
    tty = bool(container.config["Tty"])
    inner = attach.answer(engine, request)
    accept = base64.b64encode(hashlib.sha1((key + _MAGIC).encode()).digest()).decode()  # noqa: S324 - RFC 6455's

    def talk(raw: RawConnection) -> None:
        inner.talk(_Messages(raw, framed=not tty))

    return Hijack(talk, content_type="", headers={"Sec-WebSocket-Accept": accept})


class _Messages:
    """A WebSocket that looks like a plain connection."""

    def __init__(self, raw: RawConnection, *, framed: bool) -> None:
        self._raw = raw
        self._decoder = frames.FrameDecoder() if framed else None
        self._buffer = bytearray()
        self.early = b""

    def fileno(self) -> int:
        """The socket's descriptor."""
        return self._raw.fileno()

    def recv(self, size: int) -> bytes:
        """The payload of the next message; empty at the end."""
        while True:
            message = self._message()
            if message is None:
                return b""
            kind, payload = message
            if kind == _CLOSE:
                return b""
            if kind == _PING:
                self._send(_PONG, payload)
            elif payload:
                return payload[:size]

    def _message(self) -> tuple[int, bytes] | None:
        head = self._exactly(2)
        if head is None:
            return None
        kind, length = head[0] & 0x0F, head[1] & 0x7F
        if length in {126, 127}:
            more = self._exactly(2 if length == 126 else 8) or bytes(2)
            length = int.from_bytes(more, "big")
        if length > _MOST:
            return None
        mask = self._exactly(4) if head[1] & 0x80 else bytes(4)
        payload = self._exactly(length)
        if mask is None or payload is None:
            return None
        return kind, bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))

    def _exactly(self, size: int) -> bytes | None:
        while len(self._buffer) < size:
            data = self._raw.recv(65536)
            if not data:
                return None
            self._buffer += data
        found = bytes(self._buffer[:size])
        del self._buffer[:size]
        return found

    def sendall(self, data: bytes) -> None:
        """Send output as messages, without the frames that plain attach has."""
        if self._decoder is None:
            self._send(_BINARY, data)
            return
        for frame in self._decoder.feed(data):
            self._send(_BINARY, frame.data)

    def _send(self, kind: int, payload: bytes) -> None:
        length = len(payload)
        if length < 126:
            head = struct.pack(">BB", 0x80 | kind, length)
        elif length < 65536:
            head = struct.pack(">BBH", 0x80 | kind, 126, length)
        else:
            head = struct.pack(">BBQ", 0x80 | kind, 127, length)
        self._raw.sendall(head + payload)

    def close_write(self) -> None:
        """Say goodbye."""
        self._send(_CLOSE, b"")
        self._raw.close_write()
