"""The IPAM configuration of `docker network create`: subnets with ranges and gateways.

source: docker/cli, cli/command/network/create.go: createIPAMConfig.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from docker_magics.cli.flag_types.networks import checked_ip, ip_text
from docker_magics.errors import UsageError

#: A prefix length, without a superfluous zero.
_BITS = re.compile("0|[1-9][0-9]*")


def ipam_config(
    subnets: Sequence[str],
    ranges: Sequence[str],
    gateways: Sequence[str],
    auxiliary: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Return IPAM.Config of a new network: assign ranges, gateways and addresses to subnets.

    Args:
        subnets: --subnet, in CIDR notation.
        ranges: --ip-range, in CIDR notation, without host bits.
        gateways: --gateway.
        auxiliary: --aux-address, hostname -> address.

    Raises:
        UsageError: subnets overlap, or an address is not in any subnet.
    """
    if len(subnets) < max(len(ranges), len(gateways)):
        raise UsageError("every ip-range or gateway must have a corresponding subnet")
    _refuse_overlaps(subnets)
    configs = {subnet: {"Subnet": _prefix(subnet)} for subnet in subnets}
    for ip_range in ranges:
        _assign(configs, "IPRange", ip_range, "range")
    for gateway in gateways:
        _assign(configs, "Gateway", gateway, "gateway")
    given = {name: _address(address) for name, address in auxiliary.items() if address}
    for name, address in given.items():
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
    matches = [subnet for subnet in subnets if _contains(subnet, value)]
    if not matches:
        raise UsageError(f"no matching subnet for {what} {value}")
    return matches


def _prefix(subnet: str) -> str:
    """Return a subnet as the API's texts have it: the address of a host in it stays.

    source: Go's net/netip: ParsePrefix.
    """
    quoted = json.dumps(subnet, ensure_ascii=False)
    address, slash, bits = subnet.rpartition("/")
    if not slash:
        raise UsageError(f"netip.ParsePrefix({quoted}): no '/'")
    try:
        interface = ipaddress.ip_interface(subnet)
    except ValueError:
        raise UsageError(f"netip.ParsePrefix({quoted}): invalid prefix") from None
    if "%" in address or not _BITS.fullmatch(bits):
        raise UsageError(f"netip.ParsePrefix({quoted}): invalid prefix")
    return f"{ip_text(interface.ip)}/{bits}"


def _address(text: str) -> str:
    try:
        return checked_ip(text)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _refuse_overlaps(subnets: Sequence[str]) -> None:
    for index, subnet in enumerate(subnets):
        for other in subnets[:index]:
            if _contains(subnet, other) or _contains(other, subnet):
                raise UsageError("multiple overlapping subnet configuration is not supported")


def _contains(subnet: str, value: str) -> bool:
    try:
        network = ipaddress.ip_network(subnet, strict=False)
    except ValueError:
        raise UsageError(f"invalid subnet: invalid CIDR address: {subnet}") from None
    try:
        return ipaddress.ip_interface(value).ip in network
    except ValueError:
        return False
