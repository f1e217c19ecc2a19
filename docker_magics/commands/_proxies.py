"""Proxy variables that the CLI's configuration gives to containers and builds.

source: docker/cli, cli/config/configfile/file.go: ParseProxyConfig.
"""

from __future__ import annotations

from docker_magics.engine.client import Engine
from docker_magics.engine.context import ContextStore

_VARIABLES = {
    "httpProxy": "HTTP_PROXY",
    "httpsProxy": "HTTPS_PROXY",
    "noProxy": "NO_PROXY",
    "ftpProxy": "FTP_PROXY",
    "allProxy": "ALL_PROXY",
}


def proxy_variables(engine: Engine) -> dict[str, str]:
    """Name to value, in upper and lower case, for what runs on this engine."""
    proxies = ContextStore.from_env().config().get("proxies") or {}
    chosen = proxies.get(engine.address.host, proxies.get("default")) or {}
    found: dict[str, str] = {}
    for key, name in _VARIABLES.items():
        if value := chosen.get(key):
            found |= {name: value, name.lower(): value}
    return found
