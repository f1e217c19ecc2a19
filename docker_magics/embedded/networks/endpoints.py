"""A container's settings on its networks, in the API's shapes.

source: Engine API, EndpointSettings, NetworkSettings; moby daemon/network.go.
"""

from __future__ import annotations

import functools
import hashlib
import ipaddress
import socket
from typing import TYPE_CHECKING, Any

from .. import clock
from ..errors import BadParameter

if TYPE_CHECKING:
    from ..engine import Engine
    from ..records.container import Container
    from .network import Network

#: Modes that are no networks.
SPECIAL = {"host", "none"}
#: What an endpoint has while it is connected.
_EMPTY = {
    "EndpointID": "",
    "Gateway": "",
    "IPAddress": "",
    "IPPrefixLen": 0,
    "IPv6Gateway": "",
    "GlobalIPv6Address": "",
    "GlobalIPv6PrefixLen": 0,
    "MacAddress": "",
}
#: Fields of the engine's own.
_OWN = {"Interface", "AskedMac", "AskedAliases"}


def asked(config: dict[str, Any]) -> dict[str, Any]:
    """Settings as they were asked for, not connected yet."""
    return {
        "IPAMConfig": config.get("IPAMConfig"),
        "Links": config.get("Links"),
        "Aliases": config.get("Aliases"),
        "NetworkID": "",
        **_EMPTY,
        "MacAddress": config.get("MacAddress") or "",
        "DriverOpts": config.get("DriverOpts"),
        "AskedMac": config.get("MacAddress") or "",
        "AskedAliases": config.get("Aliases"),
    }


def clear(settings: dict[str, Any]) -> None:
    """The endpoint is connected no more."""
    settings |= _EMPTY


def check_address(network: Network, settings: dict[str, Any]) -> None:
    """Refuse a static address that cannot be.

    Raises:
        BadParameter: in dockerd's words.
    """
    wanted = settings.get("IPAMConfig") or {}
    address, address6 = wanted.get("IPv4Address"), wanted.get("IPv6Address")
    if network.is_predefined:
        if address or address6:
            raise BadParameter("user specified IP address is supported on user defined networks only")  # fmt: skip  # noqa: E501
        if settings.get("AskedAliases"):
            raise BadParameter("network-scoped alias is supported only for containers in user defined networks")  # fmt: skip  # noqa: E501
        return
    if (address and not network.has_own_subnet) or (address6 and network.subnet6 is None):
        raise BadParameter("user specified IP address is supported only when connecting to networks with user configured subnets")  # fmt: skip  # noqa: E501
    if not address:
        return
    try:
        found = ipaddress.IPv4Address(address)
    except ValueError:
        raise BadParameter(f"invalid IPv4 address: {address}") from None
    if network.subnet is None or found not in network.subnet:
        words = "It does not belong to any of this network's subnets"
        raise BadParameter(f"Invalid address {address}: {words}")


def check_links(container: Container, engine: Engine) -> None:
    """Refuse links to what there is not.

    Raises:
        BadParameter: there is no such container.
    """
    for link in container.host_config["Links"] or []:
        name = link.partition(":")[0]
        try:
            engine.containers.get(name)
        except Exception as error:
            raise BadParameter(f"could not get container for {name}: {error}") from error


def wanted_ports(container: Container) -> dict[str, list[dict[str, str]] | None]:
    """Port -> bindings, as PortBindings and PublishAllPorts ask for."""
    found: dict[str, Any] = {
        _whole(port): list(bindings or []) or [{}]
        for port, bindings in (container.host_config["PortBindings"] or {}).items()
    }
    if container.host_config["PublishAllPorts"]:
        for port in container.config.get("ExposedPorts") or {}:
            found.setdefault(_whole(port), [{}])
    return dict(sorted(found.items(), key=lambda each: int(each[0].partition("/")[0])))


def _whole(port: str) -> str:
    return port if "/" in port else f"{port}/tcp"


@functools.cache
def every_address() -> tuple[str, ...]:
    """What stands for all of the machine's addresses."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::", 0))
    except OSError:
        return ("0.0.0.0",)  # noqa: S104 - as docker publishes
    return ("0.0.0.0", "::")  # noqa: S104 - as docker publishes


def settings(container: Container) -> dict[str, Any]:
    """The API's NetworkSettings."""
    running = container.process is not None
    began = container.state["StartedAt"] != clock.ZERO
    endpoints = container.endpoints()
    on_bridge = endpoints.get("bridge") or {}
    networks = {
        name: {key: value for key, value in each.items() if key not in _OWN}
        for name, each in sorted(endpoints.items())
    }
    default = {key: on_bridge.get(key, _EMPTY[key]) for key in sorted(_EMPTY)}
    return {
        "Bridge": "",
        "SandboxID": _sandbox(container) if began else "",
        "HairpinMode": False,
        "LinkLocalIPv6Address": "",
        "LinkLocalIPv6PrefixLen": 0,
        "Ports": _ports(container) if running else {},
        "SandboxKey": f"/proc/{container.state['Pid']}/ns/net" if running else "",
        "SecondaryIPAddresses": None,
        "SecondaryIPv6Addresses": None,
        **default,
        "Networks": networks,
    }


def _sandbox(container: Container) -> str:
    """An ID of its own for the network of a container."""
    return hashlib.sha256(f"sandbox of {container.id}".encode()).hexdigest()


def _ports(container: Container) -> dict[str, Any]:
    if container.host_config["NetworkMode"] in {"host", "none"}:
        return {}
    if container.record.get("Ports", {}) is None:  # none is reached from outside
        return {}
    exposed = {_whole(port): None for port in container.config.get("ExposedPorts") or {}}
    published = {port: each or None for port, each in (container.record.get("Ports") or {}).items()}
    return dict(sorted({**exposed, **published}.items()))


def listed_ports(container: Container) -> list[dict[str, Any]]:
    """The API's Ports of a listing: one entry a binding."""
    if container.process is None:
        return []
    found: list[dict[str, Any]] = []
    for port, bindings in _ports(container).items():
        number, _, protocol = port.partition("/")
        if not bindings:
            found.append({"PrivatePort": int(number), "Type": protocol})
        found += [
            {
                "IP": each["HostIp"],
                "PrivatePort": int(number),
                "PublicPort": int(each["HostPort"]),
                "Type": protocol,
            }
            for each in bindings or []
        ]
    return found


def addresses(settings: dict[str, Any]) -> list[str]:
    """What a container is reached at on a network."""
    found = (settings.get("IPAddress"), settings.get("GlobalIPv6Address"))
    return [str(each) for each in found if each]
