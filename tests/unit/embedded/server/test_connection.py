"""HTTP on a socket pair: valid and invalid requests, and their responses."""

from __future__ import annotations

import contextlib
import io
import socket
import tarfile
import threading
import time
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path

import pytest

from docker_magics.embedded.api import messages
from docker_magics.embedded.api.messages import Empty, Hijack, Json, Request, Response, Stream, Text
from docker_magics.embedded.errors import Conflict, NotModified
from docker_magics.embedded.server import connection
from docker_magics.embedded.server.connection import Connection
from docker_magics.embedded.server.server import Server, make_folder


class Service:
    """A handler that records requests and has a page for each kind of response."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.closed = threading.Event()
        self.received = b""

    def answer(self, request: Request) -> Response:
        self.requests.append(request)
        page = getattr(self, request.path.lstrip("/"), None)
        if page is None:
            return Json({"path": request.path, "query": dict(request.query)}, 404)
        response: Response = page(request)
        return response

    def json(self, _request: Request) -> Response:
        return Json({"a": "ä"}, headers={"X-Extra": "1"})

    def text(self, _request: Request) -> Response:
        return Text("plain")

    def empty(self, _request: Request) -> Response:
        return Empty()

    def echo(self, request: Request) -> Response:
        self.received = request.body.read() or b""
        return Text(str(len(self.received)))

    def tar(self, request: Request) -> Response:
        with tarfile.open(fileobj=request.body, mode="r|") as tar:  # type: ignore[call-overload]
            return Json([member.name for member in tar])

    def stream(self, _request: Request) -> Response:
        return Stream([b"one", b"", b"two"])

    def endless(self, _request: Request) -> Response:
        return Stream(self._endless())

    def conflict(self, _request: Request) -> Response:
        raise Conflict("it is in use")

    def unchanged(self, _request: Request) -> Response:
        raise NotModified

    def bug(self, _request: Request) -> Response:
        raise ZeroDivisionError("a bug")

    def hijack(self, _request: Request) -> Response:
        return Hijack(self._talk)

    def broken(self, _request: Request) -> Response:
        return Hijack(self._fail)

    def _endless(self) -> Iterator[bytes]:
        try:
            yield b"first"
            while True:
                time.sleep(0.01)
                yield b""
        finally:
            self.closed.set()

    def _talk(self, raw: messages.RawConnection) -> None:
        assert raw.fileno() >= 0
        while data := raw.recv(3):
            self.received += data
        raw.sendall(b"echo " + self.received)
        raw.close_write()

    def _fail(self, _raw: messages.RawConnection) -> None:
        raise ConnectionResetError


@pytest.fixture
def service() -> Service:
    """Return a service."""
    return Service()


@pytest.fixture
def client(service: Service) -> Iterator[socket.socket]:
    """Return a client's socket; its connection is served in a thread, and has ended at the end."""
    ours, theirs = socket.socketpair()
    ours.settimeout(10)
    thread = threading.Thread(target=Connection(theirs, service.answer).serve)
    thread.start()
    yield ours
    ours.close()
    thread.join(10)
    assert not thread.is_alive()


def response(client: socket.socket, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    """Read a response: status, headers in lower case, body."""
    parsed = HTTPResponse(client, method=method)
    parsed.begin()
    headers = {name.lower(): value for name, value in parsed.getheaders()}
    body = parsed.read()
    parsed.close()
    return parsed.status, headers, body


def ask(client: socket.socket, head: str, body: bytes = b"") -> tuple[int, dict[str, str], bytes]:
    """Send a request line (with headers after `|`) and a body; read the response."""
    lines = [*head.split("|"), "Host: engine"]
    lines[0] += " HTTP/1.1"
    client.sendall("\r\n".join([*lines, "", ""]).encode() + body)
    return response(client, head.split(maxsplit=1)[0])


def test_responses(client: socket.socket) -> None:
    status, headers, body = ask(client, "GET /json")
    assert (status, body) == (200, '{"a":"ä"}\n'.encode())
    assert headers["content-type"] == "application/json"
    assert headers["content-length"] == str(len(body))
    assert headers["x-extra"] == "1"
    assert headers["ostype"] == "linux"
    assert ask(client, "GET /text")[::2] == (200, b"plain")
    status, headers, body = ask(client, "GET /empty")
    assert (status, body) == (204, b"")
    assert "content-length" not in headers
    assert ask(client, "GET /stream")[::2] == (200, b"onetwo")


def test_errors(client: socket.socket, caplog: pytest.LogCaptureFixture) -> None:
    assert ask(client, "GET /conflict")[::2] == (409, b'{"message":"it is in use"}\n')
    assert ask(client, "GET /unchanged")[::2] == (304, b"")
    assert ask(client, "GET /bug")[::2] == (500, b'{"message":"ZeroDivisionError: a bug"}\n')
    assert "a bug" in caplog.text
    assert ask(client, "GET /text")[0] == 200, "the connection is kept"


def test_paths_and_queries(client: socket.socket) -> None:
    _, _, body = ask(client, "GET /a%2Fb%20c?x=1&x=2&empty=&y=%2B")
    assert body == b'{"path":"/a/b c","query":{"x":["1","2"],"empty":[""],"y":["+"]}}\n'


@pytest.mark.parametrize("path", ["/json", "/text", "/stream"])
def test_head_has_no_body(client: socket.socket, path: str) -> None:
    assert ask(client, f"HEAD {path}")[::2] == (200, b"")
    assert ask(client, "GET /text")[2] == b"plain"


def test_bodies(client: socket.socket, service: Service) -> None:
    assert ask(client, "POST /echo|Content-Length: 5", b"12345")[2] == b"5"
    chunked = b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    assert ask(client, "POST /echo|Transfer-Encoding: chunked", chunked)[2] == b"5"
    assert service.received == b"abcde"
    assert ask(client, "POST /echo")[2] == b"0"


def test_an_archive(client: socket.socket) -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name in ("a", "b"):
            tar.addfile(tarfile.TarInfo(name))
    data = archive.getvalue()
    assert ask(client, f"PUT /tar|Content-Length: {len(data)}", data)[2] == b'["a","b"]\n'


def test_an_unread_body_is_discarded(client: socket.socket) -> None:
    body = b"x" * 100_000
    _, headers, text = ask(client, f"POST /text|Content-Length: {len(body)}", body)
    assert text == b"plain"
    assert "connection" not in headers
    assert ask(client, "GET /text")[2] == b"plain"


@pytest.mark.parametrize("path", ["/text", "/stream", "/conflict", "/empty"])
def test_a_long_unread_body_ends_the_connection(
    client: socket.socket, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(connection, "MAX_DRAIN", 10)
    monkeypatch.setattr(connection, "RECEIVE", 8)
    head = f"POST {path} HTTP/1.1\r\nHost: engine\r\nContent-Length: 100000\r\n\r\n"
    client.sendall(head.encode() + b"x" * 50_000)
    _, headers, _ = response(client)
    assert headers["connection"] == "close", "a client does not use the connection again"
    client.sendall(b"x" * 50_000)
    client.shutdown(socket.SHUT_WR)
    assert client.recv(1) == b""


@pytest.mark.parametrize("rest", [b"5\r\nhel", b"no size of a chunk\r\n"])
def test_an_unread_body_that_is_broken_ends_the_connection(
    client: socket.socket, rest: bytes
) -> None:
    client.sendall(
        b"POST /text HTTP/1.1\r\nHost: engine\r\nTransfer-Encoding: chunked\r\n\r\n" + rest
    )
    client.shutdown(socket.SHUT_WR)
    status, headers, body = response(client)
    assert (status, headers["connection"], body) == (200, "close", b"plain")
    assert client.recv(1) == b""


def test_100_continue(client: socket.socket) -> None:
    head = "POST /echo HTTP/1.1\r\nHost: e\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    client.sendall(head.encode())
    interim = client.recv(100)
    assert interim.startswith(b"HTTP/1.1 100 ")
    assert interim.endswith(b"\r\n\r\n")
    client.sendall(b"ok")
    assert response(client)[2] == b"2"


def test_a_body_that_nobody_wants_is_not_requested(client: socket.socket) -> None:
    head = "POST /text HTTP/1.1\r\nHost: e\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    client.sendall(head.encode())
    status, headers, body = response(client)
    assert (status, headers["connection"], body) == (200, "close", b"plain")


@pytest.mark.parametrize(
    "data",
    [
        b"no HTTP at all\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",  # without Host
        b"\x16\x03\x01\x00\x00\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: e\r\nContent-Length: x\r\n\r\n",
    ],
)
def test_bad_requests(client: socket.socket, service: Service, data: bytes) -> None:
    client.sendall(data)
    status, _, body = response(client)
    assert status == 400
    assert body.startswith(b'{"message":')
    assert client.recv(1) == b"", "the connection is closed"
    assert service.requests == []


def test_a_client_that_disconnects_within_its_body(client: socket.socket, service: Service) -> None:
    client.sendall(b"POST /echo HTTP/1.1\r\nHost: e\r\nContent-Length: 9\r\n\r\nabc")
    client.shutdown(socket.SHUT_WR)
    with contextlib.suppress(ConnectionError):
        client.recv(1000)
    assert service.received == b""


def test_a_client_that_disconnects_within_a_stream(client: socket.socket, service: Service) -> None:
    client.sendall(b"GET /endless HTTP/1.1\r\nHost: e\r\n\r\n")
    assert b"200 OK" in client.recv(1000)
    client.close()
    assert service.closed.wait(10), "the stream is closed"


def read_all(client: socket.socket) -> bytes:
    """Read until the end."""
    data = b""
    while piece := client.recv(100):
        data += piece
    return data


@pytest.mark.parametrize(
    ("headers", "status"),
    [("", b"HTTP/1.1 200 OK"), ("Connection: Upgrade\r\nUpgrade: tcp\r\n", b"101 UPGRADED")],
)
def test_hijacking(client: socket.socket, headers: str, status: bytes) -> None:
    client.sendall(f"POST /hijack HTTP/1.1\r\nHost: e\r\n{headers}\r\nearly".encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += client.recv(1)
    assert status in head.splitlines()[0]
    assert (b"Upgrade: tcp" in head) == ("Upgrade" in headers)
    assert b"Content-Type: application/vnd.docker.raw-stream" in head
    client.sendall(b" and late")
    client.shutdown(socket.SHUT_WR)
    assert read_all(client) == b"echo early and late"


def test_a_hijacked_connection_that_breaks(client: socket.socket) -> None:
    client.sendall(b"POST /broken HTTP/1.1\r\nHost: e\r\n\r\n")
    assert read_all(client).startswith(b"HTTP/1.1 200 OK")


@contextlib.contextmanager
def serving(path: Path, service: Service) -> Iterator[None]:
    """Run a server."""
    before = threading.stack_size()
    make_folder(path)
    server = Server(path, service.answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.close()
        thread.join(10)
        threading.stack_size(before)


def test_a_server(tmp_path: Path, service: Service) -> None:
    path = tmp_path / "new/docker.sock"
    with serving(path, service):
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
        for _ in range(2):
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(10)
                client.connect(str(path))
                assert ask(client, "GET /text")[2] == b"plain"
        with pytest.raises(OSError, match="another engine listens on"):
            Server(path, service.answer)
    assert not path.exists()


def test_a_stale_socket_is_replaced(tmp_path: Path, service: Service) -> None:
    path = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    with serving(path, service):
        assert path.is_socket()
