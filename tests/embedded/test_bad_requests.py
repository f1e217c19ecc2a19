"""Requests that make no sense, sent to the embedded engine as bytes: no client would send them."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from embedded.shared import connection, files_of, running


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of an engine without anything in it."""
    folder = tmp_path_factory.mktemp("engine")
    with running(folder):
        yield folder


JSON = {"Content-Type": "application/json"}
REQUESTS = [
    ("GET", "/nowhere", {}, b"", 404, "page not found"),
    ("PATCH", "/v1.44/containers/json", {}, b"", 404, "page not found"),
    ("DELETE", "/containers/json", {}, b"", 404, "No such container: json"),
    ("GET", "/v1.44/containers/none/json", {}, b"", 404, "No such container: none"),
    ("GET", "/images/none/json", {}, b"", 404, "No such image: none:latest"),
    ("GET", "/networks/no", {}, b"", 404, "network no not found"),
    ("GET", "/volumes/none", {}, b"", 404, "get none: no such volume"),
    ("GET", "/exec/none/json", {}, b"", 404, "No such exec instance: none"),
    ("GET", "/v1.12/info", {}, b"", 400, "client version 1.12 is too old"),
    ("GET", "/v9.99/info", {}, b"", 400, "client version 9.99 is too new"),
    ("POST", "/containers/create", JSON, b"{", 400, "invalid JSON"),
    ("POST", "/containers/create", JSON, b"[]", 400, "invalid JSON"),
    ("POST", "/containers/create", JSON, b"", 400, "invalid JSON"),
    ("POST", "/containers/create", {}, b"{}", 400, "unsupported Content-Type"),
    (
        "POST",
        "/containers/create",
        JSON,
        b'{"HostConfig": 3}',
        400,
        "number into Go struct field .HostConfig",
    ),
    ("POST", "/containers/create", JSON, b'{"Image": ["busybox"]}', 400, "Image"),
    ("POST", "/containers/create", JSON, b'{"Env": [7]}', 400, ".Env of type string"),
    ("POST", "/networks/create", JSON, b'{"Name": {}}', 400, "Name"),
    ("POST", "/volumes/create", JSON, b'{"Name": 1}', 400, "Name"),
    ("POST", "/volumes/create", JSON, b'{"Name": "../x"}', 400, "includes invalid characters"),
    ("GET", "/containers/json?filters=x", {}, b"", 400, "invalid"),
    ("GET", "/containers/json?limit=x", {}, b"", 400, 'strconv.Atoi: parsing "x"'),
    ("POST", "/build", {}, b"no archive", 400, "tar"),
]


@pytest.mark.parametrize(
    "request_and_answer", REQUESTS, ids=lambda each: " ".join(map(str, each[:2]))
)
def test_requests_that_make_no_sense_are_told_why(
    engine: Path, request_and_answer: tuple[str, str, dict[str, str], bytes, int, str]
) -> None:
    """With dockerd's status code, as `{"message": ...}`, and nothing changes."""
    *asked, status, words = request_and_answer
    before = files_of(engine)
    got, kind, answer = ask(engine, *asked)
    assert (got, kind) == (status, "application/json")
    found = json.loads(answer)
    assert found.keys() == {"message"}
    assert words in found["message"]
    assert files_of(engine) == before


def ask(
    folder: Path, method: str, path: str, headers: dict[str, str], body: bytes
) -> tuple[int, str, bytes]:
    """The status, type and body of an answer."""
    with connection(folder) as engine:
        engine.request(method, path, body, headers)
        answer = engine.getresponse()
        return answer.status, answer.headers["Content-Type"], answer.read()


def test_bytes_that_are_no_http_end_that_connection_alone(engine: Path) -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(engine / "d.sock"))
        sock.sendall(b"\x16\x03\x01\x02\x00" * 100 + b"\r\n\r\n")
        assert sock.recv(64).startswith(b"HTTP/1.1 400 Bad Request")
    assert ask(engine, "GET", "/_ping", {}, b"")[0] == 200
