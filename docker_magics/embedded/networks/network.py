"""One network.

source: Engine API, Network.
"""

from __future__ import annotations

from typing import Any

from . import options
from .ipam import Subnet, Subnet6, gateway_of


class Network:
    """A network's record: the API's fields, kept in ROOT/networks/ID.json.

    Attributes:
        record: Name, Id, Created, Driver, IPAM, ...
        used: address -> the ID of the container that has it.
    """

    def __init__(self, record: dict[str, Any]) -> None:
        self.record = record
        self.used: dict[str, str] = {}

    @property
    def id(self) -> str:
        """The whole ID."""
        return str(self.record["Id"])

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.record["Name"])

    @property
    def driver(self) -> str:
        """bridge, host or null."""
        return str(self.record["Driver"])

    @property
    def is_predefined(self) -> bool:
        """Whether it is there from the beginning."""
        return self.name in {"bridge", "host", "none"}

    @property
    def has_own_subnet(self) -> bool:
        """Whether its addresses were asked for; an older engine's record does not say."""
        return bool(self.record.get("OwnSubnet", True))

    @property
    def labels(self) -> dict[str, str]:
        """Its labels."""
        return dict(self.record["Labels"] or {})

    @property
    def options(self) -> dict[str, str]:
        """Its driver's options."""
        return dict(self.record["Options"] or {})

    @property
    def config6(self) -> dict[str, Any]:
        """Its first IPAM configuration of IPv6, where it has IPv6."""
        found = (self.record["IPAM"].get("Config") or []) if self.record["EnableIPv6"] else []
        return next((dict(each) for each in found if ":" in each.get("Subnet", "")), {})

    @property
    def config(self) -> dict[str, Any]:
        """Its first IPAM configuration of IPv4."""
        found = self.record["IPAM"].get("Config") or []
        return next((dict(each) for each in found if ":" not in each.get("Subnet", ":")), {})

    @property
    def subnet(self) -> Subnet | None:
        """Its addresses."""
        text = self.config.get("Subnet")
        return Subnet(text) if text else None

    @property
    def gateway(self) -> str:
        """Its gateway's address."""
        subnet = self.subnet
        return gateway_of(self.config, subnet) if subnet else ""

    @property
    def subnet6(self) -> Subnet6 | None:
        """Its addresses of IPv6."""
        text = self.config6.get("Subnet")
        return Subnet6(text) if text else None

    @property
    def gateway6(self) -> str:
        """Its gateway's address of IPv6."""
        subnet = self.subnet6
        return gateway_of(self.config6, subnet) if subnet else ""

    @property
    def bridge(self) -> str:
        """The name of its bridge."""
        default = "docker0" if self.name == "bridge" else f"br-{self.id[:12]}"
        return (self.options.get(options.NAME) or default)[:15]
