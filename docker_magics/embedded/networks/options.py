"""The driver options of bridge networks: one table, which `check` and each use read.

source: moby libnetwork/drivers/bridge/bridge.go: networkConfiguration.fromLabels.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ...wire import go
from ..errors import BadParameter

_Value = TypeVar("_Value")
#: The kernel's limit, in bytes.
_LONGEST_INTERFACE = 15


@dataclass(frozen=True)
class Option(Generic[_Value]):
    """A driver option.

    Attributes:
        name: as `--opt` takes it.
        parse: returns the value of a text; raises ValueError with the reason, or BadParameter
            with the whole message.
        default: the value where the network does not set the option.
    """

    name: str
    parse: Callable[[str], _Value]
    default: _Value

    def read(self, options: Mapping[str, str]) -> _Value:
        """Return the option's value among a network's options.

        Raises:
            BadParameter: the text is not such a value (dockerd's message).
        """
        if self.name not in options:
            return self.default
        text = options[self.name]
        try:
            return self.parse(text)
        except ValueError as error:
            raise BadParameter(f"failed to parse {self.name} value: {text} ({error})") from error


def _interface(text: str) -> str:
    if len(text) > _LONGEST_INTERFACE:
        raise BadParameter("numerical result out of range")
    return text


def _mtu(text: str) -> int:
    mtu = go.atoi(text)
    if mtu < 0:
        raise BadParameter(f"invalid MTU number: {text}")
    return mtu


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ValueError("nil ip") from None


#: The name of the bridge interface; empty for a generated one.
BRIDGE_NAME = Option("com.docker.network.bridge.name", _interface, "")
#: Inter-container communication: whether the network's containers reach each other.
ICC = Option("com.docker.network.bridge.enable_icc", go.parse_bool, default=True)
#: The MTU of the containers' interfaces, in bytes; 0 for the kernel's default.
MTU = Option("com.docker.network.driver.mtu", _mtu, 0)

#: Every option whose value is checked, in the order of dockerd's checks.
OPTIONS: tuple[Option[Any], ...] = (
    BRIDGE_NAME,
    ICC,
    Option("com.docker.network.bridge.enable_ip_masquerade", go.parse_bool, default=True),
    Option("com.docker.network.bridge.inhibit_ipv4", go.parse_bool, default=False),
    MTU,
    Option("com.docker.network.bridge.host_binding_ipv4", _address, ""),
)


def check(options: Mapping[str, str]) -> None:
    """Reject options whose value cannot be parsed; unknown options are ignored, as in dockerd.

    Raises:
        BadParameter: the first of them.
    """
    for option in OPTIONS:
        option.read(options)
