"""The interfaces that the network helper creates for networks and endpoints. Pure.

A driver option that the kernel implements is read here.
"""

from __future__ import annotations

from ..records.endpoint import EndpointSettings
from . import endpoints, options
from .helper import Bridge, Veth
from .network import Network


def bridge(network: Network, others: list[str]) -> Bridge:
    """Return the bridge of a network.

    Args:
        network: has an IPv4 subnet.
        others: the subnets of other networks.
    """
    gateways = [f"{network.gateway}/{network.subnet.prefixlen if network.subnet else 16}"]
    if network.subnet6:
        gateways.append(f"{network.gateway6}/{network.subnet6.prefixlen}")
    return {
        "name": network.bridge,
        "gateways": gateways,
        "subnet": str(network.subnet),
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
    addresses = [f"{settings['IPAddress']}/{settings['IPPrefixLen']}"]
    if settings["GlobalIPv6Address"]:
        addresses.append(f"{settings['GlobalIPv6Address']}/{settings['GlobalIPv6PrefixLen']}")
    link_local = endpoints.ipam_config(settings).get("LinkLocalIPs") or []
    return {
        "bridge": network.bridge,
        "name": veth_name(settings),
        "pid": pid,
        "peer": settings["Interface"],
        "addresses": [*addresses, *link_local],
        "mac": settings["MacAddress"],
        "mtu": options.MTU.read(network.options),
        "isolated": not options.ICC.read(network.options),
    }


def veth_name(settings: EndpointSettings) -> str:
    """Return the name of the veth end at the bridge, which is unique to the endpoint."""
    return f"veth{settings['EndpointID'][:7]}"
