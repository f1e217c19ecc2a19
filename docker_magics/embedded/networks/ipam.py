"""IP address management (IPAM): address pools, subnets, free addresses.

source: Engine API, IPAMConfig; moby libnetwork/ipam.
"""

from __future__ import annotations

import contextlib
import ipaddress
import secrets
from collections.abc import Collection, Iterable, Iterator
from typing import TypedDict

from ..errors import ApiError, BadParameter, Forbidden

_POOLS = [
    *(f"172.{number}.0.0/16" for number in range(18, 32)),
    *(f"192.168.{number}.0/20" for number in range(0, 256, 16)),
]

Subnet = ipaddress.IPv4Network
Subnet6 = ipaddress.IPv6Network


class IPAMConfig(TypedDict, total=False):
    """One subnet of a network, with the API's names.

    Attributes:
        Subnet: in CIDR notation.
        IPRange: the part of the subnet from which addresses are allocated, in CIDR notation.
        Gateway: an address.
        AuxiliaryAddresses: host name -> address that no container gets.
    """

    Subnet: str
    IPRange: str
    Gateway: str
    AuxiliaryAddresses: dict[str, str] | None


def is_ipv4(config: IPAMConfig) -> bool:
    """Whether a configuration has an IPv4 subnet."""
    return ":" not in config.get("Subnet", ":")


def is_ipv6(config: IPAMConfig) -> bool:
    """Whether a configuration has an IPv6 subnet."""
    return ":" in config.get("Subnet", "")


def free_pool(taken: Iterable[Subnet]) -> Subnet:
    """Return the first default address pool that overlaps no subnet in use.

    Raises:
        ApiError: no pool is free.
    """
    in_use = list(taken)
    for text in _POOLS:
        pool = Subnet(text)
        if not any(pool.overlaps(subnet) for subnet in in_use):
            return pool
    raise ApiError(
        "could not find an available, non-overlapping IPv4 address pool among the defaults to"
        " assign to the network"
    )


def checked(config: IPAMConfig, taken: Iterable[Subnet]) -> Subnet:
    """Return the IPv4 subnet of a user's configuration.

    Raises:
        BadParameter: it is not a subnet, or the gateway, range or an auxiliary address is outside.
        Forbidden: it overlaps a subnet in use.
        ApiError: the gateway is the network or broadcast address, or no address is left for it.
    """
    text = config["Subnet"]
    try:
        subnet = Subnet(text if "/" in text else "")
    except ValueError:
        if _has_host_bits(text):
            right = Subnet(text, strict=False)
            raise BadParameter(f"invalid subnet {text}: it should be {right}") from None
        raise BadParameter(f"Invalid subnet {text} : invalid CIDR address: {text}") from None
    _check_overlap(subnet, taken)
    _check_members(subnet, config)
    gateway = (config.get("Gateway") or "").partition("/")[0]
    if gateway in {str(subnet[0]), str(subnet[-1])}:
        raise ApiError(f"failed to allocate gateway ({gateway}): Address already in use")
    if not gateway_of(config, subnet):
        raise ApiError("failed to allocate gateway (): No available addresses on this pool")
    return subnet


def checked6(config: IPAMConfig, taken: Iterable[Subnet6]) -> Subnet6:
    """Return the IPv6 subnet of a user's configuration.

    Raises:
        BadParameter: it is not a subnet, or the gateway, range or an auxiliary address is outside.
        Forbidden: it overlaps a subnet in use.
    """
    text = config["Subnet"]
    try:
        subnet = Subnet6(text)
    except ValueError:
        raise BadParameter(f"Invalid subnet {text} : invalid CIDR address: {text}") from None
    _check_overlap(subnet, taken)
    _check_members(subnet, config)
    return subnet


def _check_overlap(subnet: Subnet | Subnet6, taken: Iterable[Subnet | Subnet6]) -> None:
    if any(subnet.overlaps(other) for other in taken):
        raise Forbidden("Pool overlaps with other one on this address space")


def _has_host_bits(text: str) -> bool:
    """Whether a text is an address of a subnet, in CIDR notation: 10.0.0.1/24."""
    with contextlib.suppress(ValueError):
        return bool(Subnet(text, strict=False)) and "/" in text
    return False


def _check_members(subnet: Subnet | Subnet6, config: IPAMConfig) -> None:
    """Reject a gateway, a range and auxiliary addresses that are not in the subnet."""
    _check_inside(subnet, config.get("Gateway"), "Gateway")
    _check_inside(subnet, config.get("IPRange"), "IPRange")
    for address in (config.get("AuxiliaryAddresses") or {}).values():
        _check_inside(subnet, address, "auxiliary address")


def _check_inside(subnet: Subnet | Subnet6, text: str | None, field: str) -> None:
    if not text:
        return
    try:
        area = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise BadParameter(f"invalid {field} {text}") from None
    if area.version != subnet.version:
        raise BadParameter(f"invalid {field} {text}")
    if not (int(subnet[0]) <= int(area[0]) and int(area[-1]) <= int(subnet[-1])):
        raise BadParameter(f"no matching subnet for {field.lower()} {text}")


def gateway_of(config: IPAMConfig, subnet: Subnet | Subnet6) -> str:
    """Return the configured gateway, or the first allocatable address; empty for none."""
    if config.get("Gateway"):
        return config["Gateway"].partition("/")[0]
    excluded = _excluded(config, subnet)
    return next((a for a in _allocatable(config, subnet) if a not in excluded), "")


def _allocatable(config: IPAMConfig, subnet: Subnet | Subnet6) -> Iterator[str]:
    """Yield the addresses of IPRange, or of the whole subnet."""
    area = type(subnet)(config["IPRange"], strict=False) if config.get("IPRange") else subnet
    return (str(area[number]) for number in range(area.num_addresses))


def _excluded(config: IPAMConfig, subnet: Subnet | Subnet6) -> set[str]:
    return {str(subnet[0]), str(subnet[-1]), *(config.get("AuxiliaryAddresses") or {}).values()}


def reserved(config: IPAMConfig, subnet: Subnet | Subnet6) -> set[str]:
    """Return the addresses of a subnet that no container gets: the gateway's among them."""
    return {gateway_of(config, subnet), *_excluded(config, subnet)}


def pick(config: IPAMConfig, subnet: Subnet | Subnet6, used: Collection[str]) -> str:
    """Return the first free address of a subnet.

    Raises:
        ApiError: no address is free.
    """
    taken = {*reserved(config, subnet), *used}
    address = next((a for a in _allocatable(config, subnet) if a not in taken), "")
    if not address:
        raise ApiError(
            f"no available IPv{subnet.version} addresses on this network's address pools"
        )
    return address


def mac_of(address: str) -> str:
    """Return the MAC address that dockerd generates for an IPv4 address: 02:42 and its bytes.

    Args:
        address: empty for none; the bytes are random then.
    """
    data = ipaddress.IPv4Address(address).packed if address else secrets.token_bytes(4)
    return f"02:42:{data.hex(':')}"
