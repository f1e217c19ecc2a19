"""IP address management (IPAM): address pools, subnets, free addresses.

source: Engine API, IPAMConfig; moby libnetwork/ipam.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TypedDict

from ..errors import ApiError, BadParameter, Forbidden

_POOLS = [
    *(f"172.{number}.0.0/16" for number in range(18, 32)),
    *(f"192.168.{number}.0/20" for number in range(0, 256, 16)),
]

_TRIES = 100
_NO_POOL = (
    "could not find an available, non-overlapping IPv{} address pool among the defaults to assign"
    " to the network"
)

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
    raise ApiError(_NO_POOL.format(4))


def free_pool6(taken: Iterable[Subnet6]) -> Subnet6:
    """Return a local subnet that overlaps no subnet in use. source: RFC 4193, 3.2.

    Raises:
        ApiError: none was found.
    """
    in_use = list(taken)
    for _ in range(_TRIES):
        pool = Subnet6((0xFD << 120 | secrets.randbits(40) << 80, 64))
        if not any(pool.overlaps(subnet) for subnet in in_use):
            return pool
    raise ApiError(_NO_POOL.format(6))


def check(configs: Iterable[IPAMConfig], *, has_ipv6: bool) -> None:
    """Refuse invalid subnets, and addresses and ranges that are not in their subnet.

    Args:
        configs: the user's configurations.
        has_ipv6: whether the network has IPv6; if not, IPv6 subnets are ignored.

    Raises:
        BadParameter: dockerd's message, with all that is wrong.
    """
    problems = [problem for config in configs for problem in _problems(config, has_ipv6=has_ipv6)]
    if problems:
        raise BadParameter(f"invalid network config:\n{joined(problems)}")


def joined(problems: Sequence[str]) -> str:
    """Return one problem as it is, several as a list. source: moby internal/multierror."""
    return problems[0] if len(problems) == 1 else "\n".join(f"* {text}" for text in problems)


def _problems(config: IPAMConfig, *, has_ipv6: bool) -> Iterator[str]:
    """Yield what is wrong with a configuration. source: moby api/types/network: ValidateIPAM."""
    text = config.get("Subnet") or ""
    subnet = _block(text)
    if subnet is None:
        yield f"invalid subnet {text}: invalid CIDR block notation"
        return
    if subnet.version == 6 and not has_ipv6:
        return
    if ipaddress.ip_interface(text).ip != subnet[0]:
        yield f"invalid subnet {text}: it should be {subnet}"
    if config.get("IPRange"):
        yield from _range_problems(config["IPRange"], subnet)
    if problem := _address_problem(config.get("Gateway"), subnet):
        yield f"invalid gateway {config['Gateway']}: {problem}"
    for name, address in (config.get("AuxiliaryAddresses") or {}).items():
        if problem := _address_problem(address, subnet):
            yield f"invalid auxiliary address {name}: {problem}"


def _block(text: str) -> Subnet | Subnet6 | None:
    """Return the subnet of a text in CIDR notation; None if it is in another."""
    if not text.rpartition("/")[2].isdecimal() or "/" not in text:
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _range_problems(text: str, subnet: Subnet | Subnet6) -> Iterator[str]:
    area = _block(text)
    if area is None:
        yield f"invalid ip-range {text}: invalid CIDR block notation"
        return
    if area.version != subnet.version:
        yield f"invalid ip-range {text}: parent subnet is an IPv{subnet.version} block"
        return
    if area.prefixlen < subnet.prefixlen:
        yield f"invalid ip-range {text}: CIDR block is bigger than its parent subnet {subnet}"
    if ipaddress.ip_interface(text).ip != area[0]:
        yield f"invalid ip-range {text}: it should be {area}"
    if not area.overlaps(subnet):
        yield f"invalid ip-range {text}: parent subnet {subnet} doesn't contain ip-range"


def _address_problem(text: str | None, subnet: Subnet | Subnet6) -> str:
    """Return why an address is not in a subnet; empty if it is, or there is none."""
    if not text:
        return ""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "invalid address"
    if address.version != subnet.version:
        return f"parent subnet is an IPv{subnet.version} block"
    return "" if address in subnet else f"parent subnet {subnet} doesn't contain this address"


def checked(config: IPAMConfig, taken: Iterable[Subnet]) -> Subnet:
    """Return the IPv4 subnet of a valid configuration.

    Raises:
        Forbidden: it overlaps a subnet in use.
        ApiError: the gateway is the network or broadcast address, or no address is left for it.
    """
    subnet = Subnet(config["Subnet"])
    _check_overlap(subnet, taken)
    gateway = config.get("Gateway") or ""
    if gateway in _ends(subnet):
        raise ApiError(f"failed to allocate gateway ({gateway}): Address already in use")
    if not gateway_of(config, subnet):
        raise ApiError("failed to allocate gateway (): No available addresses on this pool")
    return subnet


def checked6(config: IPAMConfig, taken: Iterable[Subnet6]) -> Subnet6:
    """Return the IPv6 subnet of a valid configuration.

    Raises:
        Forbidden: it overlaps a subnet in use.
    """
    subnet = Subnet6(config["Subnet"])
    _check_overlap(subnet, taken)
    return subnet


def _check_overlap(subnet: Subnet | Subnet6, taken: Iterable[Subnet | Subnet6]) -> None:
    if any(subnet.overlaps(other) for other in taken):
        raise Forbidden("invalid pool request: Pool overlaps with other one on this address space")


def gateway_of(config: IPAMConfig, subnet: Subnet | Subnet6) -> str:
    """Return the configured gateway, or the first allocatable address; empty for none."""
    if config.get("Gateway"):
        return config["Gateway"]
    excluded = _excluded(config, subnet)
    return next((a for a in _allocatable(config, subnet) if a not in excluded), "")


def _allocatable(config: IPAMConfig, subnet: Subnet | Subnet6) -> Iterator[str]:
    """Yield the addresses of IPRange, or of the whole subnet."""
    area = type(subnet)(config["IPRange"], strict=False) if config.get("IPRange") else subnet
    return (str(area[number]) for number in range(area.num_addresses))


def _ends(subnet: Subnet | Subnet6) -> set[str]:
    """Return the network's and the broadcast address; a subnet of one or two has none."""
    return {str(subnet[0]), str(subnet[-1])} if subnet.num_addresses > 2 else set()


def _excluded(config: IPAMConfig, subnet: Subnet | Subnet6) -> set[str]:
    return {*_ends(subnet), *(config.get("AuxiliaryAddresses") or {}).values()}


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
