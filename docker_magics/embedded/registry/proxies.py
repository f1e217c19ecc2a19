"""HTTP connections, through the proxies that the environment names.

HTTP_PROXY, HTTPS_PROXY and NO_PROXY work as for dockerd; the loopback never uses a proxy.

source: docs.docker.com, Daemon proxy configuration.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

_PIECE = 1 << 20
#: How long a small body may take, such as a manifest or a token, in seconds.
_DOCUMENT_S = 300.0
#: The bytes of a body without a use that are read, so that the connection can be used again.
_MAX_DISCARDED = 1 << 16
_NAMES = {"HttpProxy": "HTTP_PROXY", "HttpsProxy": "HTTPS_PROXY", "NoProxy": "NO_PROXY"}


def _is_wanted() -> None:
    """Reject no response."""


class Connections:
    """One urllib3 pool for each proxy.

    Args:
        check: raises an exception if a response that does not arrive is not wanted any more.
        **options: for the constructor of each pool.
    """

    def __init__(self, check: Callable[[], None] = _is_wanted, **options: Any) -> None:
        self._check = check
        self._options = options
        self._pools: dict[str, PoolManager] = {}

    def request(self, method: str, url: str, **options: Any) -> BaseHTTPResponse:
        """Send a request, with the arguments of urllib3's PoolManager.request.

        Bodies are not decompressed, as a small one may become large; none is asked for compressed.

        Raises:
            urllib3.exceptions.HTTPError: the server does not answer, or the URL is not one of HTTP.
        """
        from . import slow_servers  # with urllib3, which is slow to import

        _check(url)
        proxy = _proxy_of(url)
        if proxy not in self._pools:
            pool = self._pools[proxy] = new_pool(proxy, self._options)
            slow_servers.limit(pool, self._check)
        return self._pools[proxy].request(method, url, decode_content=False, **options)


def _check(url: str) -> None:
    from urllib3.exceptions import LocationValueError

    try:
        scheme = urlsplit(url).scheme
    except ValueError as error:
        raise LocationValueError(str(error)) from error
    if scheme not in {"http", "https"}:
        raise LocationValueError(f'unsupported protocol scheme "{scheme}"')


def read_up_to(response: BaseHTTPResponse, limit: int) -> bytes | None:
    """Return the body of a response; None, and close the connection, if it has more bytes.

    Raises:
        urllib3.exceptions.HTTPError: the connection broke, or takes minutes.
    """
    from urllib3.exceptions import TimeoutError as ReadTimeout

    deadline = time.monotonic() + _DOCUMENT_S
    pieces: list[bytes] = []
    size = 0
    while piece := response.read1(_PIECE):
        if time.monotonic() > deadline:
            response.close()
            raise ReadTimeout("timed out")
        size += len(piece)
        if size > limit:
            response.close()
            return None
        pieces.append(piece)
    return b"".join(pieces)


def discard(response: BaseHTTPResponse) -> None:
    """Read the rest of a response; close the connection if that is long."""
    from urllib3.exceptions import HTTPError

    with contextlib.suppress(HTTPError):
        read_up_to(response, _MAX_DISCARDED)


def new_pool(proxy: str, options: dict[str, Any]) -> PoolManager:
    """Return a pool for a proxy's URL, which may contain credentials; empty for no proxy."""
    from urllib3 import PoolManager, ProxyManager, make_headers

    if not proxy:
        return PoolManager(**options)
    user, at, _ = urlsplit(proxy).netloc.rpartition("@")
    headers = make_headers(proxy_basic_auth=user) if at else None
    return ProxyManager(proxy, proxy_headers=headers, **options)


def _proxy_of(url: str) -> str:
    if not any(map(_setting, ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"))):
        return ""
    from requests.utils import (  # slow to import, and needed only with a proxy
        get_environ_proxies,
        select_proxy,
    )

    if is_loopback(urlsplit(url).netloc):
        return ""
    proxy = select_proxy(url, get_environ_proxies(url)) or ""
    return proxy if "://" in proxy or not proxy else f"http://{proxy}"


def info() -> dict[str, str]:
    """Return the settings as `docker info` shows them: without credentials."""
    return {
        key: re.sub(r"//[^@/]*@", "//xxxxx:xxxxx@", _setting(name)) for key, name in _NAMES.items()
    }


def _setting(name: str) -> str:
    return os.environ.get(name) or os.environ.get(name.lower(), "")


def is_loopback(domain: str) -> bool:
    """Whether a registry (`host:port`) is on this machine, so that it may speak plain HTTP."""
    host = domain.rpartition(":")[0] if ":" in domain else domain
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
