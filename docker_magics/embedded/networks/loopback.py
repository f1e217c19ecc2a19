"""The part of the machine's loopback that each container has, where it has no network of its own.

Containers do not share ports then: systrap translates what they bind and connect to, as
`systrap/addresses.h` says. A part has a number, which becomes the lower half of its addresses.
"""

from __future__ import annotations

import ipaddress
import threading

from ..ports import ContainerLookup
from ..records.container import Container
from ..runtime.spec import LoopbackSpec, Reach
from .store import NetworkStore

#: The machine's own programs, as containers reach them.
GATEWAY = "127.64.0.1"
PREFIX_LENGTH = 16
_FIRST = int(ipaddress.IPv4Address("127.64.0.0"))
#: Numbers: 0 and the gateway's are taken.
_FIRST_NUMBER, _NUMBERS = 2, 2**16 - 2
_PORT_SHIFT, _LEAST_PORT, _PORTS = 1537, 1024, 2**16


class Loopbacks:
    """Gives containers their parts of the loopback.

    Args:
        containers: every container of the engine.
        store: every network of the engine.
        enabled: whether the runtime driver divides the loopback.
    """

    def __init__(self, containers: ContainerLookup, store: NetworkStore, *, enabled: bool) -> None:
        self._containers = containers
        self._store = store
        self._enabled = enabled
        self._lock = threading.Lock()

    def of(self, container: Container) -> LoopbackSpec | None:
        """Return a container's part; None if it has the machine's network, or one of its own."""
        mode = container.host_config["NetworkMode"]
        if not self._enabled or mode == "host":
            return None
        if mode.startswith("container:"):
            return self.of(self._containers.get(mode.removeprefix("container:")))
        return {"number": self._number(container), "reach": self._reach(container, mode)}

    def _reach(self, container: Container, mode: str) -> Reach:
        if mode == "none":
            return "itself"
        return "containers" if self._store.is_internal(container) else "all"

    def _number(self, container: Container) -> int:
        """Return a container's number, which comes from its ID.

        Containers of other engines of this machine may have numbers, too.
        """
        with self._lock:
            if "Loopback" not in container.record:
                taken = {other.record.get("Loopback") for other in self._containers.all()}
                wanted = int(container.id[:12], 16)
                while (number := _FIRST_NUMBER + wanted % _NUMBERS) in taken:
                    wanted += 1
                container.record["Loopback"] = number
            return container.record["Loopback"]


def address(part: LoopbackSpec) -> str:
    """Return the address of a part, as all containers see it."""
    return str(ipaddress.IPv4Address(_FIRST + part["number"]))


def machine_port(port: int) -> int:
    """Return the port of the machine that stands for a container's, on its addresses."""
    shifted = port + _PORT_SHIFT
    return shifted if shifted < _PORTS else shifted - _PORTS + _LEAST_PORT
