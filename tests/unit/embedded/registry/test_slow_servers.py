"""Registries that send a byte now and then, or for ever, hold no thread of the engine."""

from __future__ import annotations

import contextlib
import itertools
import select
import socket
import threading
from collections.abc import Iterable, Iterator

import pytest

from docker_magics.embedded.errors import ApiError
from docker_magics.embedded.registry import proxies, slow_servers
from docker_magics.embedded.registry.client import Registry
from docker_magics.embedded.registry.configuration import Configuration
from docker_magics.embedded.registry.credentials import Credentials
from docker_magics.embedded.registry.service import Registries
from docker_magics.wire.reference import parse

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class Server:
    """Sends pieces to each client, one every 10 ms, until it leaves.

    Attributes:
        address: HOST:PORT.
        pieces: what each response consists of.
        left: is set once a client has left.
    """

    def __init__(self) -> None:
        self.pieces: Iterable[bytes] = ()
        self.left = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError):
            sock.recv(65536)
            closed = select.poll()
            closed.register(sock, select.POLLRDHUP)
            for piece in self.pieces:
                sock.sendall(piece)
                if closed.poll(10):
                    break
        self.left.set()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that sends slowly."""
    slow = Server()
    yield slow
    slow.close()


def connect(server: Server) -> Registry:
    return Registry(server.address, Credentials(), Configuration())


@pytest.mark.parametrize(
    "pieces",
    [
        itertools.repeat(b"H"),
        itertools.chain([b"HTTP/1.1 200 OK\r\n"], itertools.cycle([b"A", b": b\r\n"])),
        itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["status", "headers", "continue"],
)
def test_a_head_has_a_deadline(
    server: Server, monkeypatch: pytest.MonkeyPatch, pieces: Iterable[bytes]
) -> None:
    monkeypatch.setattr(slow_servers, "_HEAD_S", 0.3)
    server.pieces = pieces
    with pytest.raises(ApiError, match=r"^Get .*/v2/"):
        connect(server).ping()


def test_a_small_body_has_a_deadline(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """However fast it arrives."""
    monkeypatch.setattr(proxies, "_DOCUMENT_S", 0.3)
    server.pieces = itertools.chain([HEAD], itertools.repeat(b"x"))
    response = connect(server).request("GET", "/v2/a/manifests/1", scope="")
    with pytest.raises(ApiError, match="the connection to the registry broke"):
        response.document(1 << 20)


@pytest.mark.parametrize("head", [HEAD, CHUNKED], ids=["length", "chunks"])
def test_a_blob_has_a_least_speed(
    server: Server, monkeypatch: pytest.MonkeyPatch, head: bytes
) -> None:
    """Also in a chunk's size, which never ends."""
    monkeypatch.setattr(slow_servers, "_MIN_BYTES_S", 0.3)
    server.pieces = itertools.chain([head], itertools.repeat(b"1"))
    with pytest.raises(ApiError, match="the connection to the registry broke"):
        read_all(connect(server), 1 << 18)


def read_all(registry: Registry, size: int) -> int:
    """Read a blob in pieces; return its bytes."""
    with registry.request("GET", "/v2/a/blobs/b", scope="") as response:
        return sum(map(len, iter(lambda: response.read_some(size), b"")))


def test_a_slow_blob_arrives(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow_servers, "_MIN_BYTES_S", 0.1)
    monkeypatch.setattr(slow_servers, "_MIN_BYTES", 1)
    monkeypatch.setattr(slow_servers, "_HEAD_S", 0.8)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
    server.pieces = [head, *(b"x" for _ in range(100))]
    assert read_all(connect(server), 10) == 100


def test_the_answer_with_a_challenge_is_not_read_for_ever(server: Server) -> None:
    """A redirect's neither."""
    head = b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nContent-Length: 999999999\r\n\r\n"
    server.pieces = itertools.chain([head], itertools.repeat(b"x" * 65536))
    with pytest.raises(ApiError):
        connect(server).check()
    assert server.left.wait(10)


@pytest.mark.parametrize(
    "pieces",
    [(), (HEAD,), itertools.chain([HEAD], itertools.repeat(b"x"))],
    ids=["silent", "stalled", "slow"],
)
def test_a_pull_that_is_closed_ends(
    server: Server, registries: Registries, pieces: Iterable[bytes]
) -> None:
    server.pieces = itertools.chain(pieces, itertools.repeat(b""))
    reference = parse(f"{server.address}/a:1")
    for messages in (
        registries.pull(reference, Credentials(), None),
        registries.pull(reference, Credentials(), None, all_tags=True),
    ):
        server.left.clear()
        assert next(messages) is None
        messages.close()  # type: ignore[attr-defined]
        assert server.left.wait(10)
