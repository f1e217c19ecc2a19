"""Networks and containers, with a network helper that only records requests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from unit.embedded.fakes import FakeContainers, FakeEvents, container, start
from unit.embedded.networks.fakes import FakeHelper, store

from docker_magics.embedded.errors import ApiError
from docker_magics.embedded.networks.attachment import Attachments
from docker_magics.embedded.networks.network import Network
from docker_magics.embedded.networks.store import NetworkStore
from docker_magics.embedded.records.container import Container

PID = 100


class FakeProxy:
    """A `PortProxy` that only records ports."""

    def __init__(self) -> None:
        self.ports: dict[tuple[str, int, str], str] = {}

    def publish(self, ip: str, first: int, last: int, target: Any) -> int:
        for port in range(first or 32768, max(first or 60000, last) + 1):
            if (ip, port, target.protocol) not in self.ports:
                self.ports[ip, port, target.protocol] = f"{target.address()}:{target.port}"
                return port
        raise ApiError("port is already allocated")

    def check_free(self, ip: str, port: int, target: Any) -> None:
        if (ip, port, target.protocol) in self.ports:
            raise ApiError("port is already allocated")

    def withdraw(self, ip: str, port: int, protocol: str) -> None:
        del self.ports[ip, port, protocol]


class World:
    """Networks `web` (10.0.0.0/24), `db` (10.1.0.0/24, internal) and containers."""

    def __init__(
        self, folder: Path, *, isolated: bool = True, divides_loopback: bool = False
    ) -> None:
        self.folder = folder
        self.helper = FakeHelper()
        self.containers = FakeContainers()
        self.store: NetworkStore
        self.events: FakeEvents
        helper = self.helper if isolated else None
        self.store, self.events = store(folder, self.containers, helper)
        self.attachments = Attachments(
            self.store,
            self.containers,
            helper,  # type: ignore[arg-type]
            divides_loopback=divides_loopback,
        )
        self.proxy: FakeProxy = self.attachments._publishing._proxy  # type: ignore[assignment]  # noqa: SLF001

    def network(self, name: str, subnet: str, **body: Any) -> Network:
        """Create a network."""
        config = [{"Subnet": text} for text in subnet.split()]
        return self.store.create({"Name": name, "IPAM": {"Config": config}, **body})

    def container(self, name: str, *networks: str, **settings: Any) -> Container:
        """Create a container on networks; by default on the default bridge."""
        configs = settings.pop("configs", {})
        host_config = settings.pop("host_config", {})
        mode = {"NetworkMode": networks[0]} if networks else {}
        made = container(self.folder, name, host_config=mode | host_config, **settings)
        self.containers.containers.append(made)
        asked = {network: configs.get(network) for network in networks}
        self.attachments.prepare(made, {"EndpointsConfig": asked})
        return made

    def start(self, made: Container, pid: int = PID) -> Container:
        """Attach a container and start it."""
        self.attachments.attach(made, pid)
        self.attachments.files.write(made)
        start(made, pid)
        return made

    def end(self, made: Container) -> None:
        """End a container's process."""
        made.process = None
        self.attachments.detach(made)
