"""The network helper's client and its request handling, in one process and without namespaces."""

from __future__ import annotations

import errno
import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, NoReturn
from unittest.mock import Mock

import pytest

from docker_magics.embedded import processes
from docker_magics.embedded.errors import ApiError, Conflict
from docker_magics.embedded.networks import helper_process, netlink
from docker_magics.embedded.networks.helper import (
    PID_FILE,
    SOCKET,
    Bridge,
    NetworkHelper,
    Veth,
    running_pid,
)
from docker_magics.embedded.networks.helper_process import RequestHandler
from docker_magics.embedded.runtime import messages

BRIDGE: Bridge = {
    "name": "br-1",
    "gateways": ["10.0.0.1/24", "fd00::1/64"],
    "subnet": "10.0.0.0/24",
    "others": ["10.1.0.0/24"],
    "internal": True,
}
VETH: Veth = {
    "bridge": "br-1",
    "name": "veth1",
    "pid": 7,
    "peer": "eth0",
    "addresses": ["10.0.0.2/24", "fd00::2/64"],
    "mac": "02:42:0a:00:00:02",
    "mtu": 1400,
    "sysctls": [("ipv4/conf/eth0/log_martians", "1"), ("ipv4/conf/eth0/arp_filter", "0")],
    "isolated": True,
}


class FakeRoute:
    """A fake of netlink; keeps added interfaces and records all calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.indexes: dict[str, int] = {"lo": 1}
        self.failure: Exception | None = None

    def index(self, name: str) -> int:
        return self.indexes.get(name, 0)

    def add_bridge(self, name: str) -> None:
        self.calls.append(("add_bridge", name))
        self.indexes[name] = len(self.indexes) + 1

    def add_veth(self, name: str, peer: str, *details: Any) -> None:
        self.calls.append(("add_veth", name, peer, *details))
        for end in (name, peer):
            self.indexes.setdefault(end, len(self.indexes) + 1)

    def delete_link(self, index: int) -> None:
        self.calls.append(("delete_link", index))
        self.indexes = {n: i for n, i in self.indexes.items() if i != index}

    def of(self, method: str) -> list[tuple[Any, ...]]:
        """Return the arguments of the calls of a method."""
        return [call[1:] for call in self.calls if call[0] == method]

    def __getattr__(self, name: str) -> Any:
        def call(*values: Any) -> None:
            self.calls.append((name, *values))
            if self.failure:
                raise self.failure

        return call


@pytest.fixture
def route(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeRoute:
    """Replace netlink of the helper and of all containers; sysctls are temporary files."""
    fake = FakeRoute()

    @contextmanager
    def network_of(pid: int) -> Iterator[None]:
        fake.calls.append(("enter", pid))
        yield

    @contextmanager
    def netlink_of(pid: int) -> Iterator[FakeRoute]:
        fake.calls.append(("netlink", pid))
        yield fake

    monkeypatch.setattr(helper_process, "_network_of", network_of)
    monkeypatch.setattr(helper_process, "_netlink_of", netlink_of)
    monkeypatch.setattr(netlink, "connection", lambda: nullcontext(fake))
    monkeypatch.setattr(helper_process, "_DISABLE_IPV6", tmp_path / "disable_ipv6")
    monkeypatch.setattr(helper_process, "_IPV4_SYSCTLS", tmp_path)
    monkeypatch.setattr(helper_process, "_NET_SYSCTLS", tmp_path)
    (tmp_path / "ipv4/conf/eth0").mkdir(parents=True)
    for path, _ in VETH["sysctls"]:
        (tmp_path / path).write_text("0\n")
    return fake


def cannot_fork(_module: str, _fds: Sequence[int]) -> int:
    """Fail, as there is no zygote here."""
    raise AssertionError


@pytest.fixture
def helper(route: FakeRoute, tmp_path: Path) -> Iterator[NetworkHelper]:
    """The client of a handler that runs in a thread instead of the helper process."""
    assert not route.calls
    listener = messages.listen(tmp_path, SOCKET)
    handler = RequestHandler(listener)

    def serve() -> None:
        going_on = True
        while going_on:
            sock, _ = listener.accept()
            with sock:
                try:
                    going_on = handler.handle(sock)
                except OSError:
                    continue  # a connection that only checks whether the helper is running

    with listener:
        (tmp_path / PID_FILE).write_text(str(os.getpid()))
        thread = threading.Thread(target=serve)
        thread.start()
        client = NetworkHelper(tmp_path, cannot_fork)
        yield client
        client.quit()
        thread.join()
        os.close(handler._exit_pipe)  # noqa: SLF001 - the process would end here
        os.close(handler._exit_pipe_writer)  # noqa: SLF001


def test_a_bridge_has_gateways_and_rules(helper: NetworkHelper, route: FakeRoute) -> None:
    helper.create_bridge(BRIDGE)
    assert route.of("add_address") == [(2, "10.0.0.1", 24), (2, "fd00::1", 64)]
    assert route.of("add_rule") == [
        (100, netlink.BLACKHOLE, "10.0.0.0/24", ""),
        (100, netlink.PROHIBIT, "10.0.0.0/24", "10.1.0.0/24"),
        (100, netlink.PROHIBIT, "10.1.0.0/24", "10.0.0.0/24"),
    ]
    route.calls.clear()
    helper.create_bridge(BRIDGE)
    assert route.calls == []
    helper.remove_interface("br-1")
    helper.remove_interface("br-1")
    assert route.calls == [("delete_link", 2)]


def test_the_rules_of_an_earlier_network_are_removed(
    helper: NetworkHelper, route: FakeRoute
) -> None:
    helper.create_bridge(BRIDGE)
    [(is_inside,)] = route.of("delete_rules")
    assert [is_inside(a) for a in ("10.0.0.0", "10.0.0.254", "10.0.1.0")] == [True, True, False]


def test_the_gateway_of_an_open_network_answers_all_containers(
    helper: NetworkHelper, route: FakeRoute
) -> None:
    helper.create_bridge({**BRIDGE, "others": [], "internal": False})
    assert route.of("add_rule") == [(50, netlink.TO_MAIN_TABLE, "10.0.0.1/32", "")]


def test_a_veth_pair_is_between_bridge_and_container(
    helper: NetworkHelper, route: FakeRoute, tmp_path: Path
) -> None:
    helper.create_bridge({**BRIDGE, "others": [], "internal": False})
    route.calls.clear()
    helper.connect_veth(VETH)
    bridge, veth, eth0 = map(route.index, ("br-1", "veth1", "eth0"))
    assert route.calls[0] == ("add_veth", "veth1", "eth0", 7, VETH["mac"], 1400)
    assert route.calls[1] == ("connect_to_bridge", veth, bridge)
    assert ("isolate_port", veth) in route.calls
    assert route.of("add_address") == [(eth0, "10.0.0.2", 24), (eth0, "fd00::2", 64)]
    assert (tmp_path / "disable_ipv6").read_text() == "0"
    assert (tmp_path / "ipv4/conf/eth0/log_martians").read_text() == "1"
    route.calls.clear()
    unknown = [("ipv4/conf/eth0/none", "1")]
    with pytest.raises(ApiError, match="/ipv4/conf/eth0/none is not a sysctl file"):
        helper.connect_veth({**VETH, "pid": os.getpid(), "sysctls": unknown})
    route.calls.clear()
    helper.connect_veth({**VETH, "isolated": False, "addresses": ["10.0.0.2"], "mtu": 0})
    assert route.of("delete_link"), "the older pair of this name"
    assert not route.of("isolate_port")
    assert [length for _, _, length in route.of("add_address")] == [16]


def test_routes_loopback_and_forwarding(
    helper: NetworkHelper, route: FakeRoute, tmp_path: Path
) -> None:
    (tmp_path / "conf/all").mkdir(parents=True)
    helper.set_default_routes(7, ["10.0.0.1", "fd00::1"])
    helper.enable_loopback(8)
    helper.enable_forwarding()
    assert route.calls == [
        ("netlink", 7),
        ("set_default_route", "10.0.0.1"),
        ("set_default_route", "fd00::1"),
        ("netlink", 8),
        ("bring_up", 1),
    ]
    for name in ("ip_forward", "conf/all/proxy_arp", "conf/all/rp_filter"):
        assert (tmp_path / name).read_text() == "1"


def test_errors_reach_the_client_and_the_helper_goes_on(
    helper: NetworkHelper, route: FakeRoute
) -> None:
    route.failure = OSError(errno.EPERM, "Operation not permitted")
    with pytest.raises(ApiError, match=r"create_bridge: .*Operation not permitted"):
        helper.create_bridge(BRIDGE)
    route.failure = None
    helper.enable_loopback(7)
    with pytest.raises(ApiError, match="explode: 'explode'"):
        helper._request("explode")  # noqa: SLF001 - a request of another version
    assert helper.pid == os.getpid()


def test_a_container_that_has_ended_is_a_conflict(helper: NetworkHelper, route: FakeRoute) -> None:
    route.failure = OSError(errno.ESRCH, "No such process")
    with pytest.raises(Conflict, match="a container that has ended"):
        helper.connect_veth(VETH | {"pid": 1 << 30})
    with pytest.raises(ApiError, match="No such process"):
        helper.connect_veth(VETH | {"pid": os.getpid()})


def test_a_container_exits_while_it_is_disconnected(
    helper: NetworkHelper, route: FakeRoute, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kernel_removed_the_pair(index: int) -> NoReturn:
        route.calls.append(("delete_link", index))
        raise OSError(errno.ENODEV, "No such device")

    def has_exited(pid: int) -> NoReturn:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", f"/proc/{pid}/ns/net")

    monkeypatch.setattr(route, "delete_link", kernel_removed_the_pair)
    monkeypatch.setattr(helper_process, "_netlink_of", has_exited)
    route.indexes["veth1"] = 5
    helper.remove_interface("veth1")
    helper.set_default_routes(7, ["10.0.0.1"])
    assert route.calls == [("delete_link", 5)]


def test_existing_rules_are_no_error(
    helper: NetworkHelper, route: FakeRoute, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(route, "add_rule", Mock(side_effect=FileExistsError()))
    helper.create_bridge(BRIDGE)
    monkeypatch.setattr(route, "add_rule", Mock(side_effect=PermissionError("not permitted")))
    with pytest.raises(ApiError, match="not permitted"):
        helper.create_bridge({**BRIDGE, "name": "br-2"})


def test_sockets_are_created_in_the_containers_network(
    helper: NetworkHelper, route: FakeRoute
) -> None:
    with helper.socket(7, socket.AF_INET, socket.SOCK_DGRAM) as sock:
        assert (sock.family, sock.type) == (socket.AF_INET, socket.SOCK_DGRAM)
        assert not os.get_inheritable(sock.fileno())
    assert route.calls == [("enter", 7)]
    with helper.socket(0, socket.AF_INET6, socket.SOCK_STREAM) as sock:
        assert (sock.family, sock.type) == (socket.AF_INET6, socket.SOCK_STREAM)
    assert route.calls == [("enter", 7)], "the bridges' network is the helper's own"


def test_no_socket_is_created_for_an_exited_container(
    helper: NetworkHelper, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def ended(_pid: int) -> Iterator[None]:
        raise FileNotFoundError(errno.ENOENT, "No such file", "/proc/7/ns/net")
        yield

    monkeypatch.setattr(helper_process, "_network_of", ended)
    with pytest.raises(OSError, match="No such file"):
        helper.socket(7, socket.AF_INET, socket.SOCK_STREAM)


def test_a_killed_helper_is_replaced(
    tmp_path: Path, route: FakeRoute, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The replacement enters the namespace that the engine holds; requests are made again."""
    first = messages.listen(tmp_path, SOCKET)
    handler = RequestHandler(first)
    replacements: list[threading.Thread] = []

    def serve(listener: socket.socket, count: int) -> None:
        with listener:
            for _ in range(count):
                sock, _ = listener.accept()
                with sock, suppress(OSError):
                    handler.handle(sock)

    def start(listener: socket.socket, count: int) -> None:
        replacements.append(threading.Thread(target=serve, args=(listener, count)))
        replacements[-1].start()

    def fork(module: str, fds: Sequence[int]) -> int:
        assert module == helper_process.__name__
        listener, namespace = fds
        own = Path("/proc/self/ns/net").stat()
        assert os.path.samestat(os.fstat(namespace), own)
        start(socket.socket(fileno=os.dup(listener)), 2)
        return os.getpid()

    monkeypatch.setattr(processes, "keep", lambda _name, _pid, replace: kept.append(replace))
    kept: list[Callable[[int], bool]] = []
    start(first, 1)
    client = NetworkHelper(tmp_path, fork)
    client.keep()
    client.enable_loopback(7)
    assert [about for about in route.calls if about[0] == "netlink"] == [("netlink", 7)]
    assert client.recorded_pid == os.getpid()
    for thread in replacements:
        thread.join()
    assert len(replacements) == 2
    client.quit()
    assert not kept[0](1), "the engine ends"
    with pytest.raises(ApiError, match="try again"):
        client.enable_loopback(7)


def test_the_interfaces_of_the_helper(helper: NetworkHelper) -> None:
    assert "lo" in helper.interfaces()


def test_the_exit_pipe_is_a_copy_of_the_helpers(helper: NetworkHelper) -> None:
    with helper.exit_pipe() as fd:
        os.set_blocking(fd, False)
        with pytest.raises(BlockingIOError):
            os.read(fd, 1)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)


@pytest.mark.parametrize("recorded", [None, "", "x", "0", str(1 << 30)])
def test_a_helper_that_is_not_running(tmp_path: Path, recorded: str | None) -> None:
    if recorded is not None:
        (tmp_path / PID_FILE).write_text(recorded)
    client = NetworkHelper(tmp_path, cannot_fork)
    assert running_pid(tmp_path) == 0
    assert client.interfaces() == set()
    assert client.recorded_pid == (int(recorded) if (recorded or "").isdigit() else 0)
    with pytest.raises(ApiError, match="cannot reach the network helper process"):
        client.enable_loopback(7)
    client.quit()


def test_a_helper_that_quits_is_not_adopted(route: FakeRoute, tmp_path: Path) -> None:
    (tmp_path / PID_FILE).write_text(str(os.getpid()))
    client, server = socket.socketpair()
    with client, server, messages.listen(tmp_path, SOCKET) as listener:
        handler = RequestHandler(listener)
        assert running_pid(tmp_path) == os.getpid()
        messages.send_line(client, {"operation": "quit"})
        assert not handler.handle(server)
        assert messages.receive_line(client) == {}
        assert running_pid(tmp_path) == 0, "its process and its socket are still open"
    assert route.calls == []


def test_another_process_with_the_recorded_pid_is_not_the_helper(tmp_path: Path) -> None:
    (tmp_path / PID_FILE).write_text(str(os.getpid()))
    assert running_pid(tmp_path) == 0
