"""A fake network helper, and a store of networks that uses it."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

from unit.embedded.fakes import FakeContainers, FakeEvents

from docker_magics.embedded.errors import ApiError
from docker_magics.embedded.networks.helper import Bridge, Veth
from docker_magics.embedded.networks.store import NetworkStore


class FakeHelper:
    """A `NetworkHelper` that records requests as (operation, subject).

    Attributes:
        failing: the name of an operation that fails.
    """

    def __init__(self) -> None:
        self.requests: list[tuple[str, Any]] = []
        self.bridges: dict[str, Bridge] = {}
        self.veths: dict[str, Veth] = {}
        self.pid = self.recorded_pid = 1 << 30  # no such process
        self.failing = ""

    def operations(self) -> list[str]:
        """Return the operations so far and clear them."""
        names = [operation for operation, _ in self.requests]
        self.requests.clear()
        return names

    def _record(self, operation: str, about: Any = None) -> None:
        self.requests.append((operation, about))
        if operation == self.failing:
            raise ApiError(f"{operation}: failed")

    def create_bridge(self, bridge: Bridge) -> None:
        self._record("create_bridge", bridge["name"])
        self.bridges[bridge["name"]] = bridge

    def connect_veth(self, veth: Veth) -> None:
        self._record("connect_veth", veth["peer"])
        self.veths[veth["peer"]] = veth

    def remove_interface(self, name: str) -> None:
        self._record("remove_interface", name)

    def set_default_routes(self, pid: int, gateways: list[str]) -> None:
        self._record("set_default_routes", gateways)
        assert pid

    def enable_loopback(self, pid: int) -> None:
        self._record("enable_loopback", pid)

    def quit(self) -> None:
        self._record("quit")

    def keep(self) -> None:
        self._record("keep")

    def interfaces(self) -> set[str]:
        return {"lo", *self.bridges, *(veth["name"] for veth in self.veths.values())}

    def socket(self, pid: int, _family: int, kind: int) -> socket.socket:
        """Return a socket of the host, where the container's name server cannot be bound."""
        self._record("socket", (pid, kind))
        return FakeSocket()


class FakeSocket(socket.socket):
    """A socket with an address in use."""

    def bind(self, address: Any) -> None:
        raise OSError(98, "Address already in use", address)


def store(
    folder: Path, containers: FakeContainers, helper: FakeHelper | None = None
) -> tuple[NetworkStore, FakeEvents]:
    """Return a store and its events; the folder may already contain networks."""
    events = FakeEvents()
    networks = folder / "networks"
    networks.mkdir(exist_ok=True)
    return NetworkStore(networks, events, containers, helper), events  # type: ignore[arg-type]
