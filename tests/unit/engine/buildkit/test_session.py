"""The session of a build, with h2's client as BuildKit, over a socket pair."""

from __future__ import annotations

import json
import os
import socket
import struct
import threading
from pathlib import Path
from urllib.parse import unquote

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, DataReceived, StreamEnded, TrailersReceived
from unit.commands.stub_engine import StubEngine

from docker_magics.engine.build_context import BuildContext
from docker_magics.engine.buildkit.protobuf import Message, encode
from docker_magics.engine.buildkit.session import BuildSession
from docker_magics.errors import EngineError

_GET_SECRET = "/moby.buildkit.secrets.v1.Secrets/GetSecret"  # noqa: S105 - a method
_CREDENTIALS = "/moby.filesync.v1.Auth/Credentials"
_HEALTH = "/grpc.health.v1.Health/Check"
_DIFF_COPY = "/moby.filesync.v1.FileSync/DiffCopy"


class BuildKit:
    """The engine's side of a session: calls methods one after another.

    Attributes:
        answers: (message or None, gRPC status, reason) of each call.
    """

    def __init__(self, *calls: tuple[str, bytes]) -> None:
        self._calls = calls
        self.answers: list[tuple[Message | None, str, str]] = []
        self.finished = threading.Event()

    def __call__(self, peer: socket.socket) -> None:
        try:
            http = H2Connection(H2Configuration(client_side=True))
            http.initiate_connection()
            for path, message in self._calls:
                self._call(http, peer, path, message)
            http.close_connection()
            peer.sendall(http.data_to_send())
        finally:
            self.finished.set()

    def _call(self, http: H2Connection, peer: socket.socket, path: str, message: bytes) -> None:
        stream = http.get_next_available_stream_id()
        names = ((":method", "POST"), (":scheme", "http"), (":authority", "x"), (":path", path))
        http.send_headers(stream, names)
        http.send_data(stream, b"\0" + struct.pack(">I", len(message)) + message, end_stream=True)
        body, trailers, ended = b"", {}, False
        while not ended:
            peer.sendall(http.data_to_send())
            data = peer.recv(65536)
            assert data, f"the session ended during {path}"
            for event in http.receive_data(data):
                assert not isinstance(event, ConnectionTerminated)
                if isinstance(event, DataReceived):
                    body += event.data
                elif isinstance(event, TrailersReceived):
                    trailers = dict(event.headers)
                ended |= isinstance(event, StreamEnded)
        status = trailers[b"grpc-status"].decode()
        answer = Message(body[5:]) if body else None
        reason = unquote(trailers.get(b"grpc-message", b"").decode())
        self.answers.append((answer, status, reason))


def converse(
    session: BuildSession, *calls: tuple[str, bytes]
) -> tuple[StubEngine, list[tuple[Message | None, str, str]]]:
    """Open a session with a BuildKit that makes these calls; return its answers."""
    kit = BuildKit(*calls)
    engine = StubEngine({"HIJACK /session": kit})
    session.open(engine)
    assert kit.finished.wait(5)
    session.close()
    return engine, kit.answers


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty CLI configuration."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return tmp_path / "config.json"


def test_a_session_has_headers_and_answers_health_checks() -> None:
    session = BuildSession({})
    engine, [(answer, status, _)] = converse(session, (_HEALTH, b""))
    assert (answer is not None and answer.one(1, 0), status) == (1, "0")
    assert engine.sent("HIJACK /session") == {
        "X-Docker-Expose-Session-Uuid": session.identity,
        "X-Docker-Expose-Session-Name": "docker-magics",
    }
    assert session.identity != BuildSession({}).identity


def test_secrets_are_sent_only_by_id() -> None:
    session = BuildSession({"token": lambda: b"hush\0"})
    _, [known, unknown] = converse(
        session, (_GET_SECRET, encode({1: b"token"})), (_GET_SECRET, encode({1: b"other"}))
    )
    assert known[0] is not None
    assert known[0].one(1, b"") == b"hush\0"
    assert unknown == (None, "5", "secret other: not found")


def test_credentials_of_the_hub_and_of_registries(config: Path) -> None:
    auths = {
        "https://index.docker.io/v1/": {"auth": "bWU6cHc="},
        "registry.example": {"auth": "bWU6", "identitytoken": "token"},
    }
    config.write_text(json.dumps({"auths": auths}))
    hosts = (b"registry-1.docker.io", b"registry.example", b"elsewhere.example")
    _, answers = converse(BuildSession({}), *((_CREDENTIALS, encode({1: host})) for host in hosts))
    pairs = [(answer.text(1), answer.text(2)) for answer, _, _ in answers if answer is not None]
    assert pairs == [("me", "pw"), ("", "token"), ("", "")]


def test_a_failed_credential_helper_is_reported(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper = tmp_path / "docker-credential-broken"
    helper.write_text("#!/bin/sh\necho locked; exit 1\n")
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    config.write_text(json.dumps({"credsStore": "broken"}))
    request = encode({1: b"registry.example"})
    _, [(answer, status, reason)] = converse(BuildSession({}), (_CREDENTIALS, request))
    assert (answer, status) == (None, "2")
    assert reason.startswith("cannot read the credentials for registry.example")


@pytest.mark.parametrize("method", [_GET_SECRET, _CREDENTIALS])
def test_an_invalid_request_is_an_error(method: str) -> None:
    _, [(answer, status, reason)] = converse(BuildSession({}), (method, b"\x0a\xff"))
    assert (answer, status) == (None, "2")
    assert reason


def test_without_a_folder_file_requests_are_errors() -> None:
    _, [(_, status, reason)] = converse(BuildSession({}), (_DIFF_COPY, b""))
    assert (status, reason) == ("5", "no files to sync: the context was uploaded")


def test_each_folder_has_a_shared_key(tmp_path: Path) -> None:
    keys = []
    for name in ("one", "two", "one"):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "Dockerfile").write_text("FROM scratch\n")
        session = BuildSession({}, BuildContext(tmp_path / name))
        engine, _ = converse(session)
        headers = engine.sent("HIJACK /session")
        assert headers["X-Docker-Expose-Session-Grpc-Method"] == _DIFF_COPY
        keys.append(headers["X-Docker-Expose-Session-Sharedkey"])
    assert keys[0] == keys[2] != keys[1]


def test_invalid_http_ends_the_session() -> None:
    ended = threading.Event()

    def garbage(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 10)
        while peer.recv(4096):
            pass
        ended.set()

    BuildSession({}).open(StubEngine({"HIJACK /session": garbage}))
    assert ended.wait(5)


def test_a_session_that_was_not_opened_closes() -> None:
    BuildSession({}).close()


def test_an_engine_that_closes_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("docker_magics.engine.buildkit.session.grpc_socket", refuse)
    with pytest.raises(EngineError, match="cannot open the build's session"):
        BuildSession({}).open(StubEngine())
