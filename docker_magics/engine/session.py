"""What BuildKit asks its client for while it builds: secrets, and credentials of registries.

It calls back over a connection that the client opens: gRPC, with the client as the server.

source: Engine API, Session; moby/buildkit, session/secrets/secrets.proto, session/auth/auth.proto.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping

from docker_magics.errors import DockerMagicsError
from docker_magics.wire import grpc
from docker_magics.wire.protobuf import Message, ProtobufError, encode

from . import auth
from .client import Engine
from .hijack import Hijacked

#: Docker Hub's host, as BuildKit names it.
_HUB_HOST = "registry-1.docker.io"
_SERVING = encode({1: 1})


class BuildSession:
    """A session that lives as long as its build.

    Args:
        known_secrets: by ID, each read when it is asked for.
    """

    def __init__(self, known_secrets: Mapping[str, Callable[[], bytes]]) -> None:
        self.identity = secrets.token_hex(16)
        self._secrets = known_secrets
        self._connection: Hijacked | None = None

    def open(self, engine: Engine) -> None:
        """Connect, and answer in a thread of its own until `close`."""
        headers = {
            "X-Docker-Expose-Session-Uuid": self.identity,
            "X-Docker-Expose-Session-Name": "docker-magics",
        }
        self._connection = engine.hijack("/session", protocol="h2c", headers=headers)
        threading.Thread(
            target=self._serve, args=[self._connection], daemon=True, name="docker-magics-session"
        ).start()

    def close(self) -> None:
        """End it."""
        if self._connection is not None:
            self._connection.close()

    def _serve(self, connection: Hijacked) -> None:
        server = grpc.Server(
            {
                "/grpc.health.v1.Health/Check": lambda _request: _SERVING,
                "/moby.buildkit.secrets.v1.Secrets/GetSecret": self._get_secret,
                "/moby.filesync.v1.Auth/Credentials": _credentials,
            }
        )
        try:
            connection.write(server.greeting())
            while data := connection.read():
                connection.write(server.feed(data))
        except (grpc.ConnectionEnded, OSError):
            return  # the build has ended
        finally:
            connection.close()

    def _get_secret(self, request: bytes) -> bytes:
        identity = _message(request).text(1)
        if identity not in self._secrets:
            raise grpc.CallError(grpc.Status.NOT_FOUND, f"secret {identity}: not found")
        return encode({1: self._secrets[identity]()})


def _credentials(request: bytes) -> bytes:
    host = _message(request).text(1)
    try:
        found = auth.stored("docker.io" if host == _HUB_HOST else host) or {}
    except DockerMagicsError as error:
        raise grpc.CallError(grpc.Status.UNKNOWN, error.message) from error
    # An identity token stands alone: BuildKit takes it for one where no user is named.
    secret = found.get("identitytoken") or found.get("password", "")
    return encode({1: found.get("username", "").encode(), 2: secret.encode()})


def _message(data: bytes) -> Message:
    try:
        return Message(data)
    except ProtobufError as error:
        raise grpc.CallError(grpc.Status.UNKNOWN, str(error)) from error
