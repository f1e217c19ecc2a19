"""Names on networks of one's own: a name server in each container, or its /etc/hosts.

source: moby libnetwork, resolver.go.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from ..resolv_conf import name_servers
from .dns import ADDRESS, Names, Resolver
from .endpoints import addresses

if TYPE_CHECKING:
    from ..engine import Engine
    from ..records.container import Container
    from .holder import Holder

#: Networks and modes on which containers do not know one another.
_NAMELESS = {"bridge", "host", "none"}


class Naming:
    """Who is known to whom.

    Args:
        engine: whose containers they are.
        holder: opens sockets in their networks.
    """

    def __init__(self, engine: Engine, holder: Holder) -> None:
        self._engine = engine
        self._holder = holder
        self._resolver = Resolver()

    def leave(self, container: Container) -> None:
        """Answer a container no more."""
        self._resolver.leave(container.id)

    def serve(self, container: Container, pid: int) -> None:
        """Answer a container's questions, if it is where names are known."""
        if not self.serves(container):
            return
        datagrams = self._holder.socket(pid, socket.SOCK_DGRAM)
        listener = self._holder.socket(pid, socket.SOCK_STREAM)
        try:
            datagrams.bind((ADDRESS, 53))
            listener.bind((ADDRESS, 53))
        except OSError:  # the container has its own name server there
            datagrams.close()
            listener.close()
            return
        self._resolver.serve(
            container.id,
            datagrams,
            listener,
            Names(
                lambda name: self.look_up(container, name),
                lambda address: self.look_up_address(container, address),
                lambda: self._asks_outside(container),
            ),
        )

    def _asks_outside(self, container: Container) -> list[str]:
        """The name servers for what the engine does not know; none on internal networks."""
        if self._engine.networks.is_internal(container):
            return []
        return container.host_config["Dns"] or name_servers()

    def serves(self, container: Container) -> bool:
        """Whether a container has a name server of the engine's."""
        if container.host_config["NetworkMode"].startswith("container:"):
            return False
        return self._engine.networks.isolated and bool(container.networks.keys() - _NAMELESS)

    def look_up(self, container: Container, name: str) -> list[str] | None:
        """Return the addresses of a name on a container's networks; None for none."""
        found = []
        own = container.endpoints()
        for other, network, settings in self.neighbours(container):
            names = {other.name.lower(), *(each.lower() for each in settings.get("Aliases") or [])}
            links = own.get(network, {}).get("Links") or []
            linked = {e.partition(":")[2] for e in links if e.partition(":")[0] in {other.name, other.id}}  # fmt: skip  # noqa: E501
            short = name.removesuffix(f".{network.lower()}")
            if {name, short} & {*names, *linked}:
                found += addresses(settings)
        return found or None

    def look_up_address(self, container: Container, address: str) -> list[str] | None:
        """Return the names of an address, with their network's; None for none."""
        return [
            f"{other.name}.{network}"
            for other, network, settings in self.neighbours(container)
            if address in addresses(settings)
        ] or None

    def hosts(self, container: Container) -> list[str]:
        """Lines of /etc/hosts for the others on its networks, for want of a name server."""
        return [
            "\t".join([settings["IPAddress"], other.name, *(settings.get("Aliases") or [])])
            for other, _, settings in self.neighbours(container)
            if other is not container
        ]

    def neighbours(self, container: Container) -> list[tuple[Container, str, dict[str, Any]]]:
        """Who is on its networks, itself among them; by which network, and as what there."""
        endpoints = [(other, other.endpoints()) for other in self._engine.containers.all()]
        return [
            (other, name, settings[name])
            for name in container.endpoints()
            if name not in _NAMELESS
            for other, settings in endpoints
            if settings.get(name, {}).get("IPAddress")
        ]
