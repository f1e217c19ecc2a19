"""The session of a BuildKit build: BuildKit's requests for secrets, credentials and files.

The client opens a connection, over which BuildKit calls it by gRPC: the client is the server. On
the sockets of new engines the connection is itself a gRPC call (`tunnel.py`).

source: Engine API, Session; moby/buildkit, session/secrets/secrets.proto, session/auth/auth.proto.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from docker_magics.engine import auth
from docker_magics.engine.build_context import BuildContext
from docker_magics.engine.buildkit import grpc
from docker_magics.engine.buildkit.protobuf import Message, ProtobufError, encode
from docker_magics.engine.client import Engine
from docker_magics.errors import DockerMagicsError, EngineError

from . import content, upload
from .call import ByteStream, grpc_connection, grpc_socket
from .files_out import FileSend
from .filesync import DiffCopy, files_of
from .ssh_agent import ForwardAgent
from .tunnel import SessionTunnel

#: Docker Hub's host, as BuildKit names it.
_HUB_HOST = "registry-1.docker.io"
_DIFF_COPY = "/moby.filesync.v1.FileSync/DiffCopy"
_FILE_SEND = "/moby.filesync.v1.FileSend/DiffCopy"
#: The header that names the agent of a ForwardAgent call, and the agent of a step that names none.
_SSH_HEADER, _SSH_DEFAULT = "buildkit.ssh.id", "default"
#: The metadata of a FileSend call that numbers the exporter, from 0.
_EXPORTER = "buildkit-attachable-exporter-id"
_METHOD = "X-Docker-Expose-Session-Grpc-Method"
_SERVING = encode({1: 1})


class BuildSession:
    """The session of one build.

    Args:
        known_secrets: functions that read the secrets, by ID.
        context: the build context that BuildKit may read, or None. It fetches a tar by a URL.
        exported: the files for the tars that a build exports, in the order of its exporters; None
            for an exporter without one.
        agents: the sockets of SSH agents, by ID.
        folders: named contexts.
        stores: folders of blobs, by ID: local caches and OCI layouts.
    """

    def __init__(
        self,
        known_secrets: Mapping[str, Callable[[], bytes]],
        context: BuildContext | None = None,
        *,
        exported: Sequence[BinaryIO | None] = (),
        agents: Mapping[str, Path] | None = None,
        folders: Mapping[str, BuildContext] | None = None,
        stores: Mapping[str, content.ContentStore] | None = None,
    ) -> None:
        self.identity = secrets.token_hex(16)
        self._secrets = known_secrets
        self._context = context
        self._exported = exported
        self._agents = agents or {}
        self._folders = folders or {}
        self._stores = stores or {}
        self._connection: ByteStream | None = None

    def open(self, engine: Engine) -> None:
        """Connect, and serve in a background thread until `close`.

        Raises:
            EngineError: the engine refuses or closes the connection.
        """
        headers = [
            ("X-Docker-Expose-Session-Uuid", self.identity),
            ("X-Docker-Expose-Session-Name", "docker-magics"),
        ]
        if self._context is not None and not self._context.archive:
            headers.append((_METHOD, _DIFF_COPY))
            headers.append(("X-Docker-Expose-Session-Sharedkey", _shared_key(self._context)))
        if any(self._exported):
            headers.append((_METHOD, _FILE_SEND))
        try:
            self._connection = _connect(engine, headers)
        except OSError as error:
            message = "cannot open the build's session: the engine closed the connection"
            raise EngineError(message) from error
        threading.Thread(
            target=self._serve, args=[self._connection], daemon=True, name="docker-magics-session"
        ).start()

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()

    def _serve(self, connection: ByteStream) -> None:
        server = grpc.Server(
            {
                "/grpc.health.v1.Health/Check": _unary(lambda _request: _SERVING),
                "/moby.buildkit.secrets.v1.Secrets/GetSecret": _unary(self._get_secret),
                "/moby.filesync.v1.Auth/Credentials": _unary(_credentials),
                _DIFF_COPY: self._diff_copy,
                _FILE_SEND: self._file_send,
                upload.PULL: self._pull,
                "/moby.sshforward.v1.SSH/CheckAgent": _unary(self._check_agent),
                "/moby.sshforward.v1.SSH/ForwardAgent": self._forward_agent,
                **content.methods(self._stores),
            }
        )
        try:
            connection.write(server.greeting())
            while data := connection.read():
                connection.write(server.feed(data))
        except (grpc.ConnectionEnded, OSError):
            return  # the build is finished
        finally:
            server.close()
            connection.close()

    def _get_secret(self, request: bytes) -> bytes:
        identity = _message(request).text(1)
        if identity not in self._secrets:
            raise grpc.CallError(grpc.Status.NOT_FOUND, f"secret {identity}: not found")
        return encode({1: self._secrets[identity]()})

    def _diff_copy(self, headers: grpc.Headers) -> grpc.Call:
        name = headers.get("dir-name", [""])[0]
        context = self._folders.get(name, self._context)
        if context is None or context.archive:
            raise grpc.CallError(
                grpc.Status.NOT_FOUND, "no files to sync: the context was uploaded"
            )
        return DiffCopy(files_of(context, headers))

    def _pull(self, _headers: grpc.Headers) -> grpc.Call:
        if self._context is None or not self._context.archive:
            raise grpc.CallError(grpc.Status.NOT_FOUND, "the build context is not a tar")
        return upload.Pull(self._context.archive)

    def _file_send(self, headers: grpc.Headers) -> grpc.Call:
        files = {str(number): file for number, file in enumerate(self._exported)}
        file = files.get(headers.get(_EXPORTER, ["0"])[0])
        if file is None:
            raise grpc.CallError(grpc.Status.NOT_FOUND, "the build exports no files")
        return FileSend(file)

    def _check_agent(self, request: bytes) -> bytes:
        self._agent(_message(request).text(1))
        return b""

    def _forward_agent(self, headers: grpc.Headers) -> grpc.Call:
        return ForwardAgent(self._agent(headers.get(_SSH_HEADER, [""])[0]))

    def _agent(self, identity: str) -> Path:
        agent = self._agents.get(identity or _SSH_DEFAULT)
        if agent is None:
            name = identity or _SSH_DEFAULT
            raise grpc.CallError(grpc.Status.NOT_FOUND, f"no SSH agent {name}: add --ssh {name}")
        return agent


def _connect(engine: Engine, headers: Sequence[tuple[str, str]]) -> ByteStream:
    """Return the connection over which BuildKit calls the client.

    The headers of /session cannot name several methods, so that these need a gRPC call.
    """
    if plain := grpc_socket(engine):
        return SessionTunnel(plain, headers)
    if [name for name, _ in headers].count(_METHOD) > 1:
        return SessionTunnel(grpc_connection(engine), headers)
    return engine.hijack("/session", protocol="h2c", headers=dict(headers))


def _unary(answer: Callable[[bytes], bytes]) -> grpc.Method:
    return lambda _headers: grpc.Unary(answer)


def _shared_key(context: BuildContext) -> str:
    """Return the key by which BuildKit finds the files of the same folder in its cache."""
    folder = "" if context.folder is None else context.folder.resolve()
    location = f"{socket.gethostname()}:{folder}"
    return hashlib.sha256(os.fsencode(location)).hexdigest()


def _credentials(request: bytes) -> bytes:
    host = _message(request).text(1)
    try:
        credentials = auth.credentials_for("docker.io" if host == _HUB_HOST else host) or {}
    except DockerMagicsError as error:
        raise grpc.CallError(grpc.Status.UNKNOWN, error.message) from error
    # Without a username, BuildKit takes the secret for an identity token.
    secret = credentials.get("identitytoken") or credentials.get("password", "")
    return encode({1: credentials.get("username", "").encode(), 2: secret.encode()})


def _message(data: bytes) -> Message:
    try:
        return Message(data)
    except ProtobufError as error:
        raise grpc.CallError(grpc.Status.UNKNOWN, str(error)) from error
