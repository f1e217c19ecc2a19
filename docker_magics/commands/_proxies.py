"""Proxy variables for containers and builds, from the CLI's configuration.

source: docker/cli, cli/config/configfile/file.go: ParseProxyConfig.
"""

from __future__ import annotations

from docker_magics.engine.cli_config import CliConfig
from docker_magics.engine.client import Engine

_VARIABLES = {
    "httpProxy": "HTTP_PROXY",
    "httpsProxy": "HTTPS_PROXY",
    "noProxy": "NO_PROXY",
    "ftpProxy": "FTP_PROXY",
    "allProxy": "ALL_PROXY",
}


def proxy_variables(engine: Engine) -> dict[str, str]:
    """Return the proxy variables of an engine's containers, names in upper and lower case."""
    proxies = CliConfig().read().get("proxies") or {}
    settings = proxies.get(engine.address.host, proxies.get("default")) or {}
    variables: dict[str, str] = {}
    for key, name in _VARIABLES.items():
        if value := settings.get(key):
            variables |= {name: value, name.lower(): value}
    return variables
