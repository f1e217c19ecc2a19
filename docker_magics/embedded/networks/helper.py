"""The client of the network helper process, which owns the engine's bridges and veth pairs.

The engine sends one request after another over a socket in its root folder. The process side is
`helper_process.py`.

The engine holds the network namespace of the helper open. If the helper is killed, bridges and
veth pairs stay as they are, and another helper enters the namespace.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypedDict, TypeVar

from .. import processes
from ..errors import ApiError, Conflict
from ..runtime import messages
from ..state import write_json

#: The helper's socket and PID file, in the engine's root folder.
SOCKET = "networks.sock"
PID_FILE = "networks.pid"
_ANSWER_SIZE = 4096
_MODULE = "docker_magics.embedded.networks.helper_process"
#: How often a request is made if the helper is killed meanwhile.
_ATTEMPTS = 3
#: How long a killed helper may take to end.
_END_S = 1.0

_Answer = TypeVar("_Answer")


class Bridge(TypedDict):
    """A bridge interface.

    Attributes:
        name: of the interface.
        gateways: its addresses, in CIDR notation: the default gateways of its containers.
        subnet: the network's IPv4 subnet; empty for none.
        others: the subnets of other networks, to which no packet is forwarded.
        internal: whether packets are forwarded nowhere.
    """

    name: str
    gateways: list[str]
    subnet: str
    others: list[str]
    internal: bool


class Veth(TypedDict):
    """A veth pair between a bridge and a container.

    Attributes:
        bridge: the name of the bridge interface.
        name: of the end at the bridge.
        pid: of a process in the container.
        peer: the name of the container's end, `eth0`.
        addresses: the container's, in CIDR notation.
        mac: the container's MAC address.
        mtu: in bytes; 0 for the kernel's default.
        sysctls: paths below /proc/sys/net, and values.
        isolated: whether the container reaches no other isolated container of the bridge.
    """

    bridge: str
    name: str
    pid: int
    peer: str
    addresses: list[str]
    mac: str
    mtu: int
    sysctls: list[tuple[str, str]]
    isolated: bool


def running_pid(root: Path) -> int:
    """Return the PID of the running helper of a root folder; 0 without one."""
    pid = _recorded_pid(root)
    if not os.path.exists(f"/proc/{pid}/ns/net"):
        return 0
    try:
        messages.connect(root, SOCKET).close()
    except OSError:
        return 0
    return pid


def _recorded_pid(root: Path) -> int:
    try:
        return int((root / PID_FILE).read_text())
    except (OSError, ValueError):
        return 0


class NetworkHelper:
    """Sends requests to the network helper process.

    Every method that changes something raises ApiError if the helper fails or does not answer, and
    Conflict if the container has ended.

    Args:
        root: the engine's root folder.
        fork: starts a module in a process with descriptors, and returns its PID.
    """

    def __init__(self, root: Path, fork: Callable[[str, Sequence[int]], int]) -> None:
        self._root = root
        self._fork = fork
        self._lock = threading.Lock()
        self._namespace: int | None = None
        self._is_closed = False

    @property
    def recorded_pid(self) -> int:
        """The PID of the latest helper, running or not; 0 without one."""
        return _recorded_pid(self._root)

    @property
    def pid(self) -> int:
        """The PID of the running helper; 0 without one."""
        return running_pid(self._root)

    def keep(self) -> None:
        """Replace the helper whenever it ends. The engine may have threads from now on."""
        self._namespace = self._namespace_of_new(self.recorded_pid)
        processes.keep("the network helper process", lambda: self.recorded_pid, self._replace)

    def _replace(self, _ended: int) -> bool:
        self._start_anew()
        return not self._is_closed

    def _start_anew(self) -> None:
        """Start another helper, unless one runs or the engine ends."""
        with self._lock:
            if self._namespace is None or self._is_closed:
                return
            processes.wait_for_end(self.recorded_pid, _END_S)  # it may be about to
            if running_pid(self._root):
                return
            with messages.listen(self._root, SOCKET) as listener:
                pid = self._fork(_MODULE, (listener.fileno(), self._namespace))
            os.close(self._namespace_of_new(pid))
            write_json(self._root / PID_FILE, pid)

    def _namespace_of_new(self, pid: int) -> int:
        """Return a descriptor of the network namespace of a helper, which it has entered.

        Raises:
            StartError: it has ended instead.
        """
        try:
            return self._ask_for_descriptor("namespace")
        except OSError as error:
            is_answer = error.errno == errno.ENOTCONN
            reason = error.strerror if is_answer else processes.reason_of_end(pid)
            raise processes.StartError(f"cannot start the network helper: {reason}") from error

    def interfaces(self) -> set[str]:
        """Return the names of the interfaces in the helper's namespace; empty without a helper."""
        try:
            lines = Path(f"/proc/{self.recorded_pid}/net/dev").read_text().splitlines()
        except OSError:
            return set()
        return {line.partition(":")[0].strip() for line in lines[2:]}

    def create_bridge(self, bridge: Bridge) -> None:
        """Create a bridge. Idempotent."""
        self._request("create_bridge", bridge=bridge)

    def connect_veth(self, veth: Veth) -> None:
        """Connect a container to a bridge."""
        self._request("connect_veth", inside=veth["pid"], veth=veth)

    def remove_interface(self, name: str) -> None:
        """Remove a bridge, or a veth pair by the end at its bridge. Idempotent."""
        self._request("remove_interface", name=name)

    def set_default_routes(self, pid: int, gateways: list[str]) -> None:
        """Set the default routes of a container.

        Args:
            pid: of a process in the container.
            gateways: an IPv4 address, an IPv6 address, or both.
        """
        self._request("set_default_routes", inside=pid, pid=pid, gateways=gateways)

    def enable_loopback(self, pid: int) -> None:
        """Bring the loopback interface of a container up, given the PID of its process."""
        self._request("enable_loopback", inside=pid, pid=pid)

    def enable_forwarding(self) -> None:
        """Forward packets between the bridges and the interface of outbound connectivity."""
        self._request("enable_forwarding")

    def quit(self) -> None:
        """End the helper, if it runs."""
        self._is_closed = True
        with contextlib.suppress(OSError):
            self._ask("quit")

    def socket(self, pid: int, family: int, kind: int) -> socket.socket:
        """Return a socket that belongs to a container's network, or to that of the bridges.

        The helper creates it: an engine of an ordinary user could enter the network namespace, but
        not return to the host's.

        Args:
            pid: of a process in the container; 0 for the network of the bridges.
            family: `socket.AF_INET` or `socket.AF_INET6`.
            kind: `socket.SOCK_STREAM` or `socket.SOCK_DGRAM`.

        Raises:
            OSError: the container has ended.
        """
        return socket.socket(fileno=self._descriptor("socket", pid=pid, family=family, kind=kind))

    @contextlib.contextmanager
    def exit_pipe(self) -> Iterator[int]:
        """Provide a descriptor that hangs up when the helper ends."""
        fd = self._descriptor("exit_pipe")
        try:
            yield fd
        finally:
            os.close(fd)

    def _request(self, operation: str, *, inside: int = 0, **arguments: Any) -> None:
        """Send a request; `inside` is the PID of the container that it is about."""
        try:
            answer = self._retry(lambda: self._ask(operation, **arguments))
        except processes.StartError as error:
            raise ApiError(str(error)) from error
        except OSError as error:
            reason = f"cannot reach the network helper process: {error}; try again"
            raise ApiError(reason) from error
        if "error" in answer:
            if inside and not os.path.exists(f"/proc/{inside}/ns/net"):
                raise Conflict("cannot change the network of a container that has ended")
            raise ApiError(answer["error"])

    def _ask(self, operation: str, **arguments: Any) -> dict[str, Any]:
        with messages.connect(self._root, SOCKET) as sock:
            messages.send_line(sock, {"operation": operation, **arguments})
            return messages.receive_line(sock)

    def _descriptor(self, operation: str, **arguments: int) -> int:
        return self._retry(lambda: self._ask_for_descriptor(operation, **arguments))

    def _ask_for_descriptor(self, operation: str, **arguments: int) -> int:
        with messages.connect(self._root, SOCKET) as sock:
            messages.send_line(sock, {"operation": operation, **arguments})
            data, fds, _, _ = socket.recv_fds(sock, _ANSWER_SIZE, 1)
        if not data:
            raise ConnectionResetError("the network helper process has ended")
        if not fds:
            raise OSError(errno.ENOTCONN, data.decode(errors="replace"))
        os.set_inheritable(fds[0], False)  # noqa: FBT003 - it has no name
        return fds[0]

    def _retry(self, request: Callable[[], _Answer]) -> _Answer:
        """Make a request, again if the helper is killed meanwhile: all requests are idempotent."""
        for _ in range(_ATTEMPTS - 1):
            with contextlib.suppress(ConnectionError, FileNotFoundError):
                return request()
            with contextlib.suppress(ConnectionError):  # the new one is killed too
                self._start_anew()
        self._start_anew()
        return request()
