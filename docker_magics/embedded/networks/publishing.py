"""Published ports of containers.

source: Engine API, HostConfig: PortBindings; moby libnetwork/portmapper.
"""

from __future__ import annotations

import functools
import socket

from ..errors import ApiError
from ..records.container import Container
from . import loopback
from .endpoints import addresses
from .helper import NetworkHelper
from .loopback import Loopbacks
from .port_bindings import (
    MODES_WITHOUT_PORTS,
    PortBinding,
    PortMap,
    requested_ports,
    wildcard_addresses,
)
from .proxy import PortProxy, Target
from .store import NetworkStore


class Publishing:
    """Publishes the ports of containers.

    Args:
        store: every network of the engine.
        helper: creates sockets in containers; None where containers use the host's network.
        loopbacks: the parts of containers, where that is divided.
    """

    def __init__(
        self, store: NetworkStore, helper: NetworkHelper | None, loopbacks: Loopbacks
    ) -> None:
        self._store = store
        self._helper = helper
        self._loopbacks = loopbacks
        self._proxy = PortProxy()

    def withdraw(self, container: Container) -> None:
        """Stop publishing a container's ports. Idempotent."""
        for ip, port, protocol in container.record.pop("Published", []):
            self._proxy.withdraw(ip, port, protocol)
        container.record["Ports"] = {}

    def publish(self, container: Container, previous: PortMap | None = None) -> None:
        """Publish a container's ports, and note them in its record.

        Args:
            container: the container.
            previous: the ports that an earlier engine published; None for the requested ones.

        Raises:
            ApiError: a port is not free; then none is published.
        """
        if container.host_config["NetworkMode"] in MODES_WITHOUT_PORTS:
            return
        if self._store.is_internal(container):
            container.record["Ports"] = None
            return
        container.record["Published"] = []
        container.record["Ports"] = {}
        try:
            for port, bindings in (previous or requested_ports(container)).items():
                self._publish_port(container, port, bindings or [])
        except ApiError as error:
            self.withdraw(container)
            endpoint = next((s["EndpointID"] for s in container.networks.values()), "")
            message = f"driver failed programming external connectivity on endpoint {container.name} ({endpoint}): {error}"  # noqa: E501
            raise ApiError(message) from error

    def _publish_port(self, container: Container, port: str, bindings: list[PortBinding]) -> None:
        number, _, protocol = port.partition("/")
        published: list[PortBinding] = container.record["Ports"].setdefault(port, [])
        for binding in bindings:
            first, _, last = (binding.get("HostPort") or "0").partition("-")
            requested_ip = binding.get("HostIp") or ""
            host_port = int(first or 0)
            for ip in [requested_ip] if requested_ip else wildcard_addresses():
                target = self._target(container, int(number), protocol or "tcp", ip)
                is_first_choice = host_port == int(first or 0)
                last_port = int(last or host_port) if is_first_choice else host_port
                try:
                    host_port = self._listen(container, ip, host_port, last_port, target)
                except ApiError:
                    if ip == "::" and not requested_ip and published:
                        continue  # the host may know IPv6 without being able to use it
                    raise
                published.append({"HostIp": ip, "HostPort": str(host_port)})

    def _listen(self, container: Container, ip: str, first: int, last: int, target: Target) -> int:
        """Listen on a port between `first` and `last`, and return it."""
        if self._helper is None and not self._loopbacks.of(container) and first == target.port:
            self._proxy.check_free(ip, first, target)  # the container itself will listen on it
            return first
        port = self._proxy.publish(ip, first, last, target)
        container.record["Published"].append([ip, port, target.protocol])
        return port

    def _target(self, container: Container, port: int, protocol: str, ip: str) -> Target:
        """Return where a port leads: clients of the host's `ip` appear as the network's gateway."""
        if part := self._loopbacks.of(container):
            own, own_port = loopback.address(part), loopback.machine_port(port)
            return Target(lambda: own, own_port, protocol, socket.socket)
        if self._helper is None:
            return Target(lambda: "127.0.0.1", port, protocol, socket.socket)
        address = functools.partial(self._address, container, is_ipv6=":" in ip)
        return Target(address, port, protocol, functools.partial(self._helper.socket, 0))

    def _address(self, container: Container, *, is_ipv6: bool) -> str:
        """Return an address of the endpoint that leads outside.

        Raises:
            ConnectionRefusedError: the container has none now.
        """
        for settings in self._store.outward(container):
            if is_ipv6 and settings["GlobalIPv6Address"]:
                return settings["GlobalIPv6Address"]
            if own := addresses(settings):
                return own[0]
        raise ConnectionRefusedError(f"container {container.name} is on no network")
