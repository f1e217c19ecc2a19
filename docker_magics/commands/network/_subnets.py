"""A network's addresses as the command line gives them: subnets, and what belongs to each.

source: docker/cli, cli/command/network/create.go: createIPAMConfig.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

from docker_magics.errors import UsageError


def ipam_config(
    subnets: Sequence[str],
    ranges: Sequence[str],
    gateways: Sequence[str],
    auxiliary: Mapping[str, str],
) -> list[dict[str, Any]]:
    """IPAM.Config of a new network: each range, gateway and auxiliary address at its subnet.

    Raises:
        UsageError: subnets overlap, or an address is in none of them.
    """
    if len(subnets) < max(len(ranges), len(gateways)):
        raise UsageError("every ip-range or gateway must have a corresponding subnet")
    configs = {subnet: {"Subnet": subnet} for subnet in subnets}
    _refuse_overlaps(subnets)
    for each in ranges:
        _check_range(each)
        _assign(configs, "IPRange", each, "range")
    for each in gateways:
        _assign(configs, "Gateway", each, "gateway")
    for name, address in auxiliary.items():
        for subnet in _matching(subnets, address, "aux-address"):
            config: dict[str, Any] = configs[subnet]
            config.setdefault("AuxiliaryAddresses", {})[name] = address
    return list(configs.values())


def _assign(configs: dict[str, dict[str, str]], key: str, value: str, what: str) -> None:
    for subnet in _matching(list(configs), value, what):
        config = configs[subnet]
        if key in config:
            both = f"{value}, {config[key]}"
            raise UsageError(f"cannot configure multiple {what}s ({both}) on the subnet ({subnet})")
        config[key] = value


def _matching(subnets: Sequence[str], value: str, what: str) -> list[str]:
    found = [subnet for subnet in subnets if _holds(subnet, value)]
    if not found:
        raise UsageError(f"no matching subnet for {what} {value}")
    return found


def _check_range(text: str) -> None:
    try:
        ipaddress.ip_interface(text)
    except ValueError:
        raise UsageError(f"invalid CIDR address: {text}") from None


def _refuse_overlaps(subnets: Sequence[str]) -> None:
    for place, subnet in enumerate(subnets):
        for other in subnets[:place]:
            if _holds(subnet, other) or _holds(other, subnet):
                raise UsageError("multiple overlapping subnet configuration is not supported")


def _holds(subnet: str, value: str) -> bool:
    try:
        network = ipaddress.ip_network(subnet, strict=False)
    except ValueError:
        raise UsageError(f"invalid subnet: invalid CIDR address: {subnet}") from None
    try:
        return ipaddress.ip_interface(value).ip in network
    except ValueError:
        return False
