"""Requests to one engine. docker-py's APIClient is the transport: unix sockets, TCP, pipes."""

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
from .recording import RecordedConnection, TraceRecorder

if TYPE_CHECKING:
    from docker import APIClient
    from requests import Response

    from .address import Address

#: The API of docker CLI 28.2.2, and the oldest that this package speaks.
NEWEST_API = "1.50"
OLDEST_API = "1.40"
#: The address of engines elsewhere, for docker-py alone.
_DIALLED = "unix:///elsewhere"

Query = Mapping[str, Any]


def path(*parts: str) -> str:
    """An API path of its parts: `path("containers", name, "json")`.

    Slashes that are too many count for nothing, as in the `/web` of a container's own Name.

    Raises:
        UsageError: a part that is empty, or would name another place in the API.
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
    """The name of a `kind` of object, which has one.

    source: moby, client/utils.go: trimID.
    """
    if not name.strip():
        raise UsageError(f"invalid {kind} name or ID: value is empty")
    return name


def version_key(version: str) -> tuple[int, ...]:
    """An API version in an order that compares: 1.9 is older than 1.41."""
    return tuple(int(number) for number in version.split("."))


class Engine:
    """One engine at one address; nothing is sent before the first request.

    Queries are written as docker writes them: True is `1`; None, False, "" and empty collections
    are left out; a mapping is `filters`. Bodies are JSON.

    Attributes:
        labels: what everything that is made here carries; shared by a session's engines.
    """

    def __init__(
        self,
        address: Address | Callable[[], Address],
        *,
        labels: dict[str, str] | None = None,
        watch: TraceRecorder | None = None,
    ) -> None:
        self._find = address
        self._watch = watch
        self._has_buildkit = False
        self._is_experimental = False
        self.labels = {} if labels is None else labels

    @functools.cached_property
    def address(self) -> Address:
        """Where it is; looked for at the first use, where only the way to find it was given.

        Raises:
            NoEngine: there is none.
        """
        return self._find() if callable(self._find) else self._find

    def recorded(self, watch: TraceRecorder) -> Engine:
        """The same engine, by connections of its own whose requests are watched."""
        return Engine(lambda: self.address, labels=self.labels, watch=watch)

    def __repr__(self) -> str:
        return f"Engine({self.address.host!r})"

    @functools.cached_property
    def api(self) -> APIClient:
        """docker-py's client, at the newest API version that both sides speak.

        Raises:
            EngineUnreachable: nothing answers there.
            ProtocolError: it speaks no API of 1.40 or newer.
        """
        import docker
        from docker.errors import DockerException

        from .dial import DialAdapter, dialer_for

        try:
            dial = dialer_for(self.address)
            client = docker.APIClient(
                base_url=_DIALLED if dial else self.address.host,
                version=OLDEST_API,
                timeout=None,  # type: ignore[arg-type]  # a build may be silent for long
            )
        except (DockerException, OSError) as error:
            raise EngineUnreachable(f"cannot use {self.address.host}: {error}") from error
        if dial:
            client.mount(client.base_url, DialAdapter(dial))
        # No proxy stands before what is no web address, and looking for one takes a millisecond.
        client.trust_env = client.base_url.startswith("http:")
        vars(client)["_version"] = self._negotiate(client)  # docker-py has no setter
        return client

    def _negotiate(self, client: APIClient) -> str:
        ping = self._send(client, "HEAD", client.base_url + "/_ping")
        offered = ping.headers.get("Api-Version", "")
        builder = ping.headers.get("Builder-Version")
        # Docker 20.10 says nothing and has it; Podman says nothing and has it not.
        self._has_buildkit = builder == "2" or (
            builder is None and "Libpod-API-Version" not in ping.headers
        )
        self._is_experimental = ping.headers.get("Docker-Experimental") == "true"
        if not offered:
            raise ProtocolError(f"what answers at {self.address.host} is no Docker engine")
        if version_key(offered) < version_key(OLDEST_API):
            message = f"the engine at {self.address.host} speaks API {offered}"
            raise ProtocolError(f"{message}; {OLDEST_API} or newer is needed")
        return min(offered, NEWEST_API, key=version_key)

    @property
    def api_version(self) -> str:
        """The version that both sides speak."""
        return str(self.api.api_version)

    @property
    def has_buildkit(self) -> bool:
        """Whether the engine builds with BuildKit; Podman and the embedded engine do not."""
        return bool(self.api) and self._has_buildkit

    @property
    def is_experimental(self) -> bool:
        """Whether the engine has its experimental features enabled."""
        return bool(self.api) and self._is_experimental

    def supports(self, version: str) -> bool:
        """Whether the API is `version` or newer."""
        return version_key(self.api_version) >= version_key(version)

    def require(self, version: str, what: str) -> None:
        """Refuse what only newer engines know.

        Args:
            version: the API that knows it first.
            what: what was asked for: a flag.

        Raises:
            UsageError: this engine's API is older.
        """
        if not self.supports(version):
            engine_is = f"but the Docker daemon API version is {self.api_version}"
            raise UsageError(f'"{what}" requires API version {version}, {engine_is}')

    def get(self, path: str, query: Query | None = None) -> Any:
        """GET, and the JSON of the answer."""
        return _json(self.request("GET", path, query=query, stream=True))

    def post(
        self,
        path: str,
        query: Query | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """POST, and the JSON of the answer (None where it is empty)."""
        answer = self.request("POST", path, query=query, body=body, headers=headers, stream=True)
        return _json(answer)

    def delete(self, path: str, query: Query | None = None) -> Any:
        """DELETE, and the JSON of the answer (None where it is empty)."""
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
        """Any request; with `stream` the answer is read as it comes (close it).

        Args:
            method: GET, POST, ...
            path: made with `path()`.
            query: as the class describes.
            headers: further ones.
            body: sent as JSON.
            data: sent as it is: bytes, or an iterable of bytes (chunked).
            stream: leave the answer's body unread.

        Raises:
            ApiError: the engine's refusal, by status.
            EngineUnreachable: nothing answers.
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
            raise self._refusal(response)
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
        """POST, and then the connection itself: attach, exec, session.

        source: Engine API, "Attach to a container", section "Hijacking".
        """
        upgrade = {"Connection": "Upgrade", "Upgrade": protocol, **(headers or {})}
        response = self.request("POST", path, query=query, body=body, headers=upgrade, stream=True)
        return RecordedConnection(response) if self._watch else HijackedConnection(response)

    def _send(self, client: APIClient, method: str, url: str, **options: Any) -> Response:
        from requests.exceptions import RequestException

        recorder = self._watch and self._watch.begin(method, _without_version(client, url), options)
        try:
            response = client.request(method, url, timeout=None, **options)
        except RequestException as error:
            if recorder:
                recorder.failed(error)
            raise unreachable(self.address.host, error) from error
        if recorder:
            recorder.answered(response, stream=options.get("stream", False))
        return response

    def _refusal(self, response: Response) -> ApiError:
        try:
            message = json.loads(response.content)["message"]
        except (ValueError, KeyError, TypeError):
            message = response.text.strip() or response.reason
        return api_error(response.status_code, str(message))

    def close(self) -> None:
        """Close the connections that are kept open."""
        if "api" in self.__dict__:
            self.api.close()


def _without_version(client: APIClient, url: str) -> str:
    return re.sub(r"^/v1\.\d+(?=/)", "", url.removeprefix(client.base_url))


def _json(response: Response) -> Any:
    with response:
        # At once: requests' own reading in pieces of 10 KiB costs 3 % of a long listing.
        content = response.raw.read(decode_content=True)
    with gc_paused():
        return json.loads(content) if content.strip() else None  # Podman's empty answer: a newline


@contextmanager
def gc_paused() -> Iterator[None]:
    """Pause garbage collection: decoding a long listing triggers many runs, and leaves no garbage.

    One run alone walks through all that a kernel holds, and takes longer than the listing.
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
        return [str(each) for each in value]
    return str(value)
