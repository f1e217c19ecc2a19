"""One network.

source: Engine API, Network, IPAM; moby api/types/network.
"""

from __future__ import annotations

import threading
from typing import NotRequired, TypedDict

from ..errors import ApiError
from . import ipam, options
from .ipam import IPAMConfig, Subnet, Subnet6

#: The networks that exist from the start.
PREDEFINED = frozenset({"bridge", "host", "none"})
_IN_USE = "Address already in use"


class IPAM(TypedDict):
    """The addresses of a network: an `IPAMConfig` a subnet, IPv4 first."""

    Driver: str
    Options: dict[str, str] | None
    Config: list[IPAMConfig]


class ConfigReference(TypedDict):
    """Names the configuration network from which another one takes its configuration."""

    Network: str


class NetworkRecord(TypedDict):
    """A network's record, ROOT/networks/ID.json, with the API's names.

    Attributes:
        EnableIPv4: whether it has IPv4; it has where an older engine made the network.
        ConfigOnly: whether it is a configuration for other networks, and nothing else.
        UserSubnet, UserSubnet6: whether the user chose the subnet of IPv4 and IPv6; not in the API.
    """

    Name: str
    Id: str
    Created: str
    Scope: str
    Driver: str
    EnableIPv4: NotRequired[bool]
    EnableIPv6: bool
    IPAM: IPAM
    Internal: bool
    Attachable: bool
    Ingress: bool
    ConfigFrom: ConfigReference
    ConfigOnly: bool
    Options: dict[str, str]
    Labels: dict[str, str]
    UserSubnet: NotRequired[bool]
    UserSubnet6: NotRequired[bool]


class Network:
    """A network: its record, and which addresses its containers have.

    Attributes:
        record: see `NetworkRecord`.
    """

    def __init__(self, record: NetworkRecord) -> None:
        self.record = record
        self._owners: dict[str, str] = {}  # address -> container ID
        self._lock = threading.Lock()

    @property
    def id(self) -> str:
        """The whole ID."""
        return self.record["Id"]

    @property
    def name(self) -> str:
        """The name."""
        return self.record["Name"]

    @property
    def driver(self) -> str:
        """Return bridge, host or null."""
        return self.record["Driver"]

    @property
    def is_predefined(self) -> bool:
        """Whether it exists from the start."""
        return self.name in PREDEFINED

    @property
    def is_internal(self) -> bool:
        """Whether it is closed to the outside."""
        return self.record["Internal"]

    @property
    def has_user_subnet(self) -> bool:
        """Whether the user chose the subnet of IPv4; that of the default bridge is fixed too."""
        return self.name == "bridge" or self.record.get("UserSubnet", False)

    @property
    def has_user_subnet6(self) -> bool:
        """Whether the user chose the subnet of IPv6."""
        return self.record.get("UserSubnet6", False)

    @property
    def labels(self) -> dict[str, str]:
        """The labels."""
        return dict(self.record["Labels"] or {})

    @property
    def options(self) -> dict[str, str]:
        """The driver's options."""
        return dict(self.record["Options"] or {})

    @property
    def has_ipv4(self) -> bool:
        """Whether its containers have IPv4 addresses."""
        return self.record.get("EnableIPv4", True)

    @property
    def config(self) -> IPAMConfig:
        """The configuration of IPv4; empty without one."""
        configs = (self.record["IPAM"].get("Config") or []) if self.has_ipv4 else []
        return next((config for config in configs if ipam.is_ipv4(config)), IPAMConfig())

    @property
    def config6(self) -> IPAMConfig:
        """The configuration of IPv6; empty without one."""
        configs = (self.record["IPAM"].get("Config") or []) if self.record["EnableIPv6"] else []
        return next((config for config in configs if ipam.is_ipv6(config)), IPAMConfig())

    @property
    def subnet(self) -> Subnet | None:
        """The subnet of IPv4."""
        text = self.config.get("Subnet")
        return Subnet(text) if text else None

    @property
    def subnet6(self) -> Subnet6 | None:
        """The subnet of IPv6."""
        text = self.config6.get("Subnet")
        return Subnet6(text) if text else None

    @property
    def gateway(self) -> str:
        """The gateway's IPv4 address; empty without one."""
        subnet = self.subnet
        return ipam.gateway_of(self.config, subnet) if subnet else ""

    @property
    def gateway6(self) -> str:
        """The gateway's IPv6 address; empty without one."""
        subnet = self.subnet6
        return ipam.gateway_of(self.config6, subnet) if subnet else ""

    @property
    def bridge(self) -> str:
        """The name of the bridge interface."""
        default = "docker0" if self.name == "bridge" else f"br-{self.id[:12]}"
        return (options.BRIDGE_NAME.read(self.options) or default)[:15]

    def allocate(self, owner: str, requested: str | None) -> str:
        """Give an IPv4 address to a container; the network has a subnet.

        Args:
            owner: the container's ID.
            requested: a static address; empty or None for a free one.

        Raises:
            ApiError: the address is in use, or no address is free.
        """
        subnet = self.subnet
        assert subnet is not None
        with self._lock:
            if requested and requested in ipam.reserved(self.config, subnet):
                raise ApiError(_IN_USE)
            return self._allocate(owner, requested, self.config, subnet)

    def allocate6(self, owner: str, requested: str | None) -> str:
        """Give an IPv6 address to a container, as `allocate`; the network has an IPv6 subnet."""
        subnet = self.subnet6
        assert subnet is not None
        with self._lock:
            return self._allocate(owner, requested, self.config6, subnet)

    def _allocate(
        self, owner: str, requested: str | None, config: IPAMConfig, subnet: Subnet | Subnet6
    ) -> str:
        if requested and self._owners.get(requested, owner) != owner:
            raise ApiError(_IN_USE)
        address = requested or ipam.pick(config, subnet, self._owners)
        self._owners[address] = owner
        return address

    def reclaim(self, owner: str, address: str) -> None:
        """Note that a running container has an address since before the engine started."""
        with self._lock:
            self._owners[address] = owner

    def release(self, owner: str, address: str) -> None:
        """Take an address back, if it is the container's."""
        with self._lock:
            if self._owners.get(address) == owner:
                del self._owners[address]
