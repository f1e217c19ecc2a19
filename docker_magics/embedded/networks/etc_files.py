"""When a container's /etc/hosts, resolv.conf and hostname are written, and with what."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from ..ports import ContainerLookup
from ..records.container import Container
from . import files, loopback
from .loopback import Loopbacks
from .naming import Naming
from .outbound import NAME_SERVER, Outbound
from .store import NetworkStore

_LOOPBACK = "127.0.0.1"


class EtcFiles:
    """Writes the files of containers.

    Args:
        store: every network of the engine.
        containers: every container of the engine.
        naming: knows the names on networks.
        loopbacks: the containers' parts of the loopback.
        outbound: the networks' way to others; None where containers use the host's network.
    """

    def __init__(
        self,
        store: NetworkStore,
        containers: ContainerLookup,
        naming: Naming,
        loopbacks: Loopbacks,
        outbound: Outbound | None,
    ) -> None:
        self._store = store
        self._containers = containers
        self._naming = naming
        self._loopbacks = loopbacks
        self._outbound = outbound

    def write(self, container: Container) -> None:
        """Write a container's files.

        Raises:
            OSError: the disk is full, or the container's folder has been removed.
        """
        is_outbound = self._outbound is not None and self._outbound.is_connected()
        with self._naming.writing:
            files.write(
                container,
                self._containers,
                engine_dns=self._naming.uses_engine_dns(container),
                upstream=NAME_SERVER if is_outbound else None,
                host_gateway=self._host_gateway(container),
                neighbours=() if self._outbound else self._naming.hosts(container),
            )

    def neighbours(self, container: Container) -> list[Container]:
        """Return the other containers whose files name a container: where no name server does."""
        neighbours = [] if self._outbound else self._naming.neighbours(container)
        return [neighbour for neighbour, _, _ in neighbours if neighbour is not container]

    def update(self, containers: Iterable[Container]) -> None:
        """Write the files of containers again: not if they are removed, or the disk is full."""
        for container in containers:
            with contextlib.suppress(OSError):
                self.write(container)

    def update_neighbours(self, container: Container) -> None:
        """Write the files again that name a container."""
        self.update(self.neighbours(container))

    def _host_gateway(self, container: Container) -> str:
        """Return the default bridge's gateway, or the loopback where there is no bridge."""
        bridge = self._store.by_name("bridge")
        if self._loopbacks.of(container):
            return loopback.GATEWAY
        if bridge is None or not self._outbound or container.host_config["NetworkMode"] == "host":
            return _LOOPBACK
        return bridge.gateway
