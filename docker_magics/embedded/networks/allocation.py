"""What an endpoint is given when its container joins a network: addresses, interface name, aliases.

source: Engine API, EndpointSettings.
"""

from __future__ import annotations

from itertools import count

from ..records.container import Container
from ..records.endpoint import EndpointSettings
from ..runtime.spec import LoopbackSpec
from . import endpoints, ipam, loopback
from .network import Network


def give_addresses(container: Container, network: Network, settings: EndpointSettings) -> None:
    """Allocate the addresses of an endpoint, and record them in its settings."""
    if network.subnet is None and network.subnet6 is None:
        return
    endpoints.check_requested(network, settings)
    config = endpoints.ipam_config(settings)
    address = network.allocate(container.id, config.get("IPv4Address")) if network.subnet else ""
    # one update, as the name server reads the settings at any time
    settings.update(
        {
            "IPAddress": address,
            "IPPrefixLen": network.subnet.prefixlen if network.subnet else 0,
            "Gateway": network.gateway,
            "MacAddress": settings["RequestedMac"] or ipam.mac_of(address),
            "Aliases": _aliases(container, network, settings),
        }
    )
    if network.subnet6 is not None:
        settings.update(
            {
                "GlobalIPv6Address": network.allocate6(container.id, config.get("IPv6Address")),
                "GlobalIPv6PrefixLen": network.subnet6.prefixlen,
                "IPv6Gateway": network.gateway6,
            }
        )


def number_interface(container: Container, settings: EndpointSettings) -> None:
    """Give an endpoint's interface the first free name."""
    used = {other.get("Interface") for other in container.networks.values()}
    settings["Interface"] = next(name for n in count() if (name := f"eth{n}") not in used)


def give_loopback_address(
    container: Container, network: Network, settings: EndpointSettings, part: LoopbackSpec | None
) -> None:
    """Note where a container without a network of its own is reached: in its part of the loopback.

    Without one, its programs listen on the machine's own. A static address stands for the one that
    it is reached at (`endpoints.mapped_addresses`).

    Raises:
        BadParameter: the network does not have the static address.
        ApiError: another container has it.
    """
    endpoints.check_requested(network, settings)
    if fixed := endpoints.ipam_config(settings).get("IPv4Address"):
        network.allocate(container.id, fixed)
    settings.update(
        {
            "IPAddress": loopback.address(part) if part else "127.0.0.1",
            "IPPrefixLen": loopback.PREFIX_LENGTH if part else 8,
            "Gateway": loopback.GATEWAY if part else "",
            "Aliases": _aliases(container, network, settings),
        }
    )


def _aliases(
    container: Container, network: Network, settings: EndpointSettings
) -> list[str] | None:
    """Return the requested aliases; on user-defined networks, short ID and host name too."""
    requested = settings["RequestedAliases"]
    if network.is_predefined:
        return requested
    generated = (container.id[:12], container.config["Hostname"])
    names = (name for name in generated if name and name != container.name)
    return list(dict.fromkeys([*(requested or []), *names]))
