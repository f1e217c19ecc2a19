"""The machine's ports, for containers: they answer at the networks' gateways, as with dockerd.

The gateways' addresses belong to the helper's network, not to the machine's. For each port that a
program of the machine opens on all addresses, a proxy listens there. Ports that are open on the
loopback alone stay closed. The proxy connects to the machine's own address and not to its loopback,
as servers may trust clients from there.

source: proc(5), /proc/net/tcp.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ..errors import ApiError
from .helper import NetworkHelper
from .proxy import PortProxy, Target

_log = logging.getLogger(__name__)
#: Seconds between two looks at the machine's ports.
_CHECK_S = 0.5
#: More ports than this are not served.
_MAX_PORTS = 512
#: What containers may use of the engine's descriptors: see `PortProxy`.
_PORT_SHARE, _TOTAL_SHARE = 64, 16
#: Protocol -> kind of socket, and the state of a socket that waits for clients, in /proc/net.
_PROTOCOLS = {"tcp": (socket.SOCK_STREAM, "0A"), "udp": (socket.SOCK_DGRAM, "07")}
#: An address for documentation: only the route to it is looked up.
_ELSEWHERE = ("192.0.2.1", 9)
_LOCAL_PORTS = Path("/proc/sys/net/ipv4/ip_local_port_range")

#: Protocol and number.
Port = tuple[str, int]


class HostPorts:
    """Serves the machine's ports in the network of the bridges.

    Args:
        helper: creates the listening sockets.
        is_needed: returns whether a container runs.
    """

    def __init__(self, helper: NetworkHelper, is_needed: Callable[[], bool]) -> None:
        self._helper = helper
        self._is_needed = is_needed
        self._lock = threading.Lock()
        self._proxy = PortProxy(_PORT_SHARE, _TOTAL_SHARE)
        self._listeners: dict[Port, socket.socket] = {}
        self._is_kept = False

    def update(self) -> None:
        """Serve the ports that are open now, and from now on those that are opened."""
        with self._lock:
            self._update()
            if not self._is_kept:
                self._is_kept = True
                threading.Thread(target=self._keep, name="host ports", daemon=True).start()

    def _keep(self) -> None:
        while True:
            time.sleep(_CHECK_S)
            if self._is_needed():
                try:
                    with self._lock:
                        self._update()
                except (OSError, ApiError) as error:  # descriptors are short, the helper is killed
                    _log.warning("cannot serve the machine's ports: %s", error)

    def _update(self) -> None:
        current = open_ports() if own_address() else set()
        for port in self._listeners.keys() - current:
            self._proxy.end(self._listeners.pop(port))
        for port in sorted(current - self._listeners.keys()):
            if len(self._listeners) < _MAX_PORTS:
                with contextlib.suppress(OSError):
                    self._serve(port)

    def _serve(self, port: Port) -> None:
        protocol, number = port
        kind, _ = _PROTOCOLS[protocol]
        listener = self._helper.socket(0, socket.AF_INET, kind)
        try:
            if kind == socket.SOCK_STREAM:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("", number))
            if kind == socket.SOCK_STREAM:
                listener.listen()
        except OSError:
            listener.close()
            raise
        self._listeners[port] = listener
        self._proxy.serve(listener, Target(own_address, number, protocol, socket.socket))


def own_address() -> str:
    """Return the machine's own IPv4 address, by which it reaches others; empty without one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def open_ports(folder: Path = Path("/proc/net")) -> set[Port]:
    """Return the ports that programs of the machine have opened on all addresses.

    Args:
        folder: has the files tcp, tcp6, udp and udp6.
    """
    return {
        (protocol, number)
        for protocol, (_, state) in _PROTOCOLS.items()
        for version in ("", "6")
        for number in _wildcard_ports(folder / f"{protocol}{version}", state)
        if protocol == "tcp" or number not in _clients_ports()
    }


def _wildcard_ports(path: Path, state: str) -> Iterator[int]:
    """Yield the ports of sockets in a state that are bound to all addresses.

    TCP's listening sockets come first: the others, which may be many, are not read.
    """
    with contextlib.suppress(OSError), path.open() as lines:
        next(lines, None)
        for line in lines:
            _, local, _, socket_state, *_ = line.split()
            address, _, number = local.partition(":")
            if socket_state != state:
                return
            if not address.strip("0"):
                yield int(number, 16)


def _clients_ports() -> range:
    """Return the ephemeral ports: the kernel assigns them to clients, not to servers."""
    try:
        first, last = map(int, _LOCAL_PORTS.read_text().split())
    except (OSError, ValueError):
        return range(0)
    return range(first, last + 1)
