"""An engine without a socket: canned responses, and a record of the requests."""

from __future__ import annotations

import io
import json
import shlex
from collections.abc import Mapping
from typing import Any

from requests import Response
from urllib3 import HTTPResponse

from docker_magics.cli.command import Command
from docker_magics.cli.line import parse_command
from docker_magics.cli.terminal import Terminal
from docker_magics.engine.address import Address
from docker_magics.engine.client import Engine
from docker_magics.engine.error_hints import api_error


class _Body(io.BytesIO):
    """A body that urllib3 sees as closed at its end, as http.client's."""

    def isclosed(self) -> bool:
        """Whether all has been read."""
        return self.closed or self.tell() >= len(self.getbuffer())


class StubEngine(Engine):
    """Answers requests from a table.

    Args:
        responses: `"GET /images/json"` -> JSON, raw bytes, or an HTTP status and a message.
        api: the API version in use.
    """

    def __init__(self, responses: Mapping[str, Any] | None = None, *, api: str = "1.50") -> None:
        super().__init__(Address("unix:///stub.sock"))
        self.responses = dict(responses or {})
        self.requests: list[tuple[str, dict[str, Any], Any]] = []
        self._api_version = api

    @property
    def api_version(self) -> str:
        """The version given."""
        return self._api_version

    def request(self, method: str, path: str, **options: Any) -> Response:
        """Record a request and return its response."""
        key = f"{method} {path}"
        body = options.get("body", options.get("data"))
        self.requests.append((key, dict(options.get("query") or {}), body))
        response = self.responses.get(key, (404, f"no response for {key}"))
        if isinstance(response, list) and response and response[0] == "in turn":
            response = response.pop(1) if len(response) > 2 else response[1]
        if isinstance(response, tuple):
            raise api_error(*response)
        data = response if isinstance(response, bytes) else json.dumps(response).encode()
        result = Response()
        result.status_code = 200
        result.raw = HTTPResponse(_Body(data), status=200, preload_content=False)
        return result

    def sent(self, key: str) -> Any:
        """Return the body of the last request to a path."""
        return [body for name, _, body in self.requests if name == key][-1]

    def query(self, key: str) -> dict[str, Any]:
        """Return the query of the last request to a path."""
        return [query for name, query, _ in self.requests if name == key][-1]


def run(line: str, engine: StubEngine, terminal: Terminal | None = None) -> Any:
    """Run a command line against a stub engine and return the command's result."""
    command = parse_command(shlex.split(line), terminal=terminal)
    assert isinstance(command, Command)
    return command.run(engine)
