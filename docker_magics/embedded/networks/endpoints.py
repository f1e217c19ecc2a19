"""A container's endpoints: what the user requests of them, and whether a network allows it.

source: Engine API, EndpointSettings; moby daemon/network.go, daemon/container_operations.go.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from ..errors import BadParameter
from ..records.endpoint import EndpointIPAMConfig, EndpointSettings
from . import sysctls
from .ipam import Subnet, Subnet6, joined
from .network import Network

_MAC = re.compile(
    "[0-9a-f]{2}(:[0-9a-f]{2}){5}|[0-9a-f]{2}(-[0-9a-f]{2}){5}|[0-9a-f]{4}([.][0-9a-f]{4}){2}",
    re.IGNORECASE,
)


def requested(config: Mapping[str, Any]) -> EndpointSettings:
    """Return the settings of an endpoint that is not connected yet.

    Args:
        config: the EndpointSettings of a request.

    Raises:
        BadParameter: an invalid MAC address, link-local address or sysctl.
    """
    mac, aliases = checked_mac(config.get("MacAddress") or ""), config.get("Aliases")
    for address in (config.get("IPAMConfig") or {}).get("LinkLocalIPs") or []:
        _check_link_local(address)
    sysctls.read(config.get("DriverOpts"))
    return {
        "IPAMConfig": config.get("IPAMConfig"),
        "Links": config.get("Links"),
        "Aliases": aliases,
        "MacAddress": mac,
        "DriverOpts": config.get("DriverOpts"),
        "NetworkID": "",
        "EndpointID": "",
        "Gateway": "",
        "IPAddress": "",
        "IPPrefixLen": 0,
        "IPv6Gateway": "",
        "GlobalIPv6Address": "",
        "GlobalIPv6PrefixLen": 0,
        "GwPriority": config.get("GwPriority") or 0,
        "RequestedMac": mac,
        "RequestedAliases": aliases,
    }


def planned(
    mode: str, configs: Mapping[str, Mapping[str, Any] | None], mac: str
) -> dict[str, EndpointSettings]:
    """Return a new container's endpoints by network, as the request names it.

    Args:
        mode: HostConfig's NetworkMode, and not `container:NAME`.
        configs: NetworkingConfig's EndpointsConfig.
        mac: Config's MacAddress, for the first network; empty for none.

    Raises:
        BadParameter: an invalid MAC address or link-local address.
    """
    first = mode
    if mode == "bridge" and len(configs) == 1 and "default" not in configs:
        first = next(iter(configs))  # the CLI's older way to choose a network
    by_name = {
        ("bridge" if name == "default" else name): config or {} for name, config in configs.items()
    }
    endpoints = {first: requested(by_name.pop(first, {}))}
    endpoints |= {name: requested(config) for name, config in by_name.items()}
    if mac and not endpoints[first]["RequestedMac"]:
        endpoints[first]["MacAddress"] = endpoints[first]["RequestedMac"] = checked_mac(mac)
    return endpoints


def checked_mac(text: str) -> str:
    """Return a MAC address as `02:42:ac:11:00:02`; empty for none. It may have dashes or dots.

    source: Go, net.ParseMAC.

    Raises:
        BadParameter: it is not the address of one interface.
    """
    if not text:
        return ""
    digits = re.sub("[:.-]", "", text).lower()
    if not _MAC.fullmatch(text) or int(digits[:2], 16) & 1 or not int(digits, 16):
        raise BadParameter(f"address {text}: invalid MAC address")
    return ":".join(digits[index : index + 2] for index in range(0, 12, 2))


def _check_link_local(text: str) -> None:
    try:
        is_valid = not ipaddress.ip_address(text).is_unspecified
    except ValueError:
        is_valid = False
    if not is_valid:
        raise BadParameter(f"invalid link-local IP address: {text}")


def clear(settings: EndpointSettings) -> None:
    """Remove what a disconnected endpoint does not have: ID, interface and addresses."""
    settings.pop("Interface", None)
    settings.update(
        {
            "EndpointID": "",
            "Gateway": "",
            "IPAddress": "",
            "IPPrefixLen": 0,
            "IPv6Gateway": "",
            "GlobalIPv6Address": "",
            "GlobalIPv6PrefixLen": 0,
            "MacAddress": "",
        }
    )


def ipam_config(settings: EndpointSettings) -> EndpointIPAMConfig:
    """Return the static addresses that the user requests; empty for none."""
    return settings["IPAMConfig"] or {}


def addresses(settings: EndpointSettings) -> list[str]:
    """Return the addresses of a connected endpoint: IPv4, IPv6."""
    return [a for a in (settings["IPAddress"], settings["GlobalIPv6Address"]) if a]


def check_requested(network: Network, settings: EndpointSettings) -> None:
    """Reject static addresses and aliases that a network does not allow.

    Raises:
        BadParameter: dockerd's message.
    """
    config = ipam_config(settings)
    address, address6 = config.get("IPv4Address"), config.get("IPv6Address")
    problems = []
    if network.is_predefined:
        if address or address6:
            problems.append("user specified IP address is supported on user defined networks only")
        if settings["RequestedAliases"]:
            problems.append("network-scoped alias is supported only for containers in user defined networks")  # fmt: skip  # noqa: E501
    invalid = _invalid(address, ipaddress.IPv4Address) + _invalid(address6, ipaddress.IPv6Address)
    problems += invalid or [
        *_outside(address, network.subnet, fixed=network.has_user_subnet),
        *_outside(address6, network.subnet6, fixed=network.has_user_subnet6),
    ]
    if problems:
        raise BadParameter(f"invalid endpoint settings:\n{joined(problems)}")


def mapped_addresses(settings: EndpointSettings) -> list[str]:
    """Return the static address that is translated to the endpoint's loopback address, or none.

    systrap translates it: see `systrap/hosts.h`.
    """
    address = ipam_config(settings).get("IPv4Address")
    return [address] if address and address != settings["IPAddress"] else []


def refuse_addresses(settings: EndpointSettings, *, maps_ipv4: bool) -> None:
    """Reject static addresses where containers have no networks of their own.

    Args:
        settings: the endpoint's.
        maps_ipv4: whether a static IPv4 address can be translated to a loopback address.

    Raises:
        BadParameter: one is requested.
    """
    config = ipam_config(settings)
    address = "" if maps_ipv4 else config.get("IPv4Address")
    if address := address or config.get("IPv6Address"):
        raise BadParameter(
            f"cannot give a container the address {address}: without network namespaces it has"
            " one of the machine's loopback. Leave --ip, --ip6, ipv4_address and ipv6_address out,"
            " and use the container's name"
        )


def _invalid(
    text: str | None, parse: type[ipaddress.IPv4Address | ipaddress.IPv6Address]
) -> list[str]:
    """Return what is wrong with the syntax of an address; empty for nothing."""
    try:
        is_valid = not text or not parse(text).is_unspecified
    except ValueError:
        is_valid = False
    version = parse.__name__.removesuffix("Address")
    return [] if is_valid else [f"invalid {version} address: {text}"]


def _outside(text: str | None, subnet: Subnet | Subnet6 | None, *, fixed: bool) -> list[str]:
    """Return why a valid address is none of a network's; empty if it is.

    Args:
        text: the address.
        subnet: the network's of the same version.
        fixed: whether the user chose the subnet, so that addresses in it last.
    """
    if not text:
        return []
    if subnet is None or not fixed:
        return ["user specified IP address is supported only when connecting to networks with user configured subnets"]  # fmt: skip  # noqa: E501
    if ipaddress.ip_address(text) not in subnet:
        return [f"no configured subnet or ip-range contain the IP address {text}"]
    return []
