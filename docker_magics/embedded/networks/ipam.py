"""Addresses: pools of networks, and who has which address.

source: Engine API, IPAM; moby libnetwork/ipam.
"""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from ..errors import ApiError, BadParameter, Forbidden

_POOLS = [
    *(f"172.{number}.0.0/16" for number in range(18, 32)),
    *(f"192.168.{number}.0/20" for number in range(0, 256, 16)),
]

Subnet = ipaddress.IPv4Network
Subnet6 = ipaddress.IPv6Network


def free_pool(taken: Iterable[Subnet]) -> Subnet:
    """A network for who asked for none in particular.

    Raises:
        ApiError: there is none left.
    """
    known = list(taken)
    for text in _POOLS:
        pool = Subnet(text)
        if not any(pool.overlaps(each) for each in known):
            return pool
    raise ApiError(
        "could not find an available, non-overlapping IPv4 address pool among the defaults to"
        " assign to the network"
    )


def checked(config: dict[str, Any], taken: Iterable[Subnet]) -> Subnet:
    """The subnet of an IPAM configuration.

    Raises:
        BadParameter: it is none, or what goes with it lies outside.
        Forbidden: it overlaps another network's.
    """
    text = config["Subnet"]
    try:
        subnet = Subnet(text if "/" in text else "")
    except ValueError:
        if _is_subnet(text):
            right = Subnet(text, strict=False)
            raise BadParameter(f"invalid subnet {text}: it should be {right}") from None
        raise BadParameter(f"Invalid subnet {text} : invalid CIDR address: {text}") from None
    if any(subnet.overlaps(each) for each in taken):
        raise Forbidden("Pool overlaps with other one on this address space")
    for key in ("Gateway", "IPRange"):
        _check_inside(subnet, config.get(key), key)
    for address in (config.get("AuxiliaryAddresses") or {}).values():
        _check_inside(subnet, address, "auxiliary address")
    gateway = (config.get("Gateway") or "").partition("/")[0]
    if gateway in {str(subnet[0]), str(subnet[-1])}:
        raise ApiError(f"failed to allocate gateway ({gateway}): Address already in use")
    if not gateway_of(config, subnet):
        raise ApiError("failed to allocate gateway (): No available addresses on this pool")
    return subnet


def _is_subnet(text: str) -> bool:
    with contextlib.suppress(ValueError):
        return bool(Subnet(text, strict=False)) and "/" in text
    return False


def _check_inside(subnet: Subnet, text: str | None, what: str) -> None:
    if not text:
        return
    try:
        found = ipaddress.IPv4Network(text, strict=False)
    except ValueError:
        raise BadParameter(f"invalid {what} {text}") from None
    if not found.subnet_of(subnet):
        raise BadParameter(f"no matching subnet for {what.lower()} {text}")


def checked6(config: dict[str, Any], taken: Iterable[Subnet6]) -> Subnet6:
    """The subnet of an IPAM configuration of IPv6.

    Raises:
        BadParameter: it is none.
        Forbidden: it overlaps another network's.
    """
    text = config["Subnet"]
    try:
        subnet = Subnet6(text)
    except ValueError:
        raise BadParameter(f"Invalid subnet {text} : invalid CIDR address: {text}") from None
    if any(subnet.overlaps(each) for each in taken):
        raise Forbidden("Pool overlaps with other one on this address space")
    return subnet


def gateway_of(config: dict[str, Any], subnet: Subnet | Subnet6) -> str:
    """The gateway that was asked for, or the first address that can be one; empty for none."""
    if config.get("Gateway"):
        return str(config["Gateway"]).partition("/")[0]
    taken = _never(config, subnet)
    return next((each for each in _addresses(config, subnet) if each not in taken), "")


def _addresses(config: dict[str, Any], subnet: Subnet | Subnet6) -> Iterator[str]:
    """Those that are given out: of the range, where there is one."""
    area = type(subnet)(config["IPRange"], strict=False) if config.get("IPRange") else subnet
    return (str(area[number]) for number in range(area.num_addresses))


def _never(config: dict[str, Any], subnet: Subnet | Subnet6) -> set[str]:
    return {str(subnet[0]), str(subnet[-1]), *(config.get("AuxiliaryAddresses") or {}).values()}


def reserved(config: dict[str, Any], subnet: Subnet | Subnet6) -> set[str]:
    """The addresses of a network that no container gets."""
    return {gateway_of(config, subnet), *_never(config, subnet)}


def pick(config: dict[str, Any], subnet: Subnet | Subnet6, used: Collection[str]) -> str:
    """A free address of a network.

    Raises:
        ApiError: there is none.
    """
    taken = {*reserved(config, subnet), *used}
    found = next((each for each in _addresses(config, subnet) if each not in taken), "")
    if not found:
        raise ApiError(
            f"no available IPv{subnet.version} addresses on this network's address pools"
        )
    return found


def mac_of(address: str) -> str:
    """The hardware address that goes with an IPv4 address, as dockerd makes it."""
    return "02:42:" + ":".join(f"{byte:02x}" for byte in ipaddress.IPv4Address(address).packed)
