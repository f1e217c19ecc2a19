"""A small HTTP/1.1 client for one engine; a connection can be taken over after the headers.

It is not docker-py's, whose import takes ten times as long as `docker ps`.
source: RFC 9112.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from docker_magics.errors import EngineUnreachable

from .dial import connect_tcp, dialer_for
from .error_hints import unreachable
from .http_response import Connection, Response, Unanswered

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from .address import Address

#: A request's body: bytes, or pieces that are sent in chunks as they are produced.
Data = bytes | Iterable[bytes] | None

#: The number of idle connections that are kept for the next requests.
_MAX_IDLE = 10
#: Methods of requests that change nothing.
_SAFE = {"GET", "HEAD"}
_PROXY_PORT = 80


class HttpClient:
    """Sends requests to one engine, from any number of threads; idle connections are reused.

    Raises:
        OSError: a TLS key file cannot be read.
        EngineUnreachable: addresses of this kind are not supported.
    """

    def __init__(self, address: Address) -> None:
        self._idle: list[Connection] = []
        # Not __del__: the garbage collector may finalize the sockets of a cycle before the client.
        weakref.finalize(self, _close_all, self._idle)
        self._address = address.host
        self._dial = dialer_for(address)
        self._prefix = ""
        self._headers = {"Host": "localhost", "User-Agent": "docker-magics"}
        if address.scheme in {"tcp", "http", "https"}:
            self._use_tcp(address)

    def _use_tcp(self, address: Address) -> None:
        """Name the host in requests, and use the proxy that the environment names."""
        from urllib.parse import urlsplit

        from .proxy import proxy_for

        engine = urlsplit(address.host)
        self._headers["Host"], self._prefix = engine.netloc, engine.path.rstrip("/")
        proxy = None if address.tls or engine.scheme == "https" else proxy_for(engine)
        if proxy is not None:
            self._use_proxy(proxy)

    def _use_proxy(self, proxy: SplitResult) -> None:
        """Connect to a proxy instead of the engine."""
        import base64
        from urllib.parse import unquote

        port = proxy.port or _PROXY_PORT
        self._dial = functools.partial(connect_tcp, proxy.hostname or "", port)
        self._prefix = f"http://{self._headers['Host']}{self._prefix}"
        if proxy.username:
            login = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
            encoded = base64.b64encode(login.encode()).decode()
            self._headers["Proxy-Authorization"] = f"Basic {encoded}"

    def send(
        self, method: str, target: str, headers: dict[str, str], data: Data = None
    ) -> Response:
        """Send a request and return the response, whose body is unread.

        An engine may close an idle connection while a request is on its way. One that changes
        nothing is then sent once more, as by Go's http.Transport.

        Args:
            method: GET, POST, ...
            target: the path and the query.
            headers: the headers, without those of the body's length.
            data: the body; an exception of its iterator ends the request.

        Raises:
            EngineUnreachable: nothing answers.
            ProtocolError: the response is not HTTP.
        """
        idle = self._idle_connection()
        if idle is None:
            return self._exchange(self._connect(), method, target, headers, data)
        try:
            return self._exchange(idle, method, target, headers, data)
        except EngineUnreachable as error:
            if method not in _SAFE or not isinstance(error.__cause__, Unanswered):
                raise
        return self._exchange(self._connect(), method, target, headers, data)

    def _exchange(
        self, connection: Connection, method: str, target: str, headers: dict[str, str], data: Data
    ) -> Response:
        try:
            for part in _request(method, self._prefix + target, self._headers | headers, data):
                try:
                    connection.sock.sendall(part)
                except OSError:
                    break  # the engine refused the rest: its response says why
            return self._response(connection, method)
        except BaseException:
            connection.close()
            raise

    def _idle_connection(self) -> Connection | None:
        with suppress(IndexError):
            while (connection := self._idle.pop()).is_dropped():
                connection.close()
            return connection
        return None

    def _connect(self) -> Connection:
        try:
            return Connection(self._dial())
        except OSError as error:
            raise unreachable(self._address, error) from error

    def _response(self, connection: Connection, method: str) -> Response:
        try:
            return Response(connection, method, self._address, self._keep)
        except OSError as error:
            raise unreachable(self._address, _reason(connection, error)) from error

    def _keep(self, connection: Connection) -> None:
        """Keep an idle connection for the next request."""
        connection.sock.settimeout(None)
        if len(self._idle) < _MAX_IDLE:
            self._idle.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Close the idle connections."""
        _close_all(self._idle)


def _close_all(connections: list[Connection]) -> None:
    with suppress(IndexError):  # a thread may be taking one
        while True:
            connections.pop().close()


def _reason(connection: Connection, error: OSError) -> OSError:
    """Return what ssh reported, if it made the connection and has failed, else the error."""
    from .ssh import SshSocket

    is_ssh = isinstance(connection.sock, SshSocket) and isinstance(error, ConnectionError)
    message = connection.sock.error_message() if is_ssh else ""
    return ConnectionError(message) if message else error


def _request(method: str, target: str, headers: Mapping[str, str], data: Data) -> Iterator[bytes]:
    """Yield a request in parts, as they are sent."""
    if data is None or isinstance(data, bytes):
        length = {"Content-Length": str(len(data or b""))} if data or method != "GET" else {}
        yield _head(method, target, {**headers, **length}) + (data or b"")
        return
    yield _head(method, target, {**headers, "Transfer-Encoding": "chunked"})
    for piece in data:
        if piece:  # an empty chunk would be the end
            yield b"%x\r\n%b\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"


def _head(method: str, target: str, headers: Mapping[str, str]) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {headers[name]}" for name in headers)]
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError("a header contains a line break")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
