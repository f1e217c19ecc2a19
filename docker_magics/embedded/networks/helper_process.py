"""The network helper process: it owns bridges and veth pairs in a network namespace.

There it is root, whichever user started the engine, and the host does not see what it creates: no
docker0, no firewall rule. It outlives an engine that is killed, so that containers keep their
networks; an engine that runs replaces it if it is killed. The engine's side is `helper.py`.

source: netlink(7), veth(4), rtnetlink(7).
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

from .. import descriptors, syscalls
from ..runtime import messages
from ..state import write_json
from . import netlink
from .helper import PID_FILE, SOCKET, Bridge, Veth
from .netlink import Netlink

_log = logging.getLogger(__name__)
_TIMEOUT_S = 30
_DISABLE_IPV6 = Path("/proc/sys/net/ipv6/conf/all/disable_ipv6")
_NET_SYSCTLS = Path("/proc/sys/net")
_IPV4_SYSCTLS = _NET_SYSCTLS / "ipv4"
#: Priorities of rules: the first that matches applies.
_OPEN, _CLOSED = 50, 100
#: The index of the loopback interface of each network namespace.
_LOOPBACK = 1


def fork(root: Path) -> int:
    """Start a helper, and return its PID.

    The engine is root of its namespaces already, and has one thread.

    Args:
        root: the engine's root folder.
    """
    listener = messages.listen(root, SOCKET)
    pid = os.fork()
    if pid == 0:
        _serve(listener, None)
    listener.close()
    write_json(root / PID_FILE, pid)  # replaces a link, and does not follow it
    return pid


def serve(listener: int, namespace: int) -> NoReturn:
    """Serve in place of a helper that has been killed.

    Args:
        listener: the descriptor of the listening socket.
        namespace: a descriptor of the network namespace.
    """
    _serve(socket.socket(fileno=listener), namespace)


def _serve(listener: socket.socket, namespace: int | None) -> NoReturn:
    """Serve in a new network namespace, or in that of a helper which has been killed."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    syscalls.set_name("docker-networks")
    try:
        _enter(namespace)
    except Exception as error:
        _refuse(listener, str(error))
    handler = RequestHandler(listener)
    while True:
        with descriptors.accept(listener) as sock, contextlib.suppress(OSError, ValueError):
            sock.settimeout(_TIMEOUT_S)
            if not handler.handle(sock):
                os._exit(0)


def _enter(namespace: int | None) -> None:
    if namespace is None:
        os.setsid()
        syscalls.unshare(syscalls.CLONE_NEWNET)
    else:
        syscalls.setns(namespace)
        os.close(namespace)
    with netlink.connection() as route:
        route.bring_up(_LOOPBACK)


def _refuse(listener: socket.socket, reason: str) -> NoReturn:
    """Answer the engine, which asks for the namespace first, with the reason; and end."""
    listener.settimeout(_TIMEOUT_S)
    with contextlib.suppress(OSError, ValueError):
        sock, _ = listener.accept()
        with sock:
            sock.settimeout(_TIMEOUT_S)
            messages.receive_line(sock)
            sock.sendall(reason.encode())
    os._exit(1)


class RequestHandler:
    """Handles the requests of `NetworkHelper`.

    Args:
        listener: the listening socket, which a request to quit shuts down.
    """

    _route: Netlink

    def __init__(self, listener: socket.socket) -> None:
        self._operations: dict[str, Callable[..., None]] = {
            "create_bridge": self.create_bridge,
            "connect_veth": self.connect_veth,
            "remove_interface": self.remove_interface,
            "set_default_routes": set_default_routes,
            "enable_loopback": enable_loopback,
            "enable_forwarding": enable_forwarding,
            # before the answer: an engine that starts next must not adopt a helper that ends
            "quit": lambda: listener.shutdown(socket.SHUT_RDWR),
        }
        # Nobody writes to the pipe: its read end hangs up when this process ends.
        self._exit_pipe, self._exit_pipe_writer = os.pipe()

    def handle(self, sock: socket.socket) -> bool:
        """Answer the request on a connection; return whether to go on.

        Raises:
            OSError, ValueError: the connection broke, or its data is not a request.
        """
        request = messages.receive_line(sock)
        operation = str(request.pop("operation", ""))
        if operation == "socket":
            _send_socket(sock, **request)
        elif operation == "namespace":
            with _open_namespace("self") as fd:
                socket.send_fds(sock, [b"."], [fd])
        elif operation == "exit_pipe":
            socket.send_fds(sock, [b"."], [self._exit_pipe])
        else:
            messages.send_line(sock, self._perform(operation, request))
        return operation != "quit"

    def _perform(self, operation: str, arguments: dict[str, Any]) -> dict[str, str]:
        """Return the answer: empty, or an error."""
        try:
            with netlink.connection() as self._route:
                self._operations[operation](**arguments)
        except Exception as error:
            _log.exception("%s %s", operation, arguments)
            return {"error": f"{operation}: {error}"}
        return {}

    def create_bridge(self, bridge: Bridge) -> None:
        """Create a bridge, and forward none of its packets to other networks. Idempotent."""
        if self._route.index(bridge["name"]):
            return
        self._route.add_bridge(bridge["name"])
        index = self._route.index(bridge["name"])
        for gateway in bridge["gateways"]:
            _add_address(self._route, index, gateway)
        self._route.bring_up(index)
        if bridge["subnet"]:
            self._divide(bridge)

    def _divide(self, bridge: Bridge) -> None:
        """Forward no IPv4 packets between a bridge and the others; no IPv6 is forwarded anyway."""
        subnet = bridge["subnet"]
        self._remove_rules_of(subnet)
        if bridge["internal"]:
            self._add_rule(_CLOSED, netlink.BLACKHOLE, subnet)
        else:  # the gateway itself answers containers of all networks
            gateway = bridge["gateways"][0].partition("/")[0]
            self._add_rule(_OPEN, netlink.TO_MAIN_TABLE, f"{gateway}/32")
        for other in bridge["others"]:
            self._add_rule(_CLOSED, netlink.PROHIBIT, subnet, other)
            self._add_rule(_CLOSED, netlink.PROHIBIT, other, subnet)

    def _remove_rules_of(self, subnet: str) -> None:
        """Remove the rules of an earlier network, which may have been of another kind."""
        addresses = ipaddress.ip_network(subnet)
        self._route.delete_rules(lambda source: ipaddress.ip_address(source) in addresses)

    def _add_rule(self, priority: int, action: int, source: str, destination: str = "") -> None:
        with contextlib.suppress(FileExistsError):
            self._route.add_rule(priority, action, source, destination)

    def connect_veth(self, veth: Veth) -> None:
        """Create a veth pair: one end on a bridge, the other one in a container."""
        self.remove_interface(veth["name"])
        pid = veth["pid"]
        self._route.add_veth(veth["name"], veth["peer"], pid, veth["mac"], veth["mtu"])
        index = self._route.index(veth["name"])
        self._route.connect_to_bridge(index, self._route.index(veth["bridge"]))
        self._route.bring_up(index)
        if veth["isolated"]:
            self._route.isolate_port(index)
        if any(":" in address for address in veth["addresses"]):
            with _network_of(pid):
                _DISABLE_IPV6.write_text("0")
        with _netlink_of(pid) as route:
            index = route.index(veth["peer"])
            for address in veth["addresses"]:
                _add_address(route, index, address)
            route.bring_up(index)
        with _network_of(pid):
            for path, value in veth["sysctls"]:
                _set_sysctl(_NET_SYSCTLS / path, value)

    def remove_interface(self, name: str) -> None:
        """Remove an interface, and the other end of a veth pair. Idempotent."""
        try:
            if index := self._route.index(name):
                self._route.delete_link(index)
        except OSError as error:
            if error.errno != errno.ENODEV:  # a container that exits takes its veth pair with it
                raise


def _set_sysctl(path: Path, value: str) -> None:
    """Set a sysctl, unless it has the value: /proc/sys may be read-only."""
    if not path.is_file():
        raise ValueError(f"{path} is not a sysctl file")
    if path.read_text().strip() != value:
        path.write_text(value)


def set_default_routes(pid: int, gateways: list[str]) -> None:
    """Set the default routes of a container; one that has exited needs none."""
    with contextlib.suppress(FileNotFoundError), _netlink_of(pid) as route:
        for gateway in gateways:
            route.set_default_route(gateway)


def enable_loopback(pid: int) -> None:
    """Bring the loopback interface of a container up."""
    with _netlink_of(pid) as route:
        route.bring_up(_LOOPBACK)


def enable_forwarding() -> None:
    """Forward packets to tap0, the interface of outbound connectivity.

    Those with a source that is not of their interface's network would pass the rules: they are
    dropped (`rp_filter`).
    """
    for name in ("conf/all/rp_filter", "ip_forward", "conf/all/proxy_arp"):
        (_IPV4_SYSCTLS / name).write_text("1")


def _send_socket(sock: socket.socket, pid: int, family: int, kind: int) -> None:
    """Answer with a socket, or with an error's text.

    It belongs to the network of the process `pid`, or to the bridges' if that is 0.
    """
    try:
        with _network_of(pid) if pid else contextlib.nullcontext():
            made = socket.socket(family, kind)
    except OSError as error:
        sock.sendall(str(error).encode())
        return
    with made:
        socket.send_fds(sock, [b"."], [made.fileno()])


def _add_address(route: Netlink, index: int, cidr: str) -> None:
    """Add an address such as `10.0.0.1/8` to an interface."""
    address, _, length = cidr.partition("/")
    route.add_address(index, address, int(length or (64 if ":" in address else 16)))


@contextlib.contextmanager
def _netlink_of(pid: int) -> Iterator[Netlink]:
    """Provide netlink in the network namespace of a process.

    A socket belongs to the namespace in which it was created.
    """
    with _network_of(pid):
        connection = netlink.connection()
    with connection as route:
        yield route


@contextlib.contextmanager
def _network_of(pid: int) -> Iterator[None]:
    """Enter the network namespace of a process, and return to the helper's."""
    with _open_namespace("self") as own:
        with _open_namespace(pid) as target:
            syscalls.setns(target)
        try:
            yield
        finally:
            syscalls.setns(own)


@contextlib.contextmanager
def _open_namespace(pid: int | str) -> Iterator[int]:
    """Provide a descriptor of the network namespace of a process."""
    fd = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield fd
    finally:
        os.close(fd)
