"""HTTP proxies of engines on TCP without TLS.

source: docker/go-connections, sockets.go: ConfigureTransport; golang.org/x/net, http/httpproxy.
"""

from __future__ import annotations

import ipaddress
import os
from urllib.parse import SplitResult, urlsplit


def proxy_for(engine: SplitResult) -> SplitResult | None:
    """Return the proxy that HTTP_PROXY and NO_PROXY name for an engine, or None.

    As with the docker CLI, the loopback needs none.
    """
    if not (os.environ.get("HTTP_PROXY") or os.environ.get("http_proxy")):
        return None
    from urllib.request import getproxies, proxy_bypass

    proxy = getproxies().get("http", "")
    if not proxy or _is_loopback(engine.hostname or "") or proxy_bypass(engine.netloc):
        return None
    return urlsplit(proxy if "://" in proxy else f"http://{proxy}")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in {"", "localhost"}
