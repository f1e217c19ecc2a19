"""The sysctls of one interface of a container: a driver option of its endpoint.

    com.docker.network.endpoint.sysctls=net.ipv4.conf.IFNAME.log_martians=1,...

source: Docker documentation, "Engine API version history", 1.46 and 1.48; moby
daemon/container_operations.go: validateEndpointSettings, api/server/router/container:
handleSysctlBC, libnetwork/osl/interface_linux.go: setSysctls.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..errors import ApiError, BadParameter

OPTION = "com.docker.network.endpoint.sysctls"
_INTERFACE = "IFNAME"
_SETTING = re.compile(
    r"net[.](ipv4|ipv6|mpls)[.](\w+)[.](?:IFNAME|ifname)[.]([\w-]+)=(.*)", re.DOTALL
)
#: Of HostConfig's Sysctls, those that name an interface.
_OF_INTERFACE = re.compile(r"net[.]([^.]*)[.]([^.]*)[.](eth[^.]*)[.](.*)", re.DOTALL)


def read(options: Mapping[str, str] | None) -> list[tuple[str, str]]:
    """Return the sysctls of an endpoint's driver options.

    Returns:
        Paths below /proc/sys/net, with IFNAME for the interface, and values.

    Raises:
        BadParameter: one is not a sysctl of an interface.
    """
    text = (options or {}).get(OPTION)
    return [_parsed(setting) for setting in text.split(",")] if text else []


def _parsed(setting: str) -> tuple[str, str]:
    match = _SETTING.fullmatch(setting)
    if match is None:
        raise BadParameter(
            f"invalid endpoint settings:\nunrecognised network interface sysctl '{setting}';"
            " represent 'net.X.Y.ethN.Z=V' as 'net.X.Y.IFNAME.Z=V', 'X' must be 'ipv4', 'ipv6' or"
            " 'mpls'"
        )
    family, kind, name, value = match.groups()
    return f"{family}/{kind}/{_INTERFACE}/{name}", value


def paths(options: Mapping[str, str] | None, interface: str) -> list[tuple[str, str]]:
    """Return the sysctls of an endpoint's driver options as `read` does, for an interface."""
    return [(path.replace(_INTERFACE, interface), value) for path, value in read(options)]


def migrate(body: dict[str, Any], version: tuple[int, int]) -> str:
    """Move the sysctls of eth0 from a request's HostConfig to the endpoint that has it.

    Args:
        body: the request, a container.CreateRequest, which is changed.
        version: the client's API version; since 1.48, clients use the driver option.

    Returns:
        A warning; empty if there are none to move.

    Raises:
        ApiError: a sysctl is of another interface, or the client should use the driver option.
    """
    host = body.get("HostConfig") or {}
    mode = host.get("NetworkMode") or "default"
    matches = {
        name: match
        for name in host.get("Sysctls") or {}
        if (match := _OF_INTERFACE.fullmatch(name)) and not mode.startswith(("host", "container:"))
    }
    if not matches:
        return ""
    for name, match in matches.items():
        if version >= (1, 48):
            raise ApiError(f'interface specific sysctl setting "{name}" must be supplied using driver option \'{OPTION}\'')  # fmt: skip  # noqa: E501
        if match[3] != "eth0":
            raise ApiError(f"unable to determine network endpoint for sysctl {name}, use driver option '{OPTION}' to set per-interface sysctls")  # fmt: skip  # noqa: E501
    settings = ",".join(
        f"net.{match[1]}.{match[2]}.{_INTERFACE}.{match[4]}={host['Sysctls'].pop(name)}"
        for name, match in matches.items()
    )
    networking = body["NetworkingConfig"] = body.get("NetworkingConfig") or {}
    configs = networking["EndpointsConfig"] = networking.get("EndpointsConfig") or {}
    endpoint = configs[mode] = configs.get(mode) or {}
    options = endpoint["DriverOpts"] = endpoint.get("DriverOpts") or {}
    options[OPTION] = ",".join(filter(None, (settings, options.get(OPTION))))
    return f'Migrated sysctl "{",".join(matches)}" to DriverOpts{{"{OPTION}":"{settings}"}}.'
