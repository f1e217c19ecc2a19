"""HTTP requests to one engine, over docker-py's APIClient: unix sockets, TCP, named pipes."""

from __future__ import annotations

import functools
import gc
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from docker_magics.errors import ApiError, EngineUnreachable, ProtocolError, UsageError
from docker_magics.wire import filters

from .error_hints import api_error, unreachable
from .hijack import HijackedConnection

if TYPE_CHECKING:
    from docker import APIClient
    from requests import Response

    from .address import Address
    from .recording import TraceRecorder

#: The API versions of docker CLI 29.7.2, and of the oldest supported engine.
NEWEST_API = "1.55"
OLDEST_API = "1.40"
#: The placeholder address that docker-py gets for engines reached by a custom dialer.
_DIALED = "unix:///elsewhere"

Query = Mapping[str, Any]


def path(*parts: str) -> str:
    """Return an API path: `path("containers", name, "json")`.

    Superfluous slashes are dropped, as in `/web`, the Name field of a container.

    Raises:
        UsageError: a part is empty, or would escape to another API path (`..`).
    """
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
        self._has_buildkit = False
        self._is_experimental = False
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
    def api(self) -> APIClient:
        """docker-py's client, at the newest API version that both sides support.

        Raises:
            EngineUnreachable: nothing answers at the address.
            ProtocolError: the engine does not support API 1.40 or newer.
        """
        import docker
        from docker.errors import DockerException

        from .dial import DialAdapter, dialer_for

        try:
            dial = dialer_for(self.address)
            client = docker.APIClient(
                base_url=_DIALED if dial else self.address.host,
                version=OLDEST_API,
                timeout=None,  # type: ignore[arg-type]  # a build may be silent for minutes
            )
        except (DockerException, OSError) as error:
            raise EngineUnreachable(f"cannot use {self.address.host}: {error}") from error
        if dial:
            client.mount(client.base_url, DialAdapter(dial))
        # Proxies apply to HTTP addresses only, and looking one up takes a millisecond.
        client.trust_env = client.base_url.startswith("http:")
        vars(client)["_version"] = self._negotiate(client)  # docker-py has no setter
        return client

    def _negotiate(self, client: APIClient) -> str:
        ping = self._send(client, "HEAD", client.base_url + "/_ping")
        offered = ping.headers.get("Api-Version", "")
        builder = ping.headers.get("Builder-Version")
        # Neither Docker 20.10 nor Podman sends the header; only Docker has BuildKit.
        self._has_buildkit = builder == "2" or (
            builder is None and "Libpod-API-Version" not in ping.headers
        )
        self._is_experimental = ping.headers.get("Docker-Experimental") == "true"
        if not offered:
            raise ProtocolError(f"the server at {self.address.host} is not a Docker engine")
        if version_key(offered) < version_key(OLDEST_API):
            message = f"the engine at {self.address.host} supports API {offered}"
            raise ProtocolError(f"{message}; expected {OLDEST_API} or newer")
        return min(offered, NEWEST_API, key=version_key)

    @property
    def api_version(self) -> str:
        """The API version in use: the newest that both sides support."""
        return str(self.api.api_version)

    @property
    def has_buildkit(self) -> bool:
        """Whether the engine has BuildKit; Podman and the embedded engine do not."""
        return bool(self.api) and self._has_buildkit

    @property
    def is_experimental(self) -> bool:
        """Whether the engine has its experimental features enabled."""
        return bool(self.api) and self._is_experimental

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
        return _json(self.request("GET", path, query=query, stream=True))

    def post(
        self,
        path: str,
        query: Query | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Send a POST request and return the response's JSON (None if the body is empty)."""
        response = self.request("POST", path, query=query, body=body, headers=headers, stream=True)
        return _json(response)

    def delete(self, path: str, query: Query | None = None) -> Any:
        """Send a DELETE request and return the response's JSON (None if the body is empty)."""
        return _json(self.request("DELETE", path, query=query, stream=True))

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Any = None,
        data: Any = None,
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
        url = f"{self.api.base_url}/v{self.api_version}{path}"
        extra = dict(headers or {})
        if body is not None:
            data = json.dumps(body).encode()
            extra["Content-Type"] = "application/json"
        response = self._send(
            self.api, method, url, params=_query(query), data=data, headers=extra, stream=stream
        )
        if response.status_code >= 400:
            raise self._api_error(response)
        return response

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
        if self._recorder is None:
            return HijackedConnection(response)
        from .recording import RecordedConnection

        return RecordedConnection(response)

    def _send(self, client: APIClient, method: str, url: str, **options: Any) -> Response:
        from requests.exceptions import RequestException

        url_path = _without_version(client, url)
        exchange = self._recorder and self._recorder.begin(method, url_path, options)
        try:
            response = client.request(method, url, timeout=None, **options)
        except RequestException as error:
            if exchange:
                exchange.failed(error)
            raise unreachable(self.address.host, error) from error
        if exchange:
            exchange.answered(response, stream=options.get("stream", False))
        return response

    def _api_error(self, response: Response) -> ApiError:
        try:
            message = json.loads(response.content)["message"]
        except (ValueError, KeyError, TypeError):
            message = response.text.strip() or response.reason
        return api_error(response.status_code, str(message))

    def close(self) -> None:
        """Close the pooled connections."""
        if "api" in self.__dict__:
            self.api.close()


def _without_version(client: APIClient, url: str) -> str:
    return re.sub(r"^/v1\.\d+(?=/)", "", url.removeprefix(client.base_url))


def _json(response: Response) -> Any:
    with response:
        # One read: requests reads pieces of 10 KiB, which costs 3 % of a long listing.
        content = response.raw.read(decode_content=True)
    with gc_paused():
        return json.loads(content) if content.strip() else None  # Podman's empty body is a newline


@contextmanager
def gc_paused() -> Iterator[None]:
    """Pause garbage collection: decoding a long listing triggers it often and creates no garbage.

    One collection visits all objects of the kernel and takes longer than the listing.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _query(query: Query | None) -> dict[str, str | list[str]]:
    written = {key: _written(value) for key, value in (query or {}).items()}
    return {key: value for key, value in written.items() if value}


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
