"""Hijacked connections: raw bytes in both directions, each of which is closed separately.

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
    """A hijacked connection of attach or exec.

    Reads go through http.client's buffer, which may hold output that followed the headers.
    """

    def __init__(self, response: Response) -> None:
        self._response = response  # prevents garbage collection of the connection
        raw: Any = response.raw
        self._reader: Any = raw._fp.fp  # noqa: SLF001 - docker-py uses it too
        self._socket: Any = getattr(getattr(self._reader, "raw", None), "_sock", self._reader)

    def read(self) -> bytes:
        """Return the next bytes, at least one; b"" at the end."""
        try:
            data: bytes = self._reader.read1(_CHUNK)
        except (ConnectionError, ValueError, OSError):
            return b""  # closed by either side
        return data

    def write(self, data: bytes) -> None:
        """Send all bytes."""
        self._socket.sendall(data)

    def close_write(self) -> None:
        """Send EOF on stdin; output continues."""
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            return  # the other side has closed it already

    def close(self) -> None:
        """Close both directions; a blocked read in another thread returns."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
        finally:
            self._response.close()

    def frames(self, *, tty: bool) -> Iterator[Frame]:
        """Yield the output: decoded frames, or with a TTY the raw bytes as stdout."""
        decoder = FrameDecoder()
        while data := self.read():
            if tty:
                yield Frame(Stream.STDOUT, data)
            else:
                yield from decoder.feed(data)
