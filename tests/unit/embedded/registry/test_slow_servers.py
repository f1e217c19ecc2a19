"""Registries that send a byte now and then, or for ever, hold no thread of the engine."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import pytest
from unit.embedded.slow_server import HEAD, SlowServer

from docker_magics.embedded.errors import ApiError
from docker_magics.embedded.registry import proxies, slow_servers
from docker_magics.embedded.registry.client import Registry
from docker_magics.embedded.registry.configuration import Configuration
from docker_magics.embedded.registry.credentials import Credentials
from docker_magics.embedded.registry.service import Registries
from docker_magics.wire.reference import parse

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def connect(slow_server: SlowServer) -> Registry:
    return Registry(slow_server.address, Credentials(), Configuration())


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
    slow_server: SlowServer, monkeypatch: pytest.MonkeyPatch, pieces: Iterable[bytes]
) -> None:
    monkeypatch.setattr(slow_servers, "_HEAD_S", 0.3)
    slow_server.pieces = pieces
    with pytest.raises(ApiError, match=r"^Get .*/v2/"):
        connect(slow_server).ping()


def test_a_small_body_has_a_deadline(
    slow_server: SlowServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However fast it arrives."""
    monkeypatch.setattr(proxies, "_DOCUMENT_S", 0.3)
    slow_server.pieces = itertools.chain([HEAD], itertools.repeat(b"x"))
    response = connect(slow_server).request("GET", "/v2/a/manifests/1", scope="")
    with pytest.raises(ApiError, match="the connection to the registry broke"):
        response.document(1 << 20)


@pytest.mark.parametrize("head", [HEAD, CHUNKED], ids=["length", "chunks"])
def test_a_blob_has_a_least_speed(
    slow_server: SlowServer, monkeypatch: pytest.MonkeyPatch, head: bytes
) -> None:
    """Also in a chunk's size, which never ends."""
    monkeypatch.setattr(slow_servers, "_MIN_BYTES_S", 0.3)
    slow_server.pieces = itertools.chain([head], itertools.repeat(b"1"))
    with pytest.raises(ApiError, match="the connection to the registry broke"):
        read_all(connect(slow_server), 1 << 18)


def read_all(registry: Registry, size: int) -> int:
    """Read a blob in pieces; return its bytes."""
    with registry.request("GET", "/v2/a/blobs/b", scope="") as response:
        return sum(map(len, iter(lambda: response.read_some(size), b"")))


def test_a_slow_blob_arrives(slow_server: SlowServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow_servers, "_MIN_BYTES_S", 0.1)
    monkeypatch.setattr(slow_servers, "_MIN_BYTES", 1)
    monkeypatch.setattr(slow_servers, "_HEAD_S", 0.8)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
    slow_server.pieces = [head, *(b"x" for _ in range(100))]
    assert read_all(connect(slow_server), 10) == 100


def test_the_answer_with_a_challenge_is_not_read_for_ever(slow_server: SlowServer) -> None:
    """A redirect's neither."""
    head = b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nContent-Length: 999999999\r\n\r\n"
    slow_server.pieces = itertools.chain([head], itertools.repeat(b"x" * 65536))
    with pytest.raises(ApiError):
        connect(slow_server).check()
    assert slow_server.left.wait(10)


@pytest.mark.parametrize(
    "pieces",
    [(), (HEAD,), itertools.chain([HEAD], itertools.repeat(b"x"))],
    ids=["silent", "stalled", "slow"],
)
def test_a_pull_that_is_closed_ends(
    slow_server: SlowServer, registries: Registries, pieces: Iterable[bytes]
) -> None:
    slow_server.pieces = itertools.chain(pieces, itertools.repeat(b""))
    reference = parse(f"{slow_server.address}/a:1")
    for messages in (
        registries.pull(reference, Credentials(), None),
        registries.pull(reference, Credentials(), None, all_tags=True),
    ):
        slow_server.left.clear()
        assert next(messages) is None
        messages.close()  # type: ignore[attr-defined]
        assert slow_server.left.wait(10)
