"""Ports of containers on this machine.

source: Engine API, HostConfig: PortBindings; moby libnetwork, portmapper.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from ..errors import ApiError
from . import endpoints
from .ports import Publisher, Target

if TYPE_CHECKING:
    from ..engine import Engine
    from ..records.container import Container
    from .holder import Holder


class Publishing:
    """What is published.

    Args:
        engine: whose containers they are.
        holder: opens sockets in their networks.
    """

    def __init__(self, engine: Engine, holder: Holder) -> None:
        self._engine = engine
        self._holder = holder
        self._publisher = Publisher()

    def withdraw(self, container: Container) -> None:
        """Publish a container's ports no more."""
        for ip, port, protocol in container.record.pop("Published", []):
            self._publisher.withdraw(ip, port, protocol)
        container.record["Ports"] = {}

    def publish(self, container: Container, pid: int, known: dict[str, Any] | None = None) -> None:
        """Publish a container's ports.

        Args:
            container: whose they are.
            pid: of a process in its network.
            known: on which ports of this machine they were before.

        Raises:
            ApiError: one cannot be had; then none is published.
        """
        if container.host_config["NetworkMode"] in endpoints.SPECIAL:
            return
        if self._engine.networks.is_internal(container):
            container.record["Ports"] = None
            return
        container.record["Published"] = []
        container.record["Ports"] = {}
        wanted = known or endpoints.wanted_ports(container)
        try:
            for port, bindings in wanted.items():
                self._publish_port(container, port, bindings, pid)
        except ApiError as fault:
            self.withdraw(container)
            endpoint = next((s.get("EndpointID", "") for s in container.networks.values()), "")
            message = f"driver failed programming external connectivity on endpoint {container.name} ({endpoint}): {fault}"  # noqa: E501
            raise ApiError(message) from fault

    def _publish_port(
        self, container: Container, port: str, bindings: list[dict[str, str]] | None, pid: int
    ) -> None:
        number, _, protocol = port.partition("/")
        target = self._target(container, int(number), protocol or "tcp", pid)
        shown = container.record["Ports"].setdefault(port, [])
        for binding in bindings or []:
            first, _, last = (binding.get("HostPort") or "0").partition("-")
            asked = binding.get("HostIp") or ""
            got = int(first or 0)
            for ip in [asked] if asked else endpoints.every_address():
                most = int(last or got) if got == int(first or 0) else got
                try:
                    if not self._engine.networks.isolated and got == int(number):
                        self._publisher.check_free(ip, got, target)
                        shown.append({"HostIp": ip, "HostPort": str(got)})
                        continue
                    got = self._publisher.publish(ip, got, most, target)
                except ApiError:
                    if ip == "::" and not asked and shown:
                        continue  # a machine may have the name of IPv6 without the thing
                    raise
                container.record["Published"].append([ip, got, protocol])
                shown.append({"HostIp": ip, "HostPort": str(got)})

    def _target(self, container: Container, port: int, protocol: str, pid: int) -> Target:
        address = next(
            (s["IPAddress"] for s in container.networks.values() if s.get("IPAddress")), ""
        )
        if not self._engine.networks.isolated:
            return Target(
                "127.0.0.1", port, protocol, lambda kind: socket.socket(socket.AF_INET, kind)
            )

        here = address or "127.0.0.1"
        return Target(here, port, protocol, lambda kind: self._holder.socket(pid, kind))
