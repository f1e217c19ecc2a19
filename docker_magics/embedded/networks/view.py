"""Networks and endpoints in the API's shapes.

source: Engine API, Network, NetworkSettings, Port; moby daemon/network.go, daemon/inspect.go.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from ..records.container import Container
from ..records.endpoint import EndpointSettings
from .endpoints import requested
from .network import PREDEFINED, Network
from .port_bindings import MODES_WITHOUT_PORTS, PortBinding, with_protocol

_NETWORK_FIELDS = (
    "Name", "Id", "Created", "Scope", "Driver", "EnableIPv4", "EnableIPv6", "IPAM", "Internal",
    "Attachable", "Ingress", "ConfigFrom", "ConfigOnly",
)  # fmt: skip
#: What NetworkSettings repeats of the endpoint on the default bridge, in its order.
_BRIDGE_FIELDS = (
    "EndpointID", "Gateway", "GlobalIPv6Address", "GlobalIPv6PrefixLen", "IPAddress",
    "IPPrefixLen", "IPv6Gateway", "MacAddress",
)  # fmt: skip
_INTERNAL_FIELDS = {"Interface", "RequestedMac", "RequestedAliases"}


def network_json(network: Network, members: Iterable[Container] = ()) -> dict[str, Any]:
    """Return the API's Network.

    Args:
        network: the network.
        members: the containers on it; a listing shows none.
    """
    record: dict[str, Any] = {**network.record, "EnableIPv4": network.has_ipv4}
    endpoints = ((container, container.endpoints().get(network.name)) for container in members)
    return {
        **{name: record[name] for name in _NETWORK_FIELDS},
        "Containers": {
            container.id: _member(container, settings)
            for container, settings in endpoints
            if settings is not None  # not disconnected meanwhile
        },
        "Options": record["Options"],
        "Labels": record["Labels"],
    }


def _member(container: Container, settings: EndpointSettings) -> dict[str, str]:
    """Return the API's NetworkContainer."""
    address, address6 = settings["IPAddress"], settings["GlobalIPv6Address"]
    return {
        "Name": container.name,
        "EndpointID": settings["EndpointID"],
        "MacAddress": settings["MacAddress"],
        "IPv4Address": f"{address}/{settings['IPPrefixLen']}" if address else "",
        "IPv6Address": f"{address6}/{settings['GlobalIPv6PrefixLen']}" if address6 else "",
    }


def network_settings(container: Container) -> dict[str, Any]:
    """Return the API's NetworkSettings."""
    is_running = container.process is not None
    networks = endpoint_settings(container)
    on_bridge: dict[str, Any] = networks.get("bridge") or {**requested({})}
    return {
        "Bridge": "",
        "SandboxID": _sandbox_id(container) if is_running else "",
        "SandboxKey": f"/proc/{container.state['Pid']}/ns/net" if is_running else "",
        "Ports": _ports(container) if is_running else {},
        "HairpinMode": False,
        "LinkLocalIPv6Address": "",
        "LinkLocalIPv6PrefixLen": 0,
        "SecondaryIPAddresses": None,
        "SecondaryIPv6Addresses": None,
        **{name: on_bridge[name] for name in _BRIDGE_FIELDS},
        "Networks": networks,
    }


def endpoint_settings(container: Container) -> dict[str, dict[str, Any]]:
    """Return the API's EndpointSettings by network, sorted by name."""
    return {
        name: {
            "GwPriority": 0,
            **{key: value for key, value in settings.items() if key not in _INTERNAL_FIELDS},
            "Aliases": settings["RequestedAliases"],
            "DNSNames": _dns_names(container, name, settings),
        }
        for name, settings in sorted(container.endpoints().items())
    }


def _dns_names(container: Container, network: str, settings: EndpointSettings) -> list[str] | None:
    """Return all names of a container on a user-defined network; None before its first start."""
    if network in PREDEFINED or not settings["NetworkID"]:
        return None
    names = [container.name, *(settings["Aliases"] or [])]
    generated = [container.id[:12], container.config["Hostname"]]
    return list(dict.fromkeys(filter(None, [*names, *generated])))


def _sandbox_id(container: Container) -> str:
    """Return a stable ID for the container's network namespace."""
    return hashlib.sha256(f"sandbox of {container.id}".encode()).hexdigest()


def _ports(container: Container) -> dict[str, list[PortBinding] | None]:
    """Return the bindings of exposed and published ports; None for a port without one."""
    if container.host_config["NetworkMode"] in MODES_WITHOUT_PORTS:
        return {}
    if container.record.get("Ports", {}) is None:  # on internal networks only
        return {}
    exposed = dict.fromkeys(map(with_protocol, container.config.get("ExposedPorts") or {}))
    published = {
        port: bindings or None for port, bindings in (container.record.get("Ports") or {}).items()
    }
    return dict(sorted({**exposed, **published}.items()))


def listed_ports(container: Container) -> list[dict[str, Any]]:
    """Return the API's Ports of a listing: one entry a binding."""
    if container.process is None:
        return []
    entries: list[dict[str, Any]] = []
    for port, bindings in _ports(container).items():
        number, _, protocol = port.partition("/")
        if not bindings:
            entries.append({"PrivatePort": int(number), "Type": protocol})
        entries += [
            {
                "IP": binding["HostIp"],
                "PrivatePort": int(number),
                "PublicPort": int(binding["HostPort"]),
                "Type": protocol,
            }
            for binding in bindings or []
        ]
    return entries
