"""Containers on networks: attached at start, connected and disconnected while they run.

source: Engine API, NetworkConnect, NetworkDisconnect; moby daemon/container_operations.go.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Mapping
from typing import Any

from ..errors import Conflict, Forbidden, NotFound, prefixed
from ..namespace_source import NamespaceSource, namespace_of
from ..ports import ContainerLookup
from ..records.container import Container
from ..records.endpoint import EndpointSettings
from ..runtime.spec import LoopbackSpec
from . import allocation, endpoints, interfaces, links
from .etc_files import EtcFiles
from .helper import NetworkHelper
from .host_ports import HostPorts
from .loopback import Loopbacks
from .naming import Naming
from .network import Network
from .outbound import Outbound
from .publishing import Publishing
from .store import NetworkStore


class Attachments:
    """Attaches containers to networks: addresses, interfaces, routes, names, ports.

    Args:
        store: every network of the engine.
        containers: every container of the engine.
        helper: has the bridges; None where containers use the host's network.
        divides_loopback: whether each has a part of the loopback there (systrap).

    Attributes:
        files: writes what containers have in /etc.
    """

    def __init__(
        self,
        store: NetworkStore,
        containers: ContainerLookup,
        helper: NetworkHelper | None,
        *,
        divides_loopback: bool = False,
    ) -> None:
        self._store = store
        self._containers = containers
        self._helper = helper
        self._divides_loopback = divides_loopback
        self._outbound = Outbound(helper) if helper is not None else None
        self._host_ports = HostPorts(helper, self._has_processes) if helper is not None else None
        self._naming = Naming(containers, store, helper)
        self._loopbacks = Loopbacks(containers, store, enabled=divides_loopback)
        self._publishing = Publishing(store, helper, self._loopbacks)
        self.files = EtcFiles(store, containers, self._naming, self._loopbacks, self._outbound)

    @property
    def isolated(self) -> bool:
        """Whether containers have network namespaces."""
        return self._helper is not None

    def _has_processes(self) -> bool:
        return any(container.process for container in self._containers.all())

    def keep(self) -> None:
        """Replace the network helper process whenever it ends."""
        if self._helper is not None:
            self._helper.keep()

    # --- before a container starts

    def prepare(self, container: Container, config: Mapping[str, Any]) -> None:
        """Put the endpoints that a request asks for into a new container's record.

        Args:
            container: the container.
            config: the request's NetworkingConfig.

        Raises:
            BadParameter: a link to a container that does not exist, or a static address where
                containers have no network of their own.
            NotFound: it shares the network of a container that does not exist.
        """
        mode = container.host_config["NetworkMode"]
        if mode.startswith("container:"):
            with prefixed("joining network namespace of container"):
                donor = self._containers.get(mode.removeprefix("container:"))
            container.host_config["NetworkMode"] = f"container:{donor.id}"
            return
        mac = container.config.get("MacAddress") or ""
        planned = endpoints.planned(mode, config.get("EndpointsConfig") or {}, mac)
        for name, settings in planned.items():
            self._check_addresses(settings)
            network = self._network(name)
            if network is not None:
                with prefixed(f"invalid config for network {name}"):
                    endpoints.check_requested(network, settings)
            container.networks[network.name if network else name] = settings
        links.check(container, self._containers)

    def _check_addresses(self, settings: EndpointSettings) -> None:
        if not self.isolated:
            endpoints.refuse_addresses(settings, maps_ipv4=self._divides_loopback)

    def _network(self, text: str) -> Network | None:
        """Return the network that a text names; None if there is none."""
        with contextlib.suppress(NotFound):
            return self._store.get(text)
        return None

    def share_names(self, container: Container) -> None:
        """Give a container the host name of the one whose network it shares."""
        mode = container.host_config["NetworkMode"]
        if mode.startswith("container:"):
            donor = self._containers.get(mode.removeprefix("container:"))
            for field in ("Hostname", "Domainname"):
                container.config[field] = donor.config[field]

    def namespace(self, container: Container) -> NamespaceSource:
        """Return where the container's network namespace comes from.

        Raises:
            Conflict: it shares the network of a container that does not run.
        """
        if not self.isolated:
            return "host"
        refusal = (
            "cannot join network namespace of a non running container:"
            " container {0.name} is {0.status}"
        )
        return namespace_of(container.host_config["NetworkMode"], self._containers, refusal)

    def loopback(self, container: Container) -> LoopbackSpec | None:
        """Return the container's part of the loopback, where that is divided."""
        return self._loopbacks.of(container)

    # --- start and end of a container

    def attach(self, container: Container, pid: int) -> None:
        """Attach a container that is about to start.

        Args:
            container: the container.
            pid: of its init process.

        Raises:
            NotFound: one of its networks does not exist any more.
            ApiError: an address or a port is not free, or the network helper fails.
        """
        mode = container.host_config["NetworkMode"]
        if mode.startswith("container:"):
            return
        if self._helper is not None and mode != "host":
            self._helper.enable_loopback(pid)
            self._connect_outside()
        with prefixed("failed to set up container networking"):
            for name in list(container.networks):
                self._join(container, self._store.get(name), pid)
            self._set_routes(container, pid)
            self._publishing.publish(container)
        self._naming.serve(container, pid)
        self.files.update_neighbours(container)

    def detach(self, container: Container) -> None:
        """Release the addresses and ports of a container that has ended."""
        neighbours = self.files.neighbours(container)
        self._naming.leave(container)
        self._publishing.withdraw(container)
        for name, settings in container.networks.items():
            was_connected = bool(settings["EndpointID"])
            network = self._store.by_name(name)
            _leave(container, network, settings)
            if network is not None and was_connected:
                self._store.publish("disconnect", network, container)
        self.files.update(neighbours)

    def reattach(self, container: Container) -> None:
        """Serve a running container that an earlier engine attached; it keeps all it has."""
        if container.process is None:
            return
        for name, settings in container.networks.items():
            network = self._store.by_name(name)
            if network is not None:
                for address in _reserved(settings):
                    network.reclaim(container.id, address)
        previous = container.record.get("Ports") or {}
        container.record["Published"] = []
        pid = container.process.pid
        if self._helper is not None:
            self._connect_outside()
            self._restore(self._helper, container, pid)
        self._publishing.publish(container, previous)
        self._naming.serve(container, pid)

    def _restore(self, helper: NetworkHelper, container: Container, pid: int) -> None:
        """Connect a container again if helper and engine were killed, and its interfaces are gone.

        Each has its old name and addresses, so that the container's sockets stay usable.
        """
        present = helper.interfaces()
        lost = [
            (network, settings)
            for name, settings in container.networks.items()
            if settings.get("Interface") and interfaces.veth_name(settings) not in present
            if (network := self._store.by_name(name)) is not None
        ]
        for network, settings in lost:
            self._plug(helper, network, settings, pid)
        if lost:
            self._set_routes(container, pid)

    def _connect_outside(self) -> None:
        """Connect the networks with the machine and, if possible, with others."""
        if self._outbound is not None:
            self._outbound.connect()
        if self._host_ports is not None:
            self._host_ports.update()

    def _join(self, container: Container, network: Network, pid: int) -> None:
        if network.record["ConfigOnly"]:
            raise Forbidden("cannot create endpoint on configuration-only network")
        settings = container.networks[network.name]
        settings["NetworkID"] = network.id
        settings["EndpointID"] = secrets.token_hex(32)
        if network.driver == "bridge":
            if self._helper is None:
                part = self._loopbacks.of(container)
                allocation.give_loopback_address(container, network, settings, part)
            else:
                allocation.give_addresses(container, network, settings)
                allocation.number_interface(container, settings)
                self._plug(self._helper, network, settings, pid)
        self._store.publish("connect", network, container)

    def _plug(
        self, helper: NetworkHelper, network: Network, settings: EndpointSettings, pid: int
    ) -> None:
        """Connect an endpoint's interface to the network's bridge.

        The default bridge exists too, as its gateway is what `host-gateway` means.
        """
        for bridged in dict.fromkeys([network, self._store.get("bridge")]):
            subnets = [n.subnet for n in self._store.all() if n.id != bridged.id]
            helper.create_bridge(
                interfaces.bridge(bridged, [str(subnet) for subnet in subnets if subnet])
            )
        helper.connect_veth(interfaces.veth(network, settings, pid))

    def _set_routes(self, container: Container, pid: int) -> None:
        """Set default routes by the first network that has a gateway and is not internal."""
        if self._helper is None:
            return
        connected = [s for s in self._store.outward(container) if s.get("Interface")]
        gateway = next((s["Gateway"] for s in connected if s["Gateway"]), "")
        gateway6 = next((s["IPv6Gateway"] for s in connected if s["IPv6Gateway"]), "")
        gateways = [g for g in (gateway, gateway6) if g]
        if gateways:  # the helper of an ordinary user may not enter the host's network
            self._helper.set_default_routes(pid, gateways)

    # --- while a container exists

    def connect(self, network: Network, container: Container, config: Mapping[str, Any]) -> None:
        """Connect a container to one more network.

        Args:
            network: the network.
            container: the container; it may run or not.
            config: the request's EndpointSettings.

        Raises:
            Forbidden: it is connected already, or the network does not accept it.
            Conflict: it is being removed, or ends meanwhile.
            BadParameter: a static address or alias that the network does not allow.
            ApiError: an address is not free.
        """
        with container.lock:
            _check_may_join(network, container)
            settings = endpoints.requested(config)
            endpoints.check_requested(network, settings)
            self._check_addresses(settings)
            existing = container.networks.get(network.name)
            if existing and (container.process is None or existing["EndpointID"]):
                raise Forbidden(
                    f"endpoint with name {container.name} already exists in network {network.name}"
                )
            container.networks[network.name] = settings
            settings["NetworkID"] = network.id
            if container.process is not None:
                self._connect_running(network, container, container.process.pid)
            container.save()

    def _connect_running(self, network: Network, container: Container, pid: int) -> None:
        try:
            self._join(container, network, pid)
            self._set_routes(container, pid)
        except BaseException:
            _leave(container, network, container.networks.pop(network.name))
            raise
        self._naming.leave(container)
        self._naming.serve(container, pid)
        self.files.update([container, *self.files.neighbours(container)])

    def disconnect(self, network: Network, container: Container) -> None:
        """Disconnect a container from a network.

        Raises:
            Forbidden: it is not connected, or uses the host's network.
            Conflict: it is being removed.
        """
        with container.lock:
            _check_remains(container)
            if network.driver == "host" and container.host_config["NetworkMode"] == "host":
                raise Forbidden("cannot disconnect container from host network - container was created in host network mode")  # fmt: skip  # noqa: E501
            settings = container.networks.get(network.name)
            if settings is None:
                article = "" if container.running else "the "
                raise Forbidden(f"container {container.id} is not connected to {article}network {network.name}")  # fmt: skip  # noqa: E501
            neighbours = self.files.neighbours(container)
            is_running = container.process is not None
            if is_running and self._helper is not None and settings.get("Interface"):
                self._helper.remove_interface(interfaces.veth_name(settings))
            _leave(container, network, settings)
            del container.networks[network.name]
            if container.process is not None:
                with contextlib.suppress(Conflict):  # it has ended meanwhile
                    self._set_routes(container, container.process.pid)
            self.files.update([container, *neighbours])
            container.save()
        if is_running:
            self._store.publish("disconnect", network, container)

    def remove_link(self, container: Container, name: str) -> None:
        """Remove a link from the container that has it.

        Args:
            container: the container.
            name: `CONTAINER/ALIAS`.

        Raises:
            NotFound: no such link.
        """
        alias = name.rpartition("/")[2]
        existing = container.host_config["Links"] or []
        kept = [link for link in existing if links.parts(link)[1] != alias]
        if len(kept) == len(existing):
            raise NotFound(f"No such container: {name}")
        container.host_config["Links"] = kept or None
        self.files.write(container)
        container.save()

    def close(self) -> None:
        """End the helper, if no container runs; running containers keep their networks."""
        if self._helper is not None and not self._has_processes():
            self._helper.quit()


def _check_remains(container: Container) -> None:
    if container.state["Removing"] or container.removed:
        raise Conflict(f"Container {container.id} is marked for removal and cannot be connected or disconnected to the network")  # fmt: skip  # noqa: E501


def _check_may_join(network: Network, container: Container) -> None:
    _check_remains(container)
    mode = container.host_config["NetworkMode"]
    if network.driver == "host" and mode != "host":
        raise Forbidden("cannot connect container to host network - container must be created in host network mode")  # fmt: skip  # noqa: E501
    if mode == "host" or mode.startswith("container:"):
        raise Forbidden("container sharing network namespace with another container or host cannot be connected to any other network")  # fmt: skip  # noqa: E501
    others = container.networks.keys() - {network.name}
    if others and "none" in {network.name, *others}:
        raise Forbidden("container cannot be connected to multiple networks with one of the networks in private (none) mode")  # fmt: skip  # noqa: E501


def _reserved(settings: EndpointSettings) -> list[str]:
    """Return the addresses that no other container gets."""
    return [*endpoints.addresses(settings), *endpoints.mapped_addresses(settings)]


def _leave(container: Container, network: Network | None, settings: EndpointSettings) -> None:
    """Release an endpoint's addresses, and clear its settings."""
    if network is not None:
        for address in _reserved(settings):
            network.release(container.id, address)
    endpoints.clear(settings)
