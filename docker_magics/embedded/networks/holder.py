"""The process that owns the engine's networks: bridges and veth pairs in a namespace of its own.

There it is root, whoever started the engine, and nothing of it appears on the machine: no docker0,
no rule. It outlives an engine that is killed, so that containers keep their networks.

source: netlink(7), veth(4); pyroute2.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from .. import syscalls
from ..errors import ApiError
from ..runtime import messages
from . import netlink

if TYPE_CHECKING:
    from pyroute2 import IPRoute

_log = logging.getLogger(__name__)
SOCKET = "networks.sock"
PID = "networks.pid"
_ANSWER = 4096
_NO_IPV6 = Path("/proc/sys/net/ipv6/conf/all/disable_ipv6")
#: source: linux/if_addr.h, IFA_F_NODAD.
_NO_DAD = 0x02


class Holder:
    """The engine's side: asks the holder for one change after another.

    Args:
        root: the engine's root folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def written_pid(self) -> int:
        """The PID of the latest holder, running or not; 0 where there was none."""
        try:
            return int((self._root / PID).read_text())
        except (OSError, ValueError):
            return 0

    @property
    def pid(self) -> int:
        """The holder's PID; 0 where there is none."""
        pid = self.written_pid
        return pid if os.path.exists(f"/proc/{pid}/ns/net") and self._answers() else 0

    def _answers(self) -> bool:
        try:
            messages.connect(self._root, SOCKET).close()
        except OSError:
            return False
        return True

    def ask(self, op: str, **values: Any) -> dict[str, Any]:
        """Have something done.

        Raises:
            ApiError: it cannot be done.
        """
        try:
            with messages.connect(self._root, SOCKET) as sock:
                messages.send_line(sock, {"op": op, **values})
                answer = messages.receive_line(sock)
        except OSError as error:
            raise ApiError(f"the networks' holder does not answer: {error}") from error
        if "error" in answer:
            raise ApiError(answer["error"])
        return answer

    def socket(self, pid: int, kind: int) -> socket.socket:
        """A socket in a container's network, of a kind as `socket.SOCK_STREAM`.

        The holder makes it: who is in the machine's network could enter the container's, but, as
        an ordinary user, not come back.

        Raises:
            OSError: the container has ended.
        """
        return socket.socket(fileno=self._descriptor({"op": "socket", "pid": pid, "kind": kind}))

    @contextlib.contextmanager
    def lifeline(self) -> Iterator[int]:
        """A descriptor that hangs up when the holder ends, for a process that is to end then."""
        fd = self._descriptor({"op": "lifeline"})
        try:
            yield fd
        finally:
            os.close(fd)

    def _descriptor(self, request: dict[str, Any]) -> int:
        with messages.connect(self._root, SOCKET) as sock:
            messages.send_line(sock, request)
            data, fds, _, _ = socket.recv_fds(sock, _ANSWER, 1)
        if not fds:
            raise OSError(errno.ENOTCONN, data.decode(errors="replace"))
        os.set_inheritable(fds[0], False)  # noqa: FBT003 - it has no name
        return fds[0]

    def quit(self) -> None:
        """Let it end."""
        with contextlib.suppress(ApiError):
            self.ask("quit")


def fork(root: Path) -> int:
    """Start a holder; the engine is already root of its namespaces, and has one thread."""
    listener = messages.listen(root, SOCKET)
    pid = os.fork()
    if pid == 0:
        try:
            _serve(listener)
        except Exception:
            _log.exception("the networks' holder")
        os._exit(1)
    listener.close()
    (root / PID).write_text(str(pid))
    return pid


def _serve(listener: socket.socket) -> NoReturn:
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    syscalls.set_name("docker-networks")
    syscalls.unshare(syscalls.CLONE_NEWNET)
    with netlink.connection() as route:
        networks = _Networks(route)
        route.link("set", index=1, state="up")
        reader, _writer = os.pipe()
        while True:
            sock, _ = listener.accept()
            with sock, contextlib.suppress(OSError, ValueError):
                sock.settimeout(30)
                request = messages.receive_line(sock)
                op = request.pop("op")
                if op == "socket":
                    _give_socket(sock, **request)
                elif op == "lifeline":
                    socket.send_fds(sock, [b"."], [reader])
                else:
                    messages.send_line(sock, networks.answer(op, request))
                if op == "quit":
                    os._exit(0)


def _give_socket(sock: socket.socket, pid: int, kind: int) -> None:
    """Answer with a socket of a container's network."""
    try:
        with _being_in(pid):
            made = socket.socket(socket.AF_INET, kind)
    except OSError as error:
        sock.sendall(str(error).encode())
        return
    with made:
        socket.send_fds(sock, [b"."], [made.fileno()])


class _Networks:
    def __init__(self, route: IPRoute) -> None:
        self._route = route

    def answer(self, op: str, values: dict[str, Any]) -> dict[str, Any]:
        operations: dict[str, Callable[..., None]] = {
            "bridge": self.bridge,
            "remove": self.remove,
            "plug": self.plug,
            "route": self.route,
            "unplug": self.remove,
            "loopback": self.loopback,
            "outbound": self.outbound,
            "quit": lambda: None,
        }
        try:
            operations[op](**values)
        except Exception as error:
            _log.exception("%s %s", op, values)
            return {"error": f"{op}: {error}"}
        return {}

    def bridge(
        self,
        name: str,
        gateways: list[str],
        others: list[str],
        subnet: str,
        internal: bool,  # noqa: FBT001 - has its name in the message
    ) -> None:
        """A bridge with its addresses; what comes from it goes to no other network."""
        if self._index(name):
            return
        self._route.link("add", ifname=name, kind="bridge")
        index = self._index(name)
        for gateway in gateways:
            _add_address(self._route, index, gateway)
        self._route.link("set", index=index, state="up")
        if internal:
            self._rule(src=subnet, action="blackhole")
        for other in others:
            self._forbid(subnet, other)
            self._forbid(other, subnet)

    def _forbid(self, source: str, target: str) -> None:
        self._rule(src=source, dst=target, action="prohibit")

    def _rule(self, **values: str) -> None:
        from pyroute2.netlink.exceptions import NetlinkError

        try:
            self._route.rule("add", priority=100, **values)
        except NetlinkError as error:
            if error.code != errno.EEXIST:
                raise

    def remove(self, name: str) -> None:
        """Take an interface away, with its other end."""
        if index := self._index(name):
            self._route.link("del", index=index)

    def plug(
        self,
        bridge: str,
        name: str,
        pid: int,
        inside: str,
        addresses: list[str],
        mac: str,
        mtu: int,
        isolated: bool,  # noqa: FBT001 - has its name in the message
    ) -> None:
        """Connect a container: a veth pair, one end on the bridge, the other one in it.

        Args:
            bridge: the network's.
            name: of the end on the bridge.
            pid: of a process in the container.
            inside: of the container's end, `eth0`.
            addresses: the container's, with the lengths of their prefixes.
            mac: its hardware address.
            mtu: its largest packet in bytes; 0 for the kernel's own choice.
            isolated: whether others that are isolated do not reach it.
        """
        self.remove(name)
        size = {"mtu": mtu} if mtu else {}
        peer = {"ifname": inside, "net_ns_pid": pid, "address": mac, **size}
        self._route.link("add", ifname=name, kind="veth", peer=peer, **size)
        index = self._index(name)
        self._route.link("set", index=index, master=self._index(bridge), state="up")
        if isolated:
            self._route.brport("set", index=index, isolated=1)
        if any(":" in each for each in addresses):
            with _being_in(pid):
                _NO_IPV6.write_text("0")
        with _within(pid) as route:
            end = route.link_lookup(ifname=inside)[0]
            for each in addresses:
                _add_address(route, end, each)
            route.link("set", index=end, state="up")

    def route(self, pid: int, gateways: list[str]) -> None:
        """Let a container's default routes be by gateways."""
        with _within(pid) as route:
            for gateway in gateways:
                everywhere = "::/0" if ":" in gateway else "default"
                route.route("replace", gateway=gateway, dst=everywhere)

    def loopback(self, pid: int) -> None:
        """Bring a container's loopback up."""
        with _within(pid) as route:
            route.link("set", index=1, state="up")

    def outbound(self) -> None:
        """Let packets through to the way out, tap0."""
        for path in ("ip_forward", "conf/all/proxy_arp"):
            Path(f"/proc/sys/net/ipv4/{path}").write_text("1")

    def _index(self, name: str) -> int:
        found = self._route.link_lookup(ifname=name)
        return int(found[0]) if found else 0


def _add_address(route: IPRoute, index: int, text: str) -> None:
    """Give an interface an address, `10.0.0.1/8`."""
    address, _, length = text.partition("/")
    is_ipv6 = ":" in address
    # of IPv6, nobody needs to be asked whether it is taken, and it can be used at once
    more = {"flags": _NO_DAD} if is_ipv6 else {}
    prefix = int(length or (64 if is_ipv6 else 16))
    route.addr("add", index=index, address=address, prefixlen=prefix, **more)


@contextlib.contextmanager
def _within(pid: int) -> Iterator[IPRoute]:
    """Netlink of another network namespace: a socket belongs to where it was made."""
    with _being_in(pid):
        route = netlink.connection()
    with route:
        yield route


@contextlib.contextmanager
def _being_in(pid: int) -> Iterator[None]:
    """Be in a container's network, and then in the holder's again."""
    own = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    there = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        syscalls.setns(there)
        try:
            yield
        finally:
            syscalls.setns(own)
    finally:
        os.close(own)
        os.close(there)
