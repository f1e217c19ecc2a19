"""Hijacked connections: raw bytes in both directions, each of which is closed separately.

source: Engine API, "Attach to a container", section "Hijacking".
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress

from docker_magics.wire.frames import Frame, FrameDecoder, Stream

from .http_response import Connection

_CHUNK = 64 * 1024


class HijackedConnection:
    """A hijacked connection of attach or exec."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(self) -> bytes:
        """Return the next bytes, at least one; b"" at the end."""
        try:
            return self._connection.reader.read1(_CHUNK)
        except (OSError, ValueError):
            return b""  # closed by either side

    def write(self, data: bytes) -> None:
        """Send all bytes."""
        self._connection.sock.sendall(data)

    def close_write(self) -> None:
        """Send EOF on stdin; output continues."""
        with suppress(OSError):  # the other side has closed it already
            self._connection.sock.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close both directions; a blocked read in another thread returns."""
        self._connection.close()

    def frames(self, *, tty: bool) -> Iterator[Frame]:
        """Yield the output: decoded frames, or with a TTY the raw bytes as stdout."""
        decoder = FrameDecoder()
        while data := self.read():
            if tty:
                yield Frame(Stream.STDOUT, data)
            else:
                yield from decoder.feed(data)
