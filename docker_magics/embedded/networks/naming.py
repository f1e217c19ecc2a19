"""Names of containers on user-defined networks: by a name server in each, or by /etc/hosts.

source: moby libnetwork/resolver.go.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from itertools import filterfalse
from typing import TYPE_CHECKING

from ..ports import ContainerLookup
from ..records.container import Container
from ..records.endpoint import EndpointSettings
from ..resolv_conf import name_servers
from .endpoints import addresses, mapped_addresses
from .helper import NetworkHelper
from .network import PREDEFINED
from .store import NetworkStore

if TYPE_CHECKING:
    from .dns import Resolver

#: The engine's name server, as containers see it.
ADDRESS = "127.0.0.11"
_DNS_PORT = 53


class Naming:
    """Answers the DNS queries of containers.

    Args:
        containers: every container of the engine.
        store: every network of the engine.
        helper: creates sockets in containers; None where containers use the host's network.

    Attributes:
        writing: held from the look-up of the lines of a hosts file until they are written; else
            older ones could be written after newer ones.
    """

    def __init__(
        self, containers: ContainerLookup, store: NetworkStore, helper: NetworkHelper | None
    ) -> None:
        self._containers = containers
        self._store = store
        self._helper = helper
        self._resolver: Resolver | None = None
        self._creating = threading.Lock()
        self.writing = threading.Lock()

    def uses_engine_dns(self, container: Container) -> bool:
        """Whether a container has the engine's name server: on user-defined networks."""
        if container.host_config["NetworkMode"].startswith("container:"):
            return False
        return self._helper is not None and bool(container.networks.keys() - PREDEFINED)

    def serve(self, container: Container, pid: int) -> None:
        """Start to answer a container's queries, if it has the engine's name server.

        Args:
            container: the container.
            pid: of a process in its network.
        """
        if self._helper is None or not self.uses_engine_dns(container):
            return
        datagrams = self._helper.socket(pid, socket.AF_INET, socket.SOCK_DGRAM)
        listener = self._helper.socket(pid, socket.AF_INET, socket.SOCK_STREAM)
        try:
            datagrams.bind((ADDRESS, _DNS_PORT))
            listener.bind((ADDRESS, _DNS_PORT))
        except OSError:  # the container runs a name server there
            datagrams.close()
            listener.close()
            return
        from .dns import Names

        names = Names(
            lambda name: self.look_up(container, name),
            lambda address: self.look_up_address(container, address),
            lambda: self._forwarders(container),
        )
        self._started_resolver().serve(container.id, datagrams, listener, names)

    def _started_resolver(self) -> Resolver:
        """Return the resolver; created when first needed, as dnspython takes 10 MiB."""
        from .dns import Resolver

        with self._creating:
            if self._resolver is None:
                self._resolver = Resolver()
            return self._resolver

    def leave(self, container: Container) -> None:
        """Stop answering a container's queries. Idempotent."""
        if self._resolver is not None:
            self._resolver.leave(container.id)

    def _forwarders(self, container: Container) -> list[str]:
        """Return the name servers for other names; none on internal networks."""
        if self._store.is_internal(container):
            return []
        return container.host_config["Dns"] or name_servers()

    def look_up(self, container: Container, name: str) -> list[str] | None:
        """Return the addresses of a name on a container's networks; None if there are none.

        Args:
            container: asks for the name.
            name: a container's name, alias or link alias, in lower case; `.NETWORK` may follow.
        """
        own = container.endpoints()
        return [
            address
            for neighbour, network, settings in self.neighbours(container)
            if {name, name.removesuffix(f".{network.lower()}")}
            & {*_names(neighbour, settings), *_link_aliases(own.get(network), neighbour)}
            for address in addresses(settings)
        ] or None

    def look_up_address(self, container: Container, address: str) -> list[str] | None:
        """Return the names of an address, each followed by its network's; None for none."""
        return [
            f"{neighbour.name}.{network}"
            for neighbour, network, settings in self.neighbours(container)
            if address in addresses(settings)
        ] or None

    def hosts(self, container: Container) -> list[str]:
        """Return lines of /etc/hosts for the neighbours, where there is no name server.

        Names that are written as addresses are left out: no program looks them up, and systrap
        would take them for static addresses (`systrap/hosts.h`).
        """
        own = container.endpoints()
        return [
            "\t".join(
                [
                    settings["IPAddress"],
                    *filterfalse(
                        _is_address,
                        [
                            neighbour.name,
                            *(settings["Aliases"] or []),
                            *sorted(_link_aliases(own.get(network), neighbour)),
                        ],
                    ),
                    *mapped_addresses(settings),
                ]
            )
            for neighbour, network, settings in self.neighbours(container)
            if neighbour is not container
        ]

    def neighbours(self, container: Container) -> list[tuple[Container, str, EndpointSettings]]:
        """Return the connected containers on a container's user-defined networks.

        The container itself is one of them. Each has the network's name, and its endpoint there.
        """
        endpoints = [(other, other.endpoints()) for other in self._containers.all()]
        return [
            (other, name, settings[name])
            for name in container.endpoints()
            if name not in PREDEFINED
            for other, settings in endpoints
            if name in settings and addresses(settings[name])
        ]


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _names(container: Container, settings: EndpointSettings) -> set[str]:
    """Return the names of a container on a network, in lower case."""
    return {container.name.lower(), *(alias.lower() for alias in settings["Aliases"] or [])}


def _link_aliases(settings: EndpointSettings | None, target: Container) -> set[str]:
    """Return the aliases of an endpoint's links to another container."""
    links = (link.partition(":") for link in (settings and settings["Links"]) or [])
    return {alias for name, _, alias in links if name in {target.name, target.id}}
