"""docker network create: create a user-defined network."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operand
from docker_magics.cli.flag_types import LABELS
from docker_magics.cli.flag_types.texts import mapping
from docker_magics.commands._session_label import labels
from docker_magics.engine.client import Engine
from docker_magics.results.text import Text

from ._subnets import ipam_config


class NetworkCreate(Command):
    """Create a network"""

    usage = "[OPTIONS] NETWORK"

    attachable: bool = flag("--attachable", "Enable manual container attachment")
    aux_address: list[str] = flag(
        "--aux-address map",
        "Auxiliary IPv4 or IPv6 addresses used by Network driver (default map[])",
    )
    config_from: str = flag(
        "--config-from string", "The network from which to copy the configuration"
    )
    config_only: bool = flag("--config-only", "Create a configuration only network")
    driver: str = flag("-d, --driver string", "Driver to manage the Network", default="bridge")
    gateway: list[str] = flag(
        "--gateway ipSlice", "IPv4 or IPv6 Gateway for the master subnet (default [])"
    )
    ingress: bool = flag("--ingress", "Create swarm routing-mesh network")
    internal: bool = flag("--internal", "Restrict external access to the network")
    ip_range: list[str] = flag(
        "--ip-range ipNetSlice", "Allocate container ip from a sub-range (default [])"
    )
    ipam_driver: str = flag(
        "--ipam-driver string", "IP Address Management Driver", default="default"
    )
    ipam_opt: list[str] = flag("--ipam-opt map", "Set IPAM driver specific options (default map[])")
    ipv4: bool | None = flag(
        "--ipv4", "Enable or disable IPv4 address assignment (default true)", default=None
    )
    ipv6: bool | None = flag("--ipv6", "Enable or disable IPv6 address assignment", default=None)
    label: list[str] = flag("--label list", "Set metadata on a network", flag_type=LABELS)
    opt: list[str] = flag("-o, --opt map", "Set driver specific options (default map[])")
    scope: str = flag("--scope string", "Control the network's scope")
    subnet: list[str] = flag(
        "--subnet strings", "Subnet in CIDR format that represents a network segment"
    )
    network: str = operand()

    def run(self, engine: Engine) -> Text:
        """Return the new network's ID.

        source: Engine API, NetworkCreate.
        """
        addresses = ipam_config(self.subnet, self.ip_range, self.gateway, mapping(self.aux_address))
        body = {
            "Name": self.network,
            "Driver": self.driver,
            "Options": mapping(self.opt),
            "Labels": labels(engine, "network") | mapping(self.label),
            "Scope": self.scope,
            "Internal": self.internal,
            "Attachable": self.attachable,
            "Ingress": self.ingress,
            "ConfigOnly": self.config_only,
            "ConfigFrom": {"Network": self.config_from} if self.config_from else None,
            "EnableIPv4": self.ipv4,
            "EnableIPv6": self.ipv6,
            "IPAM": {
                "Driver": self.ipam_driver,
                "Options": mapping(self.ipam_opt),
                "Config": addresses,
            },
        }
        if not engine.supports("1.44"):
            body["CheckDuplicate"] = True
        return Text(engine.post("/networks/create", body=body)["Id"])
