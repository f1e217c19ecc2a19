"""HTTP with a registry: mirrors, tokens, redirects, plain HTTP on the loopback.

source: OCI distribution specification.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urljoin, urlsplit

from ..api.untrusted_json import parse_json
from ..errors import ApiError, Forbidden, NotFound, Unauthorized
from .cancellation import Cancellation
from .configuration import Configuration
from .credentials import Credentials
from .go_errors import go_message
from .proxies import Connections, discard, is_loopback, read_up_to
from .tokens import CLIENT, Tokens

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

_HUB = "registry-1.docker.io"
#: Seconds to connect, and between two reads.
_CONNECT_TIMEOUT, _READ_TIMEOUT = 10.0, 60.0
_MAX_REDIRECTS = 5
_MAX_ERROR = 1 << 16


class Registry:
    """One registry, as one user.

    Args:
        domain: `docker.io` or `host:port`, as in references.
        credentials: the user's.
        configuration: mirrors and insecure registries.

    Attributes:
        cancellation: once set, requests and responses fail.
    """

    def __init__(self, domain: str, credentials: Credentials, configuration: Configuration) -> None:
        self._domain = domain
        self.cancellation = Cancellation()
        self._connections = _connections(self.cancellation)
        self._base = base_url(domain, configuration)
        mirrors = configuration.mirrors if domain == "docker.io" else ()
        #: The base URLs to read from, in order: Docker Hub's mirrors first.
        self._bases = (*mirrors, self._base)
        #: A token of one registry is not shown to another: a mirror's not to Docker Hub.
        self._tokens = {base: Tokens(credentials, self._connections) for base in self._bases}

    def get(
        self, path: str, *, scope: str, headers: Mapping[str, str] | None = None
    ) -> RegistryResponse:
        """GET from the first mirror that succeeds, or else from the registry.

        Args:
            path: begins with `/v2/`.
            scope: what a token must allow: `repository:library/busybox:pull`.
            headers: additional ones.

        Raises:
            NotFound, Unauthorized, Forbidden, ApiError: the registry refuses, or does not answer.
        """
        for mirror in self._bases[:-1]:
            with contextlib.suppress(ApiError):
                return self.request("GET", mirror + path, scope=scope, headers=headers)
        return self.request("GET", self._base + path, scope=scope, headers=headers)

    def request(
        self,
        method: str,
        url: str,
        *,
        scope: str,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> RegistryResponse:
        """Send a request, with a token if the registry demands one.

        Args:
            method: GET, HEAD, POST, PUT, ...
            url: absolute, or a path of the registry.
            scope: what a token must allow: `repository:library/busybox:pull`.
            headers: additional ones.
            body: bytes, or a seekable file.

        Raises:
            NotFound, Unauthorized, Forbidden, ApiError: the registry refuses, or does not answer.
        """
        target = urljoin(self._base, url)
        sent = {"User-Agent": CLIENT, **(headers or {})}
        response = self._send(method, target, sent, scope, body)
        base = self._base_of(target)
        if response.status == 401 and base is not None:
            discard(response)
            challenge = response.headers.get("WWW-Authenticate", "")
            self._tokens[base].authenticate(challenge, scope)
            if body is not None and hasattr(body, "seek"):
                body.seek(0)
            response = self._send(method, target, sent, scope, body)
        if response.status >= 400:
            raise _refusal(response, target)
        return RegistryResponse(response)

    def ping(self) -> None:
        """Check that the registry answers, whether or not it lets the user in.

        Raises:
            ApiError: it does not answer.
        """
        discard(self._send("GET", f"{self._base}/v2/", {"User-Agent": CLIENT}, "", None))

    def check(self) -> None:
        """Check that the registry lets the user in.

        Raises:
            Unauthorized: it does not.
            ApiError: it does not answer.
        """
        self.request("GET", f"{self._base}/v2/", scope="")

    def _base_of(self, url: str) -> str | None:
        """Return the base URL of the registry or mirror that a URL belongs to."""
        return next((base for base in self._bases if url.startswith(f"{base}/")), None)

    def _send(
        self, method: str, url: str, headers: dict[str, str], scope: str, body: Any
    ) -> BaseHTTPResponse:
        from urllib3.exceptions import HTTPError

        base = self._base_of(url)
        # Credentials are for this registry only, not for a storage that it refers to.
        if base is not None and (authorization := self._tokens[base].header(scope)):
            headers = headers | {"Authorization": authorization}
        try:
            if method in {"GET", "HEAD"}:
                return self._follow(method, url, headers)
            return self._connections.request(
                method, url, headers=headers, body=body, preload_content=False, redirect=False
            )
        except HTTPError as error:
            # dockerd pings the registry first, and reports that request.
            method, failed = ("Get", f"{base}/v2/") if base else (method.title(), url)
            raise ApiError(f'{method} "{failed}": {go_message(error, failed)}') from error

    def _follow(self, method: str, url: str, headers: dict[str, str]) -> BaseHTTPResponse:
        """Send a request and follow redirects, without the credentials to other hosts.

        Another host's demand for credentials is a refusal, as these are not for it.
        """
        first = urlsplit(url).netloc
        for _ in range(_MAX_REDIRECTS):
            response = self._connections.request(
                method, url, headers=headers, preload_content=False, redirect=False
            )
            location = response.get_redirect_location()
            if not location:
                if response.status == 401 and urlsplit(url).netloc != first:
                    raise _refusal(response, url)
                return response
            discard(response)
            target = _redirected(url, location)
            if urlsplit(target)[:2] != urlsplit(url)[:2]:  # not in clear text either
                headers = {key: headers[key] for key in headers if key != "Authorization"}
            url = target
        raise ApiError(f"too many redirects from {url}")


class RegistryResponse:
    """A response whose body is read piece by piece.

    Attributes:
        status: the HTTP status.
        headers: case-insensitive.
    """

    def __init__(self, response: BaseHTTPResponse) -> None:
        self._response = response
        self.status = response.status
        self.headers = response.headers

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, or all.

        Raises:
            ApiError: the connection broke.
        """
        with _as_api_error():
            return bytes(self._response.read(None if size < 0 else size))

    def document(self, limit: int) -> bytes:
        """Return the whole of a small body, such as a manifest.

        Raises:
            ApiError: it has more than `limit` bytes or takes minutes, or the connection broke.
        """
        with _as_api_error():
            data = read_up_to(self._response, limit)
        if data is None:
            raise ApiError(f"the registry's answer has more than {limit} bytes")
        return data

    def read_some(self, size: int) -> bytes:
        """Return what has arrived, up to `size` bytes, so that a broken connection loses nothing.

        Raises:
            ApiError: the connection broke.
        """
        with _as_api_error():
            return bytes(self._response.read1(size))

    def close(self) -> None:
        """Close the response."""
        self._response.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextlib.contextmanager
def _as_api_error() -> Iterator[None]:
    from urllib3.exceptions import HTTPError

    try:
        yield
    except HTTPError as error:
        raise ApiError(f"the connection to the registry broke: {go_message(error, '')}") from error


def _redirected(url: str, location: str) -> str:
    """Return the target of a redirect.

    Raises:
        ApiError: it is not a URL.
    """
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise ApiError(f'Get "{url}": failed to parse Location header: {error}') from error


def base_url(domain: str, configuration: Configuration) -> str:
    """Return where a registry is: `https://host:port`, or `http://` if it has no TLS."""
    if domain == "docker.io":
        return f"https://{_HUB}"
    is_plain = domain in configuration.insecure or is_loopback(domain)
    return f"{'http' if is_plain else 'https'}://{domain}"


def _connections(cancellation: Cancellation) -> Connections:
    from urllib3 import Retry, Timeout

    timeout = Timeout(connect=_CONNECT_TIMEOUT, read=_READ_TIMEOUT)
    retries = Retry(
        total=3,
        connect=2,
        read=2,
        redirect=False,
        status=0,
        backoff_factor=0.2,
        respect_retry_after_header=False,
    )
    return Connections(cancellation.check, timeout=timeout, retries=retries)


def _refusal(response: BaseHTTPResponse, url: str) -> ApiError:
    try:
        errors = parse_json(response.read(_MAX_ERROR))["errors"]
        message = "; ".join(
            f"{error['code'].lower().replace('_', ' ')}: {error.get('message', '').strip()}"
            for error in errors
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        status = f"{response.status} {response.reason or ''}"
        message = f"received unexpected HTTP status: {status}".strip()
    kinds = {401: Unauthorized, 403: Forbidden, 404: NotFound}
    kind = kinds.get(response.status)
    return kind(message) if kind else ApiError(message or f"{url}: {response.status}")
