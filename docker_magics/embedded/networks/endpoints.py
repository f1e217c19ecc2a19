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
from .ipam import Subnet, Subnet6
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
        "NetworkID": "",
        "EndpointID": "",
        "Gateway": "",
        "IPAddress": "",
        "IPPrefixLen": 0,
        "IPv6Gateway": "",
        "GlobalIPv6Address": "",
        "GlobalIPv6PrefixLen": 0,
        "MacAddress": mac,
        "DriverOpts": config.get("DriverOpts"),
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
    first = "bridge" if mode == "default" else mode
    if mode in {"default", "bridge"} and len(configs) == 1 and "default" not in configs:
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
    if network.is_predefined:
        if address or address6:
            raise BadParameter("user specified IP address is supported on user defined networks only")  # fmt: skip  # noqa: E501
        if settings["RequestedAliases"]:
            raise BadParameter("network-scoped alias is supported only for containers in user defined networks")  # fmt: skip  # noqa: E501
        return
    if (address and not network.has_user_subnet) or (address6 and network.subnet6 is None):
        raise BadParameter("user specified IP address is supported only when connecting to networks with user configured subnets")  # fmt: skip  # noqa: E501
    if address:
        _check_address(address, network.subnet, ipaddress.IPv4Address)
    if address6:
        _check_address(address6, network.subnet6, ipaddress.IPv6Address)


def refuse_addresses(settings: EndpointSettings) -> None:
    """Reject static addresses where containers have no networks of their own.

    Raises:
        BadParameter: one is requested.
    """
    config = ipam_config(settings)
    if address := config.get("IPv4Address") or config.get("IPv6Address"):
        raise BadParameter(
            f"cannot give a container the address {address}: without network namespaces it has"
            " one of the machine's loopback. Leave --ip, --ip6, ipv4_address and ipv6_address out,"
            " and use the container's name"
        )


def _check_address(
    text: str,
    subnet: Subnet | Subnet6 | None,
    parse: type[ipaddress.IPv4Address | ipaddress.IPv6Address],
) -> None:
    try:
        address = parse(text)
    except ValueError:
        version = parse.__name__.removesuffix("Address")
        raise BadParameter(f"invalid {version} address: {text}") from None
    if subnet is None or address not in subnet:
        reason = "It does not belong to any of this network's subnets"
        raise BadParameter(f"Invalid address {text}: {reason}")
