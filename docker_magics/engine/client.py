"""Requests of the Engine API to one engine."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from docker_magics.errors import (
    ApiError,
    EngineError,
    EngineUnreachable,
    ProtocolError,
    UsageError,
)
from docker_magics.wire import filters

from .error_hints import api_error
from .http import Data, HttpClient
from .http_response import Response

if TYPE_CHECKING:
    from .address import Address
    from .hijack import HijackedConnection
    from .recording import TraceRecorder

#: The API versions of docker CLI 29.7.2, and of the oldest supported engine.
NEWEST_API = "1.55"
OLDEST_API = "1.40"

Query = Mapping[str, Any]


def path(*parts: str) -> str:
    """Return an API path: `path("containers", name, "json")`.

    Superfluous slashes are dropped, as in `/web`, the Name field of a container.

    Raises:
        UsageError: a part is empty, or would escape to another API path (`..`).
    """
    from urllib.parse import quote

    cleaned = []
    for part in parts:
        pieces = [
            piece for piece in checked_name(parts[0].removesuffix("s"), part).split("/") if piece
        ]
        if not pieces or not {".", ".."}.isdisjoint(pieces):
            raise UsageError(f"invalid name: {part!r}")
        cleaned.append(quote("/".join(pieces), safe="/:@"))
    return "/" + "/".join(cleaned)


def checked_name(kind: str, name: str) -> str:
    """Return the name of an object unless it is blank.

    source: moby, client/utils.go: trimID.
    """
    if not name.strip():
        raise UsageError(f"invalid {kind} name or ID: value is empty")
    return name


def version_key(version: str) -> tuple[int, ...]:
    """Return the sort key of an API version: 1.9 is older than 1.41."""
    return tuple(int(number) for number in version.split("."))


class _Features(NamedTuple):
    """The capabilities of an engine, from the headers of its ping."""

    api_version: str
    has_buildkit: bool
    is_experimental: bool


class Engine:
    """The client of one engine. It connects at the first request.

    Queries are encoded as docker does: True is `1`; None, False, "" and empty collections are
    omitted; a mapping is encoded as `filters`. Bodies are JSON.

    Attributes:
        labels: the labels of all created objects; shared by a session's engines.
    """

    def __init__(
        self,
        address: Address | Callable[[], Address],
        *,
        labels: dict[str, str] | None = None,
        recorder: TraceRecorder | None = None,
    ) -> None:
        self._find = address
        self._recorder = recorder
        self.labels = {} if labels is None else labels

    @functools.cached_property
    def address(self) -> Address:
        """The engine's address, looked up at the first use if a callable was given.

        Raises:
            NoEngine: no engine was found.
        """
        return self._find() if callable(self._find) else self._find

    @property
    def is_located(self) -> bool:
        """Whether the address is known, so that the next request starts no engine."""
        return not callable(self._find) or "address" in vars(self)

    def recorded(self, recorder: TraceRecorder) -> Engine:
        """Return a client of the same engine, with separate connections and recorded requests."""
        return Engine(lambda: self.address, labels=self.labels, recorder=recorder)

    def __repr__(self) -> str:
        return f"Engine({self.address.host!r})"

    @functools.cached_property
    def _http(self) -> HttpClient:
        try:
            return HttpClient(self.address)
        except OSError as error:
            raise EngineUnreachable(f"cannot use {self.address.host}: {error}") from error

    @functools.cached_property
    def _features(self) -> _Features:
        headers = self._send("HEAD", "/_ping", {}, {}).headers
        offered = headers.get("api-version", "")
        builder = headers.get("builder-version")
        if not offered:
            raise ProtocolError(f"the server at {self.address.host} is not a Docker engine")
        if version_key(offered) < version_key(OLDEST_API):
            message = f"the engine at {self.address.host} supports API {offered}"
            raise ProtocolError(f"{message}; expected {OLDEST_API} or newer")
        return _Features(
            api_version=min(offered, NEWEST_API, key=version_key),
            # Neither Docker 20.10 nor Podman sends the header; only Docker has BuildKit.
            has_buildkit=builder == "2" or not (builder or "libpod-api-version" in headers),
            is_experimental=headers.get("docker-experimental") == "true",
        )

    @property
    def api_version(self) -> str:
        """The API version in use: the newest that both sides support.

        Raises:
            EngineUnreachable: nothing answers at the address.
            ProtocolError: the engine does not support API 1.40 or newer.
        """
        return self._features.api_version

    @property
    def has_buildkit(self) -> bool:
        """Whether the engine has BuildKit; Podman and the embedded engine do not."""
        return self._features.has_buildkit

    @property
    def is_experimental(self) -> bool:
        """Whether the engine has its experimental features enabled."""
        return self._features.is_experimental

    def supports(self, version: str) -> bool:
        """Whether the API version in use is `version` or newer."""
        return version_key(self.api_version) >= version_key(version)

    def require(self, version: str, what: str) -> None:
        """Check that the engine supports a feature.

        Args:
            version: the first API version with the feature.
            what: the feature, for the message: a flag.

        Raises:
            UsageError: the engine's API is older.
        """
        if not self.supports(version):
            engine_is = f"but the Docker daemon API version is {self.api_version}"
            raise UsageError(f'"{what}" requires API version {version}, {engine_is}')

    def get(self, path: str, query: Query | None = None) -> Any:
        """Send a GET request and return the response's JSON."""
        return self.request("GET", path, query=query).json()

    def post(
        self,
        path: str,
        query: Query | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Send a POST request and return the response's JSON (None if the body is empty)."""
        return self.request("POST", path, query=query, body=body, headers=headers).json()

    def delete(self, path: str, query: Query | None = None) -> Any:
        """Send a DELETE request and return the response's JSON (None if the body is empty)."""
        return self.request("DELETE", path, query=query).json()

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Any = None,
        data: Data = None,
        headers: Mapping[str, str] | None = None,
        stream: bool = False,
    ) -> Response:
        """Send a request and return the response; with `stream` its body is unread (close it).

        Args:
            method: GET, POST, ...
            path: the API path, as `path()` returns it.
            query: parameters, encoded as the class describes.
            headers: additional headers.
            body: a value that is sent as JSON.
            data: a raw body: bytes, or an iterable of bytes (chunked).
            stream: leave the response's body unread.

        Raises:
            ApiError: the engine answered with an error; the class depends on the status.
            EngineUnreachable: nothing answers at the address.
        """
        version = f"/v{self.api_version}"
        extra = dict(headers or {})
        if body is not None:
            data = json.dumps(body).encode()
            extra["Content-Type"] = "application/json"
        response = self._send(method, path, _query(query), extra, data, version=version)
        if response.status >= 400:
            raise _api_error(response.load())
        return response if stream else response.load()

    def hijack(
        self,
        path: str,
        query: Query | None = None,
        body: Any = None,
        *,
        protocol: str = "tcp",
        headers: Mapping[str, str] | None = None,
    ) -> HijackedConnection:
        """Send a POST request and return the hijacked connection: attach, exec, session.

        source: Engine API, "Attach to a container", section "Hijacking".
        """
        upgrade = {"Connection": "Upgrade", "Upgrade": protocol, **(headers or {})}
        response = self.request("POST", path, query=query, body=body, headers=upgrade, stream=True)
        if response.observer is None:
            from .hijack import HijackedConnection

            return HijackedConnection(response.hijack())
        from .recording import RecordedConnection

        return RecordedConnection(response)

    def _send(
        self,
        method: str,
        path: str,
        query: Query,
        headers: dict[str, str],
        data: Data = None,
        *,
        version: str = "",
    ) -> Response:
        exchange = self._recorder and self._recorder.begin(method, path, query, headers, data)
        target = version + path + _encoded(query)
        try:
            response = self._http.send(
                method, target, headers, exchange.counted(data) if exchange else data
            )
        except EngineError as error:
            if exchange:
                exchange.failed(error.__cause__ or error)
            raise
        if exchange:
            exchange.answered(response)
        return response

    def close(self) -> None:
        """Close the idle connections."""
        if "_http" in vars(self):
            self._http.close()


def _api_error(response: Response) -> ApiError:
    try:
        message = response.json()["message"]
    except (ValueError, KeyError, TypeError):
        message = response.content.decode(errors="replace").strip() or response.reason
    return api_error(response.status, str(message))


def _query(query: Query | None) -> dict[str, str | list[str]]:
    written = {key: _written(value) for key, value in (query or {}).items()}
    return {key: value for key, value in written.items() if value}


def _encoded(query: Query) -> str:
    if not query:
        return ""
    from urllib.parse import urlencode

    return f"?{urlencode(query, doseq=True)}"


def _written(value: Any) -> str | list[str]:
    if value is True:
        return "1"
    if value is None or value is False:
        return ""
    if isinstance(value, Mapping):
        return filters.encode(value) if value else ""
    if isinstance(value, list):
        return [str(element) for element in value]
    return str(value)
