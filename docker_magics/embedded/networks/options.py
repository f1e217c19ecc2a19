"""What a bridge network's driver options mean here.

source: moby libnetwork/drivers/bridge/bridge.go: networkConfiguration.fromLabels.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping

from ...wire import go
from ..errors import BadParameter

_BRIDGE = "com.docker.network.bridge."
NAME = f"{_BRIDGE}name"
_ICC = f"{_BRIDGE}enable_icc"
_MTU = "com.docker.network.driver.mtu"
_BINDING = f"{_BRIDGE}host_binding_ipv4"
_SWITCHES = (_ICC, f"{_BRIDGE}enable_ip_masquerade", f"{_BRIDGE}inhibit_ipv4")
#: What the kernel allows.
_LONGEST_INTERFACE = 15


def check(options: Mapping[str, str]) -> None:
    """Refuse options that cannot be read.

    Raises:
        BadParameter: in dockerd's words.
    """
    if len(options.get(NAME, "")) > _LONGEST_INTERFACE:
        raise BadParameter(
            "failed to check bridge interface existence: numerical result out of range"
        )
    for name in _SWITCHES:
        _read(go.parse_bool, name, options.get(name, "true"))
    if _read(go.atoi, _MTU, options.get(_MTU, "0")) < 0:
        raise BadParameter(f"invalid MTU number: {options[_MTU]}")
    if _BINDING in options and not _is_address(options[_BINDING]):
        raise _unread(_BINDING, options[_BINDING], "nil ip")


def _read(reads: Callable[[str], int], name: str, value: str) -> int:
    try:
        return reads(value)
    except ValueError as error:
        raise _unread(name, value, str(error)) from error


def _unread(name: str, value: str, why: str) -> BadParameter:
    return BadParameter(f"failed to parse {name} value: {value} ({why})")


def _is_address(text: str) -> bool:
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False


def mtu(options: Mapping[str, str]) -> int:
    """The largest packet, in bytes; 0 for the kernel's own choice."""
    return int(options.get(_MTU, "0"))


def isolates(options: Mapping[str, str]) -> bool:
    """Whether its containers reach each other not at all."""
    value = options.get(_ICC, "true")
    return go.is_bool(value) and not go.parse_bool(value)
