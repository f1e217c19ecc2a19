"""Invalid requests, which no client would send, get dockerd's errors."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from embedded.shared import connection, files_of, running


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of an empty engine."""
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
        "number into Go struct field CreateRequest.HostConfig",
    ),
    ("POST", "/containers/create", JSON, b'{"Image": ["busybox"]}', 400, "Image"),
    ("POST", "/containers/create", JSON, b'{"Env": [7]}', 400, ".Env of type string"),
    ("POST", "/networks/create", JSON, b'{"Name": {}}', 400, "Name"),
    ("POST", "/volumes/create", JSON, b'{"Name": 1}', 400, "Name"),
    ("POST", "/volumes/create", JSON, b'{"Name": "../x"}', 400, "includes invalid characters"),
    ("GET", "/containers/json?filters=x", {}, b"", 400, "invalid"),
    ("GET", "/containers/json?limit=x", {}, b"", 400, 'strconv.Atoi: parsing "x"'),
    ("POST", "/build", {}, b"no archive", 400, "unexpected EOF"),
    ("GET", f"/v1.{'9' * 5000}/info", {}, b"", 404, "page not found"),
    ("GET", f"/containers/json?filters={'[' * 5000}", {}, b"", 400, "nested so deeply"),
    (
        "POST",
        "/containers/create",
        {**JSON, "Transfer-Encoding": "chunked"},
        b"-2\r\n{}\r\n0\r\n\r\n",
        400,
        "invalid request body",
    ),
]


@pytest.mark.parametrize(
    "request_and_answer", REQUESTS, ids=lambda parts: " ".join(map(str, parts[:2]))
)
def test_invalid_requests_get_an_error_message(
    engine: Path, request_and_answer: tuple[str, str, dict[str, str], bytes, int, str]
) -> None:
    """The status code is dockerd's, the body `{"message": ...}`; the store does not change."""
    *request_parts, status, expected = request_and_answer
    before = files_of(engine)
    got_status, content_type, body = send(engine, *request_parts)
    assert (got_status, content_type) == (status, "application/json")
    error = json.loads(body)
    assert error.keys() == {"message"}
    assert expected in error["message"]
    assert files_of(engine) == before


def send(
    folder: Path, method: str, path: str, headers: dict[str, str], body: bytes
) -> tuple[int, str, bytes]:
    """Send a request; return the status, content type and body of the response."""
    with connection(folder) as engine:
        engine.request(method, path, body, headers)
        response = engine.getresponse()
        return response.status, response.headers["Content-Type"], response.read()


def test_bytes_that_are_not_http_end_only_that_connection(engine: Path) -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(engine / "d.sock"))
        sock.sendall(b"\x16\x03\x01\x02\x00" * 100 + b"\r\n\r\n")
        assert sock.recv(64).startswith(b"HTTP/1.1 400 Bad Request")
    assert send(engine, "GET", "/_ping", {}, b"")[0] == 200
