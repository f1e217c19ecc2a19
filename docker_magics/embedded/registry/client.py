"""HTTP with a registry: tokens, mirrors, plain HTTP on the loopback.

source: OCI distribution specification; docker/distribution, docs/spec/auth/token.md.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urljoin

from ..errors import ApiError, Forbidden, NotFound, Unauthorized
from ..networks.dns import name_servers
from . import configuration
from .proxies import Connections, is_loopback

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

    from .credentials import Credentials

_HUB = "registry-1.docker.io"
_PARAMETER = re.compile(r'(\w+)="([^"]*)"')
_CLIENT = "docker-magics"
#: Seconds to connect, and between two pieces.
_TIMEOUT = (10.0, 60.0)
_TRIES = 5
MANIFESTS = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
)


class Registry:
    """One registry, as one user.

    Args:
        domain: as references have it.
        credentials: the user's.
        root: the engine's folder, with its configuration.
    """

    def __init__(self, domain: str, credentials: Credentials, root: Path) -> None:
        self._domain = domain
        self._credentials = credentials
        self._config = configuration.read(root)
        self._tokens: dict[str, str] = {}
        self._connections = _connections()

    @property
    def bases(self) -> list[str]:
        """Where it is asked, in this order: Docker Hub's mirrors first."""
        mirrors = self._config.mirrors if self._domain == "docker.io" else ()
        return [*mirrors, self._base]

    @property
    def _base(self) -> str:
        if self._domain == "docker.io":
            return f"https://{_HUB}"
        insecure = self._domain in self._config.insecure
        return f"{'http' if insecure or is_loopback(self._domain) else 'https'}://{self._domain}"

    def get(self, path: str, *, scope: str, headers: Mapping[str, str] | None = None) -> Answer:
        """GET from the first place that has it, the answer read as it comes.

        Raises:
            NotFound, Unauthorized, Forbidden, ApiError: it is refused, or nobody answers.
        """
        fault: ApiError | None = None
        for base in self.bases:
            try:
                return self.request("GET", base + path, scope=scope, headers=headers)
            except ApiError as error:
                fault = error
        raise fault or ApiError(f"no registry for {self._domain}")

    def request(
        self,
        method: str,
        url: str,
        *,
        scope: str,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Answer:
        """One request, with a token where one is asked for.

        Args:
            method: GET, HEAD, POST, PUT, ...
            url: whole, or a path of the registry.
            scope: what a token is to allow: `repository:library/busybox:pull`.
            headers: further ones.
            body: bytes, or a file that can be sent again from its beginning.

        Raises:
            NotFound, Unauthorized, Forbidden, ApiError: it is refused, or nobody answers.
        """
        target = urljoin(self._base, url)
        extra = {"User-Agent": _CLIENT, **(headers or {})}
        response = self._send(method, target, extra, scope, body)
        if response.status == 401:
            response.drain_conn()
            self._authenticate(response.headers.get("WWW-Authenticate", ""), scope)
            if body is not None and hasattr(body, "seek"):
                body.seek(0)
            response = self._send(method, target, extra, scope, body)
        if response.status >= 400:
            raise _refusal(response, target)
        return Answer(response)

    def _send(
        self, method: str, url: str, headers: dict[str, str], scope: str, body: Any
    ) -> BaseHTTPResponse:
        from urllib3.exceptions import HTTPError

        token = self._tokens.get(scope) or self._tokens.get("")
        if self._credentials.registry_token:
            token = f"Bearer {self._credentials.registry_token}"
        # what is stored elsewhere is none of this registry's users' business
        own = url.startswith(self._base) or any(url.startswith(each) for each in self.bases)
        sent = headers | ({"Authorization": token} if token and own else {})
        try:
            return (
                self._connections.request(
                    method, url, headers=sent, body=body, preload_content=False, redirect=False
                )
                if method in {"PUT", "POST", "PATCH"}
                else self._followed(method, url, sent)
            )
        except HTTPError as error:
            base = next((each for each in self.bases if url.startswith(each)), None)
            # dockerd asks for the registry itself first, and that is what fails
            method, place = ("Get", f"{base}/v2/") if base else (method.title(), url)
            raise ApiError(f'{method} "{place}": {go_words(error, place)}') from error

    def _followed(self, method: str, url: str, headers: dict[str, str]) -> BaseHTTPResponse:
        """Follow redirects; the token goes to the registry alone."""
        for _ in range(_TRIES):
            response = self._connections.request(
                method, url, headers=headers, preload_content=False, redirect=False
            )
            location = response.get_redirect_location()
            if not location:
                return response
            response.drain_conn()
            there = urljoin(url, location)
            if there.split("/")[2] != url.split("/")[2]:
                headers = {key: v for key, v in headers.items() if key != "Authorization"}
            url = there
        raise ApiError(f"too many redirects from {url}")

    def _authenticate(self, challenge: str, scope: str) -> None:
        kind, _, rest = challenge.partition(" ")
        if kind.lower() == "basic":
            if not self._credentials.basic:
                raise Unauthorized("no basic auth credentials")
            self._tokens[""] = self._credentials.basic
            return
        if kind.lower() != "bearer":
            raise Unauthorized("authentication required")
        found = dict(_PARAMETER.findall(rest))
        self._tokens[scope] = f"Bearer {self._token(found, found.get('scope') or scope)}"

    def _token(self, challenge: dict[str, str], scope: str) -> str:
        from urllib3.exceptions import HTTPError

        realm = challenge.get("realm", "")
        query = {"service": challenge.get("service", ""), "scope": scope}
        headers = {"User-Agent": _CLIENT}
        secret = self._credentials
        try:
            if secret.identity_token:
                fields = query | {"grant_type": "refresh_token", "client_id": _CLIENT,
                                  "refresh_token": secret.identity_token}  # fmt: skip
                response = self._connections.request(
                    "POST", realm, fields=fields, encode_multipart=False
                )
            else:
                if secret.basic:
                    headers["Authorization"] = secret.basic
                response = self._connections.request(
                    "GET", f"{realm}?{urlencode(query)}", headers=headers
                )
        except HTTPError as error:
            raise ApiError(f'Get "{realm}": {go_words(error, realm)}') from error
        if response.status >= 400:
            raise Unauthorized("unauthorized: incorrect username or password")
        found = json.loads(response.data)
        return str(found.get("token") or found.get("access_token") or "")

    def ping(self) -> None:
        """Ask whether it is there, whoever may come in.

        Raises:
            ApiError: nobody answers.
        """
        url = f"{self._base}/v2/"
        self._send("GET", url, {"User-Agent": _CLIENT}, "", None).drain_conn()

    def check(self) -> None:
        """Ask whether the user may come in.

        Raises:
            Unauthorized: no.
            ApiError: nobody answers.
        """
        self.request("GET", f"{self._base}/v2/", scope="")


class Answer:
    """A registry's answer, read as it comes."""

    def __init__(self, response: BaseHTTPResponse) -> None:
        self._response = response
        self.status = response.status
        self.headers = response.headers

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes.

        Raises:
            ApiError: the connection broke.
        """
        with _unbroken():
            return bytes(self._response.read(None if size < 0 else size))

    def read_some(self, size: int) -> bytes:
        """What has come, up to `size` bytes: nothing of it is lost where the connection breaks.

        Raises:
            ApiError: the connection broke.
        """
        with _unbroken():
            return bytes(self._response.read1(size))

    def close(self) -> None:
        """Let the connection go."""
        self._response.close()

    def __enter__(self) -> Answer:  # noqa: PYI034 - an answer is what it is
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextlib.contextmanager
def _unbroken() -> Iterator[None]:
    from urllib3.exceptions import HTTPError

    try:
        yield
    except HTTPError as error:
        raise ApiError(f"the connection to the registry broke: {go_words(error, '')}") from error


def _connections() -> Connections:
    from urllib3 import Retry, Timeout

    timeout = Timeout(connect=_TIMEOUT[0], read=_TIMEOUT[1])
    retries = Retry(total=3, connect=2, read=2, redirect=False, status=0, backoff_factor=0.2)
    return Connections(timeout=timeout, retries=retries)


def _refusal(response: BaseHTTPResponse, url: str) -> ApiError:
    data = response.read(65536)
    try:
        errors = json.loads(data)["errors"]
        words = "; ".join(f"{each['code'].lower().replace('_', ' ')}: {each.get('message', '').strip()}" for each in errors)  # fmt: skip  # noqa: E501
    except (ValueError, KeyError, TypeError, AttributeError):
        words = (
            f"received unexpected HTTP status: {response.status} {response.reason or ''}".strip()
        )
    match response.status:
        case 401:
            return Unauthorized(words)
        case 403:
            return Forbidden(words)
        case 404:
            return NotFound(words)
    return ApiError(words or f"{url}: {response.status}")


def _address(host: str) -> str:
    with contextlib.suppress(OSError):
        return socket.gethostbyname(host)
    return host


def go_words(error: Exception, url: str) -> str:
    """What failed, as Go's net package says it."""
    text = str(getattr(error, "reason", None) or error)
    place = url.split("/")[2] if url else ""
    host, _, port = place.rpartition(":") if ":" in place else (place, "", "")
    if "Connection refused" in text:
        port = port or ("443" if url.startswith("https") else "80")
        return f"dial tcp {_address(host)}:{port}: connect: connection refused"
    if "Name or service not known" in text or "Temporary failure in name resolution" in text:
        servers = name_servers()
        by = f" on {servers[0]}:53" if servers else ""
        return f"dial tcp: lookup {host}{by}: no such host"
    if "timed out" in text:
        return "net/http: request canceled while waiting for connection"
    return text
