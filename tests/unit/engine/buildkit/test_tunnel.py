"""The session inside a gRPC call, with h2's server as the engine, on a unix socket."""

from __future__ import annotations

import contextlib
import select
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived
from h2.settings import SettingCodes, Settings
from unit.commands.stub_engine import StubEngine
from unit.engine.buildkit.test_session import BuildKit

from docker_magics.engine.buildkit.grpc import framed, take_message
from docker_magics.engine.buildkit.protobuf import Message, encode
from docker_magics.engine.buildkit.session import BuildSession

_GET_SECRET = "/moby.buildkit.secrets.v1.Secrets/GetSecret"  # noqa: S105 - a method
_HEALTH = "/grpc.health.v1.Health/Check"


class GrpcEngine:
    """Passes the bytes of a Control.Session call on to a BuildKit.

    Attributes:
        headers: those of the call.
    """

    def __init__(self, kit: BuildKit, path: Path) -> None:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._kit = kit
        self._received = bytearray()
        self.headers: dict[str, str] = {}

    def serve(self) -> None:
        """Serve one connection to its end."""
        ours, theirs = socket.socketpair()
        connection, _ = self._listener.accept()
        with self._listener, ours, theirs, connection:
            kit = threading.Thread(target=self._kit, args=[theirs], daemon=True)
            http = H2Connection(H2Configuration(client_side=False))
            http.local_settings = Settings(
                client=False, initial_values={SettingCodes.INITIAL_WINDOW_SIZE: 1000}
            )
            http.initiate_connection()
            connection.sendall(http.data_to_send())
            while True:
                ready, _, _ = select.select([connection, ours], [], [])
                if connection in ready:
                    if not (data := connection.recv(65536)):
                        return
                    self._take(http, data, ours, kit)
                if ours in ready:
                    if not (answer := ours.recv(8192)):
                        return
                    http.send_data(1, framed(encode({1: answer})))
                with contextlib.suppress(BrokenPipeError):  # the client has closed the session
                    connection.sendall(http.data_to_send())

    def _take(
        self, http: H2Connection, data: bytes, peer: socket.socket, kit: threading.Thread
    ) -> None:
        for event in http.receive_data(data):
            match event:
                case RequestReceived():
                    pairs = event.headers or []
                    self.headers = {name.decode(): value.decode() for name, value in pairs}
                    http.send_headers(1, [(":status", "200")])
                    kit.start()
                case DataReceived():
                    http.acknowledge_received_data(event.flow_controlled_length or 0, 1)
                    self._received += event.data or b""
        while (message := take_message(self._received)) is not None:
            peer.sendall(Message(message).one(1, b""))


@pytest.fixture
def path() -> Iterator[Path]:
    """The path of the engine's socket; tmp_path may be too long for one."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder, "s")


def test_a_session_over_grpc(path: Path) -> None:
    """A secret larger than the window of the call arrives whole."""
    large = bytes(range(256)) * 200
    calls = ((_HEALTH, b""), (_GET_SECRET, encode({1: b"large"})))
    kit = BuildKit(*calls)
    engine = GrpcEngine(kit, path)
    thread = threading.Thread(target=engine.serve, daemon=True)
    thread.start()
    session = BuildSession({"large": lambda: large})
    session.open(StubEngine(api="1.53", host=f"unix://{path}"))
    assert kit.finished.wait(10)
    session.close()
    thread.join(10)
    (health, _, _), (secret, status, _) = kit.answers
    assert health is not None
    assert health.one(1, 0) == 1
    assert secret is not None
    assert (secret.one(1, b"") == large, status) == (True, "0")
    assert engine.headers[":path"] == "/moby.buildkit.v1.Control/Session"
    assert engine.headers["content-type"] == "application/grpc"
    assert engine.headers["x-docker-expose-session-uuid"] == session.identity


def test_an_older_engine_is_asked_for_a_hijacked_connection(path: Path) -> None:
    kit = BuildKit((_HEALTH, b""))
    engine = StubEngine({"HIJACK /session": kit}, api="1.52", host=f"unix://{path}")
    session = BuildSession({})
    session.open(engine)
    assert kit.finished.wait(10)
    session.close()
    assert engine.keys == ["HIJACK /session"]
