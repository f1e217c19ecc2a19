"""The HTTP client: strict with what engines send, and its connections are reused."""

from __future__ import annotations

import gc
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from docker_magics.engine.address import Address
from docker_magics.engine.http import HttpClient
from docker_magics.engine.http_response import Response
from docker_magics.errors import EngineUnreachable, ProtocolError, UsageError

_OK = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _OK + b"Transfer-Encoding: chunked\r\n\r\n"
_UPGRADED = b"HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\nfirst"
_EMPTY = _OK + b"Content-Length: 0\r\n\r\n"


class Server:
    """An engine that sends given bytes after each request.

    Args:
        listener: a listening socket.
        connections: the responses of each connection, which is closed after the last one.

    Attributes:
        requests: what arrived before each response.
        closed: set when the first connection is closed.
    """

    def __init__(self, listener: socket.socket, *connections: list[bytes]) -> None:
        self.requests: list[bytes] = []
        self.closed = threading.Event()
        self._listener = listener
        self._connections = connections
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        for responses in self._connections:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return  # closed
            with connection, suppress(ConnectionError):
                for response in responses:
                    self.requests.append(self._request(connection))
                    connection.sendall(response)
            self.closed.set()

    def _request(self, connection: socket.socket) -> bytes:
        data = b""
        while not _is_complete(data) and (piece := connection.recv(65536)):
            data += piece
        return data


def _is_complete(request: bytes) -> bool:
    head, blank, body = request.partition(b"\r\n\r\n")
    if b"chunked" in head:
        return body.endswith(b"0\r\n\r\n")
    length = re.search(rb"Content-Length: (\d+)", head)
    return bool(blank) and len(body) >= int(length[1] if length else 0)


Serve = Callable[..., tuple[HttpClient, Server]]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """A function that starts a server and returns a client of it."""
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        clients: list[HttpClient] = []

        def start(*connections: list[bytes]) -> tuple[HttpClient, Server]:
            server = Server(listener, *connections)
            clients.append(HttpClient(Address(f"unix://{tmp_path}/s")))
            return clients[0], server

        yield start
        for client in clients:
            client.close()


def get(client: HttpClient) -> Response:
    return client.send("GET", "/info", {})


def body(serve: Serve, response: bytes) -> bytes:
    """Return the body of a response after which the connection is closed."""
    client, _ = serve([response])
    return get(client).load().content


def test_a_request_is_what_the_engine_expects(serve: Serve) -> None:
    client, server = serve([_EMPTY, _EMPTY, _EMPTY])
    client.send("GET", "/info?a=1", {"X-Mine": "1"})
    client.send("POST", "/create", {}, b"null")
    client.send("POST", "/load", {}, iter([b"a" * 17, b"", b"b"]))
    first, second, third = (request.decode().splitlines() for request in server.requests)
    assert first[:2] == ["GET /info?a=1 HTTP/1.1", "Host: localhost"]
    assert first[-2:] == ["X-Mine: 1", ""]
    assert second[-3:] == ["Content-Length: 4", "", "null"]
    chunks = ["11", "a" * 17, "1", "b", "0", ""]
    assert third[-8:] == ["Transfer-Encoding: chunked", "", *chunks]


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (_OK + b"Content-Length: 5\r\n\r\nwhole", b"whole"),
        (_OK + b"content-length:5 \r\n\r\nwhole", b"whole"),
        (_OK + b"\r\nuntil the end", b"until the end"),
        (b"HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", b"x"),
        (_CHUNKED + b"3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n", b"abc0123456789"),
        (_CHUNKED + b"1\r\na\r\n000\r\nX-Trailer: 1\r\n\r\n", b"a"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + _OK + b"Content-Length: 1\r\n\r\nx", b"x"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    ],
)
def test_a_body_is_read_to_its_end(serve: Serve, response: bytes, expected: bytes) -> None:
    assert body(serve, response) == expected


@pytest.mark.parametrize(
    "chunks",
    [
        b"0x1\r\na\r\n0\r\n\r\n",
        b"-1\r\n",
        b"+1\r\na\r\n0\r\n\r\n",
        b"1_0\r\n",
        b"\r\n",
        b"1\na\r\n0\r\n\r\n",
        b"1\r\nab\r\n0\r\n\r\n",
        b"F" * 16 + b"\r\n",
        b"1;" + b"x" * 70_000 + b"\r\n",
    ],
)
def test_malformed_chunks_are_errors(serve: Serve, chunks: bytes) -> None:
    with pytest.raises(ProtocolError):
        body(serve, _CHUNKED + chunks)


@pytest.mark.parametrize(
    "head",
    [
        b"SSH-2.0-OpenSSH_9\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        _OK + b"Content-Length: -5\r\n\r\n",
        _OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        _OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
        _OK + b"no header\r\n\r\n",
        _OK + b" folded: 1\r\n\r\n",
        _OK + b"X: 1\r\n" * 300 + b"\r\n",
    ],
)
def test_other_responses_are_errors(serve: Serve, head: bytes) -> None:
    with pytest.raises(ProtocolError):
        body(serve, head)


@pytest.mark.parametrize(
    "response",
    [
        b"",
        b"HTTP/1.1 200",
        _OK + b"Content-Len",
        _OK + b"Content-Length: 5\r\n\r\nwho",
        _CHUNKED,
        _CHUNKED + b"5\r\nwho",
        _CHUNKED + b"3\r\nwho\r\n",
        _CHUNKED + b"0\r\n",
    ],
)
def test_an_incomplete_response_is_an_error(serve: Serve, response: bytes) -> None:
    with pytest.raises(EngineUnreachable, match="closed the connection"):
        body(serve, response)


def test_a_read_returns_as_many_bytes_as_requested(serve: Serve) -> None:
    client, _ = serve([_CHUNKED + b"3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"])
    response = get(client)
    assert [response.read(5), response.read(5), response.read(5)] == [b"abcde", b"fg", b""]


def test_a_connection_is_reused_after_the_body(serve: Serve) -> None:
    client, server = serve([_OK + b"Content-Length: 1\r\n\r\nx", _CHUNKED + b"0\r\n\r\n", _EMPTY])
    assert get(client).load().content == b"x"
    assert get(client).load().content == b""
    get(client)
    server.thread.join(5)
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    "response",
    [
        _OK + b"Connection: close\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        _EMPTY,
    ],
)
def test_a_connection_that_the_engine_closes_is_not_reused(serve: Serve, response: bytes) -> None:
    client, server = serve([response], [_EMPTY])
    get(client)
    assert server.closed.wait(5)
    get(client)
    assert len(server.requests) == 2


def test_a_request_that_changes_nothing_is_repeated_on_a_new_connection(serve: Serve) -> None:
    client, server = serve([_EMPTY, b""], [_EMPTY, _OK[:5]])
    get(client)
    get(client)
    with pytest.raises(EngineUnreachable, match="closed the connection"):
        get(client)  # the response has begun
    assert len(server.requests) == 4


def test_a_request_that_may_have_changed_something_is_not_repeated(serve: Serve) -> None:
    client, server = serve([_EMPTY, b""], [_EMPTY])
    get(client)
    with pytest.raises(EngineUnreachable, match="closed the connection"):
        client.send("POST", "/create", {}, b"null")
    assert len(server.requests) == 2


def test_a_client_that_is_collected_as_garbage_closes_its_connections(tmp_path: Path) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        server = Server(listener, [_EMPTY])
        client = HttpClient(Address(f"unix://{tmp_path}/s"))
        client.send("GET", "/", {}).load()
        cycle: list[object] = [client]
        cycle.append(cycle)
        del client, cycle
        gc.collect()  # a socket that is not closed before it is finalized warns, which is an error
        server.thread.join(5)


def test_an_unread_body_closes_the_connection(serve: Serve) -> None:
    client, server = serve([_CHUNKED + b"1\r\na\r\n"], [_EMPTY])
    with get(client) as response:
        assert response.read1() == b"a"
    assert response.read1() == b""
    get(client)
    assert len(server.requests) == 2


def test_an_interrupt_closes_the_connection(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_response: Response) -> bytes:
        raise KeyboardInterrupt

    client, server = serve([_OK + b"Content-Length: 5\r\n\r\nwho", _EMPTY])
    response = get(client)
    monkeypatch.setattr(Response, "read", interrupted)
    with pytest.raises(KeyboardInterrupt):
        response.load()
    assert response.is_complete
    assert server.closed.wait(5)


def test_a_complete_response_does_not_affect_the_next(serve: Serve) -> None:
    client, server = serve([_OK + b"Content-Length: 1\r\n\r\nx", _UPGRADED])
    response = get(client)
    response.set_timeout(5)
    response.load()
    with closing(client.send("POST", "/attach", {}).hijack()) as connection:
        response.close()
        assert connection.sock.gettimeout() is None
        assert connection.reader.read() == b"first"
    assert len(server.requests) == 2


def test_errors_of_an_upload_are_passed_on(serve: Serve) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"some"
        raise UsageError("cannot read the file")

    client, server = serve([_EMPTY])
    with pytest.raises(UsageError, match="cannot read the file"):
        client.send("PUT", "/archive", {}, pieces())
    server.thread.join(5)
    assert server.requests[0].endswith(b"4\r\nsome\r\n")


def test_the_response_to_a_refused_upload_is_read(serve: Serve) -> None:
    refusal = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"
    client, _ = serve([refusal])
    endless = iter(lambda: b"0\r\n\r\n" * 100_000, b"")
    assert client.send("POST", "/load", {}, endless).status == 413


def test_a_header_cannot_add_another(serve: Serve) -> None:
    client, _ = serve([])
    with pytest.raises(ValueError, match="line break"):
        client.send("GET", "/", {"X-Name": "a\r\nX-Other: b"})


def test_a_hijacked_connection_has_what_followed_the_headers(serve: Serve) -> None:
    client, _ = serve([_UPGRADED])
    with closing(client.send("POST", "/attach", {}).hijack()) as connection:
        assert connection.reader.read() == b"first"


def test_a_complete_response_cannot_be_hijacked(serve: Serve) -> None:
    client, _ = serve([_EMPTY])
    with pytest.raises(ProtocolError, match="answered 200"):
        client.send("POST", "/attach", {}).hijack()


# -- proxies


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A proxy that HTTP_PROXY names."""
    for name in ("HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        monkeypatch.setenv("HTTP_PROXY", f"http://me:p%40ss@127.0.0.1:{port}")
        yield Server(listener, [_EMPTY])
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def test_tcp_uses_the_proxy(proxy: Server) -> None:
    with closing(HttpClient(Address("tcp://engine.example:2375/base"))) as client:
        get(client)
    lines = proxy.requests[0].decode().splitlines()
    assert lines[0] == "GET http://engine.example:2375/base/info HTTP/1.1"
    assert "Proxy-Authorization: Basic bWU6cEBzcw==" in lines
    assert "Host: engine.example:2375" in lines


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_loopback_needs_no_proxy(proxy: Server, host: str) -> None:
    with (
        closing(HttpClient(Address(f"tcp://{host}:1"))) as client,
        pytest.raises(EngineUnreachable, match="Cannot connect to the Docker daemon"),
    ):
        get(client)
    assert proxy.requests == []


def test_no_proxy_lists_exceptions(proxy: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", ".invalid")
    with (
        closing(HttpClient(Address("tcp://engine.invalid:2375"))) as client,
        pytest.raises(EngineUnreachable, match="no answer"),
    ):
        get(client)
    assert proxy.requests == []
