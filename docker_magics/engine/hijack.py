"""A connection that has left HTTP: raw bytes both ways, each way ended by itself.

source: Engine API, "Attach to a container", section "Hijacking".
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from docker_magics.wire.frames import Frame, FrameDecoder, Stream

if TYPE_CHECKING:
    from requests import Response

_CHUNK = 64 * 1024


class HijackedConnection:
    """The bytes of an attach or exec.

    Reads go through http.client's buffer: it may hold output that came with the response's head.
    """

    def __init__(self, response: Response) -> None:
        self._response = response  # keeps the connection from being collected
        raw: Any = response.raw
        self._reader: Any = raw._fp.fp  # noqa: SLF001 - docker-py reaches for it too
        self._socket: Any = getattr(getattr(self._reader, "raw", None), "_sock", self._reader)

    def read(self) -> bytes:
        """What has come, at least one byte; nothing at the end."""
        try:
            data: bytes = self._reader.read1(_CHUNK)
        except (ConnectionError, ValueError, OSError):
            return b""  # closed, by either side
        return data

    def write(self, data: bytes) -> None:
        """Send all of it."""
        self._socket.sendall(data)

    def close_write(self) -> None:
        """End stdin; output goes on."""
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            return  # the other side was faster

    def close(self) -> None:
        """End both ways; a read in another thread returns."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
        finally:
            self._response.close()

    def frames(self, *, tty: bool) -> Iterator[Frame]:
        """The output: frames, or with a TTY the raw bytes as stdout."""
        decoder = FrameDecoder()
        while data := self.read():
            if tty:
                yield Frame(Stream.STDOUT, data)
            else:
                yield from decoder.feed(data)
