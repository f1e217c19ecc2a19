"""docker network connect: attach a container to a network."""

from __future__ import annotations

from docker_magics.cli.command import Command, flag, operand
from docker_magics.cli.flag_types import IPV4, LINKS
from docker_magics.engine.client import Engine, checked_name, path
from docker_magics.errors import UsageError


class NetworkConnect(Command):
    """Connect a container to a network"""

    usage = "[OPTIONS] NETWORK CONTAINER"

    alias: list[str] = flag("--alias strings", "Add network-scoped alias for the container")
    driver_opt: list[str] = flag("--driver-opt strings", "driver options for the network")
    gw_priority: int = flag(
        "--gw-priority int",
        "Highest gw-priority provides the default gateway. Accepts positive and negative values.",
    )
    ip: str = flag("--ip ip", 'IPv4 address (e.g., "172.30.100.104")', flag_type=IPV4)
    ip6: str = flag("--ip6 ip", 'IPv6 address (e.g., "2001:db8::33")')
    link: list[str] = flag("--link list", "Add link to another container", flag_type=LINKS)
    link_local_ip: list[str] = flag(
        "--link-local-ip ipSlice", "Add a link-local address for the container (default [])"
    )
    network: str = operand()
    container: str = operand()

    def run(self, engine: Engine) -> None:
        """Return None.

        source: Engine API, NetworkConnect.
        """
        endpoint = {
            "IPAMConfig": {
                "IPv4Address": self.ip,
                "IPv6Address": self.ip6,
                "LinkLocalIPs": self.link_local_ip,
            },
            "Links": self.link,
            "Aliases": self.alias,
            "DriverOpts": _options(self.driver_opt),
            "GwPriority": self.gw_priority,
        }
        body = {"Container": checked_name("container", self.container), "EndpointConfig": endpoint}
        engine.post(path("networks", self.network, "connect"), body=body)


def _options(pairs: list[str]) -> dict[str, str]:
    split = [pair.partition("=") for pair in pairs]
    if any(not equals or not key.strip() for key, equals, _ in split):
        raise UsageError("invalid key/value pair format in driver options")
    return {key.strip(): value.strip() for key, _, value in split}
