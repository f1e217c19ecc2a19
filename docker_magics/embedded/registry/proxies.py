"""The way to servers outside, through the proxy that the environment names for them, if any.

HTTP_PROXY, HTTPS_PROXY and NO_PROXY count as for dockerd; this machine itself is asked directly.

source: docs.docker.com, Daemon proxy configuration.
"""

from __future__ import annotations

import ipaddress
import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

_NAMES = {"HttpProxy": "HTTP_PROXY", "HttpsProxy": "HTTPS_PROXY", "NoProxy": "NO_PROXY"}


class Connections:
    """urllib3's pools, one for each proxy.

    Args:
        **options: what each pool is made with.
    """

    def __init__(self, **options: Any) -> None:
        self._options = options
        self._pools: dict[str, PoolManager] = {}

    def request(self, method: str, url: str, **options: Any) -> BaseHTTPResponse:
        """One request, as of urllib3's PoolManager.

        Raises:
            urllib3.exceptions.HTTPError: nobody answers.
        """
        proxy = _proxy_of(url)
        if proxy not in self._pools:
            self._pools[proxy] = _pool(proxy, self._options)
        return self._pools[proxy].request(method, url, **options)


def _pool(proxy: str, options: dict[str, Any]) -> PoolManager:
    from urllib3 import PoolManager, ProxyManager, make_headers

    if not proxy:
        return PoolManager(**options)
    user, at, _ = urlsplit(proxy).netloc.rpartition("@")
    headers = make_headers(proxy_basic_auth=user) if at else None
    return ProxyManager(proxy, proxy_headers=headers, **options)


def _proxy_of(url: str) -> str:
    if not any(map(_setting, ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"))):
        return ""
    from requests.utils import get_environ_proxies, select_proxy  # not loaded where there is none

    if is_loopback(urlsplit(url).netloc):
        return ""
    proxy = select_proxy(url, get_environ_proxies(url)) or ""
    return proxy if "://" in proxy or not proxy else f"http://{proxy}"


def shown() -> dict[str, str]:
    """The settings as `docker info` tells them: without a password."""
    return {
        key: re.sub(r"//[^@/]*@", "//xxxxx:xxxxx@", _setting(name)) for key, name in _NAMES.items()
    }


def _setting(name: str) -> str:
    return os.environ.get(name) or os.environ.get(name.lower(), "")


def is_loopback(domain: str) -> bool:
    """Whether a registry is on this machine: it may speak plain HTTP."""
    host = domain.rpartition(":")[0] if ":" in domain else domain
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
