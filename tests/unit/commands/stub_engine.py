"""An engine without a socket: canned responses, and a record of the requests."""

from __future__ import annotations

import io
import json
import shlex
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from docker_magics.cli.command import Command
from docker_magics.cli.line import parse_command
from docker_magics.cli.terminal import Terminal
from docker_magics.engine.address import Address
from docker_magics.engine.client import Engine
from docker_magics.engine.error_hints import api_error
from docker_magics.engine.hijack import HijackedConnection
from docker_magics.engine.http_response import Connection, Response

#: The engine's side of a hijacked connection: what it sends, or a function that converses.
Peer = bytes | Callable[[socket.socket], None]


@dataclass
class Reply:
    """A response with headers."""

    content: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def hijacked(peer: Peer) -> HijackedConnection:
    """Return a hijacked connection over a socket pair; a thread plays the peer and closes."""
    ours, theirs = socket.socketpair()

    def converse() -> None:
        with theirs, suppress(ConnectionError):  # the test may close its end first
            if isinstance(peer, bytes):
                theirs.sendall(peer)
            else:
                peer(theirs)

    threading.Thread(target=converse, daemon=True).start()
    return HijackedConnection(Connection(ours))


class StubEngine(Engine):
    """Answers requests from a table.

    Args:
        responses: `"GET /images/json"` -> JSON, raw bytes, a Reply, or an HTTP status and a
            message; `"HIJACK /session"` -> the Peer of a hijacked connection. A list that begins
            with "in turn" has a response for each request; the last one stays.
        api: the API version in use.
        host: the engine's address.

    Attributes:
        requests: the method and path, the query and the body of each request.
        features: what the engine has of "buildkit" and "experimental".
    """

    def __init__(
        self,
        responses: Mapping[str, Any] | None = None,
        *,
        api: str = "1.50",
        host: str = "unix:///stub.sock",
    ) -> None:
        super().__init__(Address(host))
        self.responses = dict(responses or {})
        self.requests: list[tuple[str, dict[str, Any], Any]] = []
        self._api_version = api
        self.features: set[str] = set()

    @property
    def api_version(self) -> str:
        """The version given."""
        return self._api_version

    @property
    def has_buildkit(self) -> bool:
        """Whether `features` has "buildkit"."""
        return "buildkit" in self.features

    @property
    def is_experimental(self) -> bool:
        """Whether `features` has "experimental"."""
        return "experimental" in self.features

    def request(self, method: str, path: str, **options: Any) -> Response:
        """Record a request and return its response."""
        key = f"{method} {path}"
        body = options.get("body", options.get("data"))
        if isinstance(body, Iterable) and not isinstance(body, (bytes, str, list, dict)):
            body = b"".join(body)  # an upload, which requests would send in chunks
        self.requests.append((key, dict(options.get("query") or {}), body))
        response = _response(self._next_response(key))
        return response if options.get("stream") else response.load()

    def hijack(
        self,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        **options: Any,
    ) -> HijackedConnection:
        """Record a request and return a connection to its scripted peer."""
        key = f"HIJACK {path}"
        self.requests.append((key, dict(query or {}), body or options.get("headers")))
        return hijacked(self._next_response(key))

    def _next_response(self, key: str) -> Any:
        response = self.responses.get(key, (404, f"no response for {key}"))
        if isinstance(response, list) and response and response[0] == "in turn":
            response = response.pop(1) if len(response) > 2 else response[1]
        if isinstance(response, tuple):
            raise api_error(*response)
        return response

    @property
    def keys(self) -> list[str]:
        """The methods and paths of all requests, in order."""
        return [key for key, _, _ in self.requests]

    def sent(self, key: str) -> Any:
        """Return the body of the last request to a path."""
        return [body for name, _, body in self.requests if name == key][-1]

    def query(self, key: str) -> dict[str, Any]:
        """Return the query of the last request to a path."""
        return [query for name, query, _ in self.requests if name == key][-1]


class _Socket(io.BytesIO):
    """A socket that has received a response."""

    def makefile(self, *_: object) -> io.BufferedReader:
        """Return a reader of the response."""
        return io.BufferedReader(io.BytesIO(self.getvalue()))

    def shutdown(self, _how: int) -> None:
        """Nothing is connected."""

    def settimeout(self, _seconds: float | None) -> None:
        """Everything has arrived."""


def _response(given: Any) -> Response:
    reply = given if isinstance(given, Reply) else Reply(_encoded(given))
    headers = {**reply.headers, "Content-Length": len(reply.content)}
    lines = ["HTTP/1.1 200 OK", *(f"{name}: {headers[name]}" for name in headers), "", ""]
    connection = Connection(_Socket("\r\n".join(lines).encode() + reply.content))
    return Response(connection, "", "unix:///stub.sock", Connection.close)


def _encoded(given: Any) -> bytes:
    return given if isinstance(given, bytes) else json.dumps(given).encode()


class Notes(Terminal):
    """A caller that records messages."""

    def __init__(self, stdin: bytes = b"") -> None:
        super().__init__(io.BytesIO(stdin), has_input=bool(stdin))
        self.messages: list[str] = []

    def notify(self, text: str) -> None:
        """Record a message."""
        self.messages.append(text)


def run(line: str, engine: StubEngine, terminal: Terminal | None = None) -> Any:
    """Run a command line against a stub engine and return the command's result."""
    command = parse_command(shlex.split(line), terminal=terminal)
    assert isinstance(command, Command)
    return command.run(engine)
