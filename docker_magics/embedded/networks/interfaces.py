"""The interfaces that the network helper creates for networks and endpoints. Pure.

A driver option that the kernel implements is read here.
"""

from __future__ import annotations

from ..records.endpoint import EndpointSettings
from . import endpoints, options, sysctls
from .helper import Bridge, Veth
from .network import Network


def bridge(network: Network, others: list[str]) -> Bridge:
    """Return the bridge of a network.

    Args:
        network: the network.
        others: the IPv4 subnets of other networks.
    """
    pairs = [(network.gateway, network.subnet), (network.gateway6, network.subnet6)]
    gateways = [f"{gateway}/{subnet.prefixlen}" for gateway, subnet in pairs if subnet]
    return {
        "name": network.bridge,
        "gateways": gateways,
        "subnet": str(network.subnet or ""),
        "others": others,
        "internal": network.is_internal,
    }


def veth(network: Network, settings: EndpointSettings, pid: int) -> Veth:
    """Return the veth pair of an endpoint.

    Args:
        network: the network.
        settings: have addresses, a MAC address and the name of the interface.
        pid: of a process in the container.
    """
    pairs = [
        (settings["IPAddress"], settings["IPPrefixLen"]),
        (settings["GlobalIPv6Address"], settings["GlobalIPv6PrefixLen"]),
    ]
    addresses = [f"{address}/{length}" for address, length in pairs if address]
    link_local = endpoints.ipam_config(settings).get("LinkLocalIPs") or []
    return {
        "bridge": network.bridge,
        "name": veth_name(settings),
        "pid": pid,
        "peer": settings["Interface"],
        "addresses": [*addresses, *link_local],
        "mac": settings["MacAddress"],
        "mtu": options.MTU.read(network.options),
        "sysctls": sysctls.paths(settings["DriverOpts"], settings["Interface"]),
        "isolated": not options.ICC.read(network.options),
    }


def veth_name(settings: EndpointSettings) -> str:
    """Return the name of the veth end at the bridge, which is unique to the endpoint."""
    return f"veth{settings['EndpointID'][:7]}"
