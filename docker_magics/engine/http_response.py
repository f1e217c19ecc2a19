"""Responses of HTTP/1.1, read from a connection as they arrive.

source: RFC 9112, sections 4 to 7.
"""

from __future__ import annotations

import gc
import json
import re
import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from typing import Any, Protocol, Self

from docker_magics.errors import ProtocolError

from .error_hints import unreachable

_CHUNK = 64 * 1024
_MAX_LINE = 64 * 1024
_MAX_HEADERS = 256
_STATUS = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9][0-9])(?: (.*))?")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*", re.DOTALL)
_CHUNK_SIZE = rb"([0-9a-fA-F]{1,15})[ \t]*(?:;.*)?"
_SWITCHING_PROTOCOLS = 101
_WITHOUT_BODY = (204, 304)
_CLOSED = "the connection was closed"


class Unanswered(ConnectionAbortedError):
    """The connection ended before the first byte of a response."""


class Connection:
    """A connection to the engine.

    Attributes:
        sock: the socket, for writing.
        reader: reads the socket; its buffer may hold bytes that followed a response's headers.
    """

    def __init__(self, sock: Any) -> None:
        self.sock = sock
        self.reader: BufferedReader = sock.makefile("rb", _CHUNK)

    def is_dropped(self) -> bool:
        """Whether the engine has closed the idle connection, or sent what nobody requested."""
        poll = select.poll()
        poll.register(self.sock.fileno(), select.POLLIN)
        return bool(poll.poll(0))

    def await_response(self) -> None:
        """Wait for the first byte of a response.

        Raises:
            Unanswered: the connection ended before.
        """
        try:
            is_answered = bool(self.reader.peek(1))
        except ConnectionError as error:
            raise Unanswered(_CLOSED) from error
        if not is_answered:
            raise Unanswered(_CLOSED)

    def line(self) -> bytes:
        """Return the next line without its CRLF.

        Raises:
            ConnectionAbortedError: the connection ended before.
            ProtocolError: the line is too long, or ends differently.
        """
        line = self.reader.readline(_MAX_LINE)
        if line.endswith(b"\r\n"):
            return line[:-2]
        if line.endswith(b"\n") or len(line) == _MAX_LINE:
            raise ProtocolError(f"expected a line of HTTP from the engine, got {line[:50]!r}")
        raise ConnectionAbortedError(_CLOSED)

    def close(self) -> None:
        """Close both directions; a blocked read in another thread returns."""
        with suppress(OSError):  # closed by the other side
            self.sock.shutdown(socket.SHUT_RDWR)
        self.reader.close()  # waits for a read, which has ended now
        self.sock.close()


class Observer(Protocol):
    """An observer of a response's body."""

    def received(self, data: bytes) -> None:
        """Called with each piece of the body."""

    def ended(self) -> None:
        """Called when the body is complete, or the connection is closed."""


class Response:
    """A response, whose body is read as it arrives.

    Args:
        connection: the connection; the request was sent.
        method: the request's method.
        host: the engine's address, for messages.
        keep: gets the connection after the end of the body, if it can be reused.

    Attributes:
        status, reason: of the status line.
        headers: by name, in lower case.
        content: the loaded body.
        observer: is told what is read, or None.

    Raises:
        OSError: the connection is broken.
        ProtocolError: the response is not HTTP.
    """

    def __init__(
        self, connection: Connection, method: str, host: str, keep: Callable[[Connection], None]
    ) -> None:
        self._connection: Connection | None = connection
        self._lock = threading.Lock()  # of _connection: `close` spares one that is reused already
        self._host = host
        self._keep = keep
        self.observer: Observer | None = None
        self.content = b""
        version, self.status, self.reason, self.headers = _read_head(connection)
        has_no_body = method == "HEAD" or self.status in _WITHOUT_BODY
        coding = self.headers.get("transfer-encoding", "").lower()
        length = self.headers.get("content-length")
        if coding not in {"", "chunked"} or not (length is None or length.isdecimal()):
            raise ProtocolError(f"cannot read a response with the length {coding or length!r}")
        self._is_chunked = bool(coding) and not has_no_body
        self._is_first_chunk = True
        #: The bytes that are left of the body or the chunk; None until the connection ends.
        self._left: int | None = None
        if has_no_body or self._is_chunked:
            self._left = 0
        elif length is not None:
            self._left = int(length)
        self._is_reusable = (
            version == 1
            and self._left is not None
            and "close" not in self.headers.get("connection", "").lower()
        )
        if self._left == 0 and not self._is_chunked:
            self._finish()

    def read1(self, size: int = _CHUNK) -> bytes:
        """Return the next bytes of the body as soon as they arrive; b"" at the end.

        Raises:
            EngineUnreachable: the connection was closed before the end.
            ProtocolError: a chunk is malformed.
            TimeoutError: nothing arrived in time (`set_timeout`).
        """
        connection = self._connection
        if connection is None:
            return b""
        try:
            data = self._next(connection, size)
        except (OSError, ValueError, ProtocolError) as error:  # ValueError: the reader is closed
            self.close()
            if isinstance(error, TimeoutError | ProtocolError):
                raise
            raise unreachable(self._host, ConnectionAbortedError(_CLOSED)) from error
        if data and self.observer is not None:
            self.observer.received(data)
        if not data or (self._left == 0 and not self._is_chunked):
            self._finish()
        return data

    def _next(self, connection: Connection, size: int) -> bytes:
        if self._left is None:
            return connection.reader.read1(size)
        if self._left == 0:
            self._left = self._next_chunk(connection)
        data = connection.reader.read1(min(size, self._left)) if self._left else b""
        if self._left and not data:
            raise ConnectionAbortedError(_CLOSED)
        self._left -= len(data)
        return data

    def _next_chunk(self, connection: Connection) -> int:
        """Return the size of the next chunk; 0 after the last one and the trailers."""
        if not self._is_first_chunk and connection.line():
            raise ProtocolError("a chunk of the engine's response is longer than announced")
        self._is_first_chunk = False
        line = connection.line()
        size = re.fullmatch(_CHUNK_SIZE, line)
        if size is None:
            raise ProtocolError(f"expected the size of a chunk from the engine, got {line[:50]!r}")
        if (length := int(size[1], 16)) == 0:
            _read_fields(connection)
        return length

    def read(self, size: int = -1) -> bytes:
        """Return the next `size` bytes, fewer at the end of the body; by default all."""
        pieces = []
        while size and (piece := self.read1(_CHUNK if size < 0 else min(size, _CHUNK))):
            pieces.append(piece)
            size -= len(piece) if size > 0 else 0
        return b"".join(pieces)

    def pieces(self) -> Iterator[bytes]:
        """Yield the body as it arrives."""
        return iter(self.read1, b"")

    def load(self) -> Self:
        """Read the body into `content`; return the response."""
        with self:  # an interrupted request ends for the engine, too
            self.content += self.read()
        return self

    def json(self) -> Any:
        """Return the JSON of a loaded body, None for an empty body."""
        with gc_paused():  # Podman's empty body is a newline
            return json.loads(self.content) if self.content.strip() else None

    @property
    def is_complete(self) -> bool:
        """Whether the body is read, or the connection is closed or hijacked."""
        return self._connection is None

    def set_timeout(self, seconds: float) -> None:
        """Set the timeout of the following reads."""
        if self._connection is not None:
            self._connection.sock.settimeout(seconds)

    def hijack(self) -> Connection:
        """Return the connection, which is the caller's from now on.

        Raises:
            ProtocolError: the response is complete: it has an ordinary, empty body.
        """
        connection, self._connection = self._connection, None
        if connection is None:
            raise ProtocolError(f"the engine answered {self.status} to the request to upgrade")
        return connection

    def close(self) -> None:
        """Close the connection unless the body is complete; a blocked read of a thread ends."""
        self._is_reusable = False
        self._finish()

    def _finish(self) -> None:
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is None:
            return
        if self.observer is not None:
            self.observer.ended()
        if self._is_reusable:
            self._keep(connection)
        else:
            connection.close()

    def __enter__(self) -> Self:
        """Return the response."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection unless the body is complete."""
        self.close()


def _read_head(connection: Connection) -> tuple[int, int, str, dict[str, str]]:
    """Return the minor version, the status, the reason and the headers of a response."""
    connection.await_response()
    while True:
        line = connection.line()
        match = _STATUS.fullmatch(line)
        if match is None:
            raise ProtocolError(f"expected HTTP/1.1 from the engine, got {line[:50]!r}")
        status, fields = int(match[2]), _read_fields(connection)
        if status >= 200 or status == _SWITCHING_PROTOCOLS:
            return int(match[1]), status, (match[3] or b"").decode("latin-1"), fields


def _read_fields(connection: Connection) -> dict[str, str]:
    """Return headers or trailers by name, in lower case; those of the same name are joined."""
    fields: dict[str, str] = {}
    for _ in range(_MAX_HEADERS):
        line = connection.line()
        if not line:
            return fields
        match = _FIELD.fullmatch(line)
        if match is None:
            raise ProtocolError(f"expected a header from the engine, got {line[:50]!r}")
        name, value = match[1].decode().lower(), match[2].decode("latin-1")
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    raise ProtocolError(f"the engine's response has more than {_MAX_HEADERS} headers")


@contextmanager
def gc_paused() -> Iterator[None]:
    """Pause garbage collection: decoding a long listing triggers it often and creates no garbage.

    One collection visits all objects of the kernel and takes longer than the listing.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
