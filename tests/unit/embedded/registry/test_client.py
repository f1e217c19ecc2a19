"""Requests to a registry: tokens, mirrors, redirects, and Go's error messages."""

from __future__ import annotations

import gzip
import io
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from unit.embedded.registry.support import BASIC, PASSWORD, USER, FakeRegistry
from urllib3 import HTTPHeaderDict

from docker_magics.embedded.errors import ApiError, Forbidden, NotFound, Unauthorized
from docker_magics.embedded.registry import client, go_errors
from docker_magics.embedded.registry.client import Registry
from docker_magics.embedded.registry.configuration import Configuration
from docker_magics.embedded.registry.credentials import Credentials
from docker_magics.embedded.registry.proxies import Connections
from docker_magics.embedded.registry.tokens import Tokens

SCOPE = "repository:a:pull"
ME = Credentials(USER, PASSWORD)
REFUSED = "dial tcp 127.0.0.1:{}: connect: connection refused"
NO_HOST = "dial tcp: lookup h on 1.2.3.4:53: no such host"


def connect(
    fake: FakeRegistry, credentials: Credentials | None = None, **configuration: tuple[str, ...]
) -> Registry:
    return Registry(fake.address, credentials or Credentials(), Configuration(**configuration))


def closed_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@pytest.fixture
def second() -> Iterator[FakeRegistry]:
    """A second registry."""
    with FakeRegistry() as fake:
        yield fake


def test_requests_without_authentication(registry: FakeRegistry) -> None:
    connect(registry).ping()
    connect(registry).check()
    assert [headers.get("Authorization") for _, _, headers in registry.requests] == [None, None]


def test_a_challenge_of_many_letters_does_not_take_minutes() -> None:
    tokens = Tokens(ME, Connections())
    with pytest.raises(ApiError, match='unsupported protocol scheme ""'):
        tokens.authenticate(f"Bearer {'a' * 1_000_000}", SCOPE)


def test_basic_authentication_is_sent_after_a_challenge(registry: FakeRegistry) -> None:
    registry.auth = "basic"
    connection = connect(registry, ME)
    connection.check()
    connection.request("GET", "/v2/", scope=SCOPE).close()
    sent = [headers.get("Authorization") for _, _, headers in registry.requests]
    assert sent == [None, BASIC, BASIC]
    with pytest.raises(Unauthorized, match="no basic auth credentials"):
        connect(registry).check()
    with pytest.raises(Unauthorized):
        connect(registry, Credentials(USER, "wrong")).check()


def test_a_token_is_fetched_once_for_each_scope(registry: FakeRegistry) -> None:
    registry.auth = "bearer"
    connection = connect(registry, ME)
    for scope in (SCOPE, SCOPE, "repository:b:pull"):
        connection.request("GET", "/v2/", scope=scope).close()
    tokens = registry.sent("GET", "^/token")
    assert tokens == [
        "/token?service=fake&scope=repository%3Aa%3Apull",
        "/token?service=fake&scope=repository%3Ab%3Apull",
    ]
    headers = next(headers for _, path, headers in registry.requests if path == tokens[0])
    assert headers["Authorization"] == BASIC


def test_anonymous_refresh_and_registry_tokens(
    registry: FakeRegistry,
) -> None:
    registry.auth = "bearer"
    connect(registry).check()
    connect(registry, Credentials(identity_token="refresh")).check()  # noqa: S106 - a test's
    assert registry.sent("POST") == ["/token"]
    registry.requests.clear()
    connect(registry, Credentials(registry_token="good")).check()  # noqa: S106 - a test's
    assert registry.sent("GET") == ["/v2/"]


def test_a_wrong_password_and_an_unknown_challenge_are_errors(registry: FakeRegistry) -> None:
    registry.auth = "bearer"
    with pytest.raises(Unauthorized, match="incorrect username or password"):
        connect(registry, Credentials(USER, "wrong")).check()
    registry.auth = ""
    registry.answers["/v2/"] = (401, b"")
    with pytest.raises(Unauthorized, match="authentication required"):
        connect(registry, ME).check()


def test_credentials_stay_with_the_registry(registry: FakeRegistry, second: FakeRegistry) -> None:
    registry.auth = "basic"
    registry.storage = f"http://{second.address}"
    name = registry.add_blob(b"data")
    second.add_blob(b"data")
    with connect(registry, ME).get(f"/v2/a/blobs/{name}", scope=SCOPE) as response:
        assert response.read() == b"data"
    assert [headers.get("Authorization") for _, _, headers in second.requests] == [None]
    response = connect(registry, ME).request("GET", f"http://{second.address}/v2/", scope=SCOPE)
    response.close()
    assert "Authorization" not in second.requests[-1][2]


def test_a_token_is_not_sent_in_clear_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry with TLS redirects to the same host and port without TLS."""
    client = Registry("r.example", ME, Configuration())
    sent = []

    class Redirect:
        status, headers = 200, HTTPHeaderDict()

        def __init__(self, url: str) -> None:
            self.url = url

        def get_redirect_location(self) -> str | None:
            return "http://r.example/v2/x" if self.url.startswith("https") else None

        def read1(self, _size: int) -> bytes:
            return b""

    def request(_self: object, _method: str, url: str, **options: Any) -> Redirect:
        sent.append((url.partition(":")[0], options["headers"].get("Authorization")))
        return Redirect(url)

    monkeypatch.setattr(Connections, "request", request)
    client._tokens["https://r.example"]._headers[SCOPE] = "Bearer t"  # noqa: SLF001
    client.request("GET", "/v2/x", scope=SCOPE)
    assert sent == [("https", "Bearer t"), ("http", None)]


def test_redirects_are_limited(registry: FakeRegistry) -> None:
    registry.storage = f"http://{registry.address}/v2/a/blobs/x?"
    name = registry.add_blob(b"data")
    registry.blobs["x"] = b""
    with pytest.raises(ApiError, match="too many redirects"):
        connect(registry).get(f"/v2/a/blobs/{name}", scope=SCOPE)


@pytest.mark.parametrize(
    ("storage", "message"),
    [
        ("data:,x", '/v2/": unsupported protocol scheme "data"'),
        ("file://", '/v2/": unsupported protocol scheme "file"'),
        ("http://[", '": failed to parse Location header: Invalid IPv6 URL'),
    ],
)
def test_redirects_to_other_than_http_are_one_line(
    registry: FakeRegistry, storage: str, message: str
) -> None:
    registry.storage = storage
    url = f"/v2/a/blobs/{registry.add_blob(b'data')}"
    with pytest.raises(ApiError) as caught:
        connect(registry).get(url, scope=SCOPE)
    assert str(caught.value).startswith(f'Get "http://{registry.address}/v2/')
    assert str(caught.value).endswith(message)
    assert "\n" not in str(caught.value)


def test_a_storage_that_demands_credentials_gets_none(
    registry: FakeRegistry, second: FakeRegistry
) -> None:
    registry.storage = f"http://{second.address}/v2/x/blobs/y?"
    second.auth = "bearer"
    name = registry.add_blob(b"data")
    with pytest.raises(Unauthorized):
        connect(registry, ME).get(f"/v2/a/blobs/{name}", scope=SCOPE)
    assert [headers.get("Authorization") for _, _, headers in second.requests] == [None]


@pytest.mark.parametrize("realm", ["nonsense", "data:,x", "x", "http://["])
def test_an_invalid_token_server_is_one_line(registry: FakeRegistry, realm: str) -> None:
    registry.auth, registry.realm = "bearer", realm
    with pytest.raises(ApiError, match=r"^Get "):
        connect(registry, ME).check()


@pytest.mark.parametrize(
    "answer", [b"", b"[]", b"<html>", b"[" * 100_000, b'{"token": "%s"}' % (b"x" * (2 << 20))]
)
def test_an_invalid_or_too_large_token_is_an_error(registry: FakeRegistry, answer: bytes) -> None:
    registry.auth = "bearer"
    registry.answers["/token"] = (200, answer)
    with pytest.raises(ApiError, match=r"^unable to decode token response$|exceeded max depth$"):
        connect(registry, ME).check()


@pytest.mark.parametrize("token", ["a\nb: c", "a\0b"])
def test_a_token_with_control_characters_is_refused(registry: FakeRegistry, token: str) -> None:
    registry.auth = "bearer"
    registry.answers["/token"] = (200, json.dumps({"token": token}).encode())
    with pytest.raises(ApiError, match="invalid header field value") as caught:
        connect(registry, ME).check()
    assert token not in str(caught.value)


def test_answers_are_not_decompressed(registry: FakeRegistry) -> None:
    packed = gzip.compress(b"x" * 1_000_000)
    registry.answers["/v2/a"] = (200, packed)
    registry.encodings["/v2/a"] = "gzip"
    with connect(registry).request("GET", "/v2/a", scope=SCOPE) as response:
        assert response.read() == packed


@pytest.mark.parametrize(("status", "kind"), [(403, Forbidden), (404, NotFound), (500, ApiError)])
def test_errors_contain_the_registry_s_reason(
    registry: FakeRegistry, status: int, kind: type[ApiError]
) -> None:
    errors = b'{"errors": [{"code": "TOO_BAD", "message": " why "}, {"code": "X"}]}'
    registry.answers["/v2/a"] = (status, errors)
    with pytest.raises(kind, match=r"^too bad: why; x: $"):
        connect(registry).request("GET", "/v2/a", scope=SCOPE)
    for body in (b"<html>", b"[]", b'{"errors": 7}', b'{"errors": [{}]}'):
        registry.answers["/v2/a"] = (status, body)
        with pytest.raises(kind, match=f"received unexpected HTTP status: {status}"):
            connect(registry).request("GET", "/v2/a", scope=SCOPE)


def test_a_retried_request_sends_the_whole_body(registry: FakeRegistry) -> None:
    registry.auth = "basic"
    connection = connect(registry, ME)
    connection.request(
        "PUT", "/v2/a/manifests/1", scope=SCOPE, body=io.BytesIO(b"body"),
        headers={"Content-Type": "kind", "Content-Length": "4"},
    ).close()  # fmt: skip
    assert registry.manifests["a", "1"] == ("kind", b"body")


def test_mirrors_precede_docker_hub(
    registry: FakeRegistry, second: FakeRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "base_url", lambda *_: f"http://{second.address}")
    mirrors = (f"http://127.0.0.1:{closed_port()}", f"http://{registry.address}")
    hub = Registry("docker.io", Credentials(), Configuration(mirrors))
    second.add_blob(b"only here")
    name = registry.add_blob(b"mirrored")
    with hub.get(f"/v2/a/blobs/{name}", scope=SCOPE) as response:
        assert response.read() == b"mirrored"
    assert second.requests == []
    with hub.get(f"/v2/a/blobs/{second.add_blob(b'only here')}", scope=SCOPE) as response:
        assert response.read() == b"only here"
    other = Registry("host", Credentials(), Configuration(mirrors))
    registry.requests.clear()
    with pytest.raises(NotFound):
        other.get(f"/v2/a/blobs/{name}", scope=SCOPE)
    assert registry.requests == []


@pytest.mark.parametrize("auth", ["basic", "bearer"])
def test_a_mirrors_token_is_not_sent_to_docker_hub(
    registry: FakeRegistry, second: FakeRegistry, monkeypatch: pytest.MonkeyPatch, auth: str
) -> None:
    monkeypatch.setattr(client, "base_url", lambda *_: f"http://{second.address}")
    hub = Registry("docker.io", ME, Configuration((f"http://{registry.address}",)))
    registry.auth = second.auth = auth
    name = second.add_blob(b"only here")
    for _ in range(2):
        with hub.get(f"/v2/a/blobs/{name}", scope=SCOPE) as response:
            assert response.read() == b"only here"
    for fake in (registry, second):
        sent = [headers.get("Authorization") for _, path, headers in fake.requests if "v2" in path]
        assert [value is None for value in sent] == [True, False, False]


def test_which_registries_speak_plain_http() -> None:
    configuration = Configuration(insecure=("plain.example",))
    bases = {
        domain: client.base_url(domain, configuration)
        for domain in ("docker.io", "plain.example", "other.example", "localhost:1", "127.0.0.9:1")
    }
    assert bases == {
        "docker.io": "https://registry-1.docker.io",
        "plain.example": "http://plain.example",
        "other.example": "https://other.example",
        "localhost:1": "http://localhost:1",
        "127.0.0.9:1": "http://127.0.0.9:1",
    }


def test_a_registry_that_does_not_answer() -> None:
    port = closed_port()
    connection = Registry(f"127.0.0.1:{port}", Credentials(), Configuration())
    with pytest.raises(ApiError) as caught:
        connection.get("/v2/a/manifests/1", scope=SCOPE)
    refused = f"dial tcp 127.0.0.1:{port}: connect: connection refused"
    assert str(caught.value) == f'Get "http://127.0.0.1:{port}/v2/": {refused}'


def test_a_connection_that_breaks_is_reported(registry: FakeRegistry) -> None:
    name = registry.add_blob(b"x" * 1000)
    registry.cuts[name] = [10, 10]
    with connect(registry).get(f"/v2/a/blobs/{name}", scope=SCOPE) as response:
        assert response.read_some(100) == b"x" * 10
        with pytest.raises(ApiError, match="the connection to the registry broke"):
            response.read_some(100)
    with (
        connect(registry).get(f"/v2/a/blobs/{name}", scope=SCOPE) as response,
        pytest.raises(ApiError, match="the connection to the registry broke"),
    ):
        response.read()


@pytest.mark.parametrize(
    ("text", "url", "expected"),
    [
        ("Connection refused", "https://127.0.0.1/v2/", REFUSED.format(443)),
        ("Connection refused", "http://127.0.0.1/v2/", REFUSED.format(80)),
        ("Connection refused", "http://127.0.0.1:5/v2/", REFUSED.format(5)),
        ("Name or service not known", "https://h:5/", NO_HOST),
        ("Temporary failure in name resolution", "https://h/", NO_HOST),
        ("Read timed out", "https://h/", "net/http: request canceled while waiting for connection"),
        ("something else", "", "something else"),
    ],
)
def test_connection_errors_have_go_s_messages(
    text: str, url: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(go_errors, "name_servers", lambda: ["1.2.3.4"])
    assert go_errors.go_message(OSError(text), url) == expected
