"""The machine's ports are served in the network of the bridges."""

from __future__ import annotations

import errno
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from docker_magics.embedded.errors import ApiError
from docker_magics.embedded.networks import host_ports
from docker_magics.embedded.networks.host_ports import HostPorts

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
NOWHERE = "0" * 32


def line(address: str, port: int, state: str) -> str:
    return f"   0: {address}:{port:04X} 00000000:0000 {state} 00000000:00000000 00:00000000 0 0\n"


def test_open_ports_are_those_that_are_bound_to_all_addresses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tcp = [("00000000", 80, "0A"), ("0100007F", 81, "0A"), ("0500A8C0", 82, "0A")]
    tcp += [("00000000", 83, "01"), ("00000000", 84, "0A")]
    (tmp_path / "tcp").write_text(HEAD + "".join(line(*entry) for entry in tcp))
    tcp6 = [(NOWHERE, 8080, "0A"), (f"{NOWHERE[:-8]}01000000", 8081, "0A")]
    (tmp_path / "tcp6").write_text(HEAD + "".join(line(*entry) for entry in tcp6))
    udp = [("00000000", 53, "07"), ("00000000", 40000, "07"), ("00000000", 54, "01")]
    (tmp_path / "udp").write_text(HEAD + "".join(line(*entry) for entry in udp))
    local_ports = tmp_path / "local"
    monkeypatch.setattr(host_ports, "_LOCAL_PORTS", local_ports)
    tcp_ports = {("tcp", 80), ("tcp", 8080)}
    assert host_ports.open_ports(tmp_path) == {*tcp_ports, ("udp", 53), ("udp", 40000)}
    local_ports.write_text("32768\t60999\n")
    assert host_ports.open_ports(tmp_path) == {*tcp_ports, ("udp", 53)}, "a client's socket"


class LocalHelper:
    """A helper whose network is this machine's: what is asked for gets a free port instead."""

    def __init__(self) -> None:
        self.sockets: list[socket.socket] = []
        self.failing = False

    def socket(self, pid: int, family: int, kind: int) -> Any:
        assert pid == 0
        helper = self

        class Free(socket.socket):
            def bind(self, _address: Any) -> None:
                if helper.failing:
                    raise OSError(errno.EADDRINUSE, "in use")
                super().bind(("127.0.0.1", 0))

        self.sockets.append(Free(family, kind))
        return self.sockets[-1]


@pytest.fixture
def helper(monkeypatch: pytest.MonkeyPatch) -> LocalHelper:
    """The helper; the machine's own address is the loopback's."""
    monkeypatch.setattr(host_ports, "own_address", lambda: "127.0.0.1")
    return LocalHelper()


def test_ports_are_served_while_they_are_open(
    helper: LocalHelper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_ports, "_CHECK_S", 0.01)
    with socket.create_server(("127.0.0.1", 0)) as server:
        current = {("tcp", server.getsockname()[1]), ("udp", 7)}
        monkeypatch.setattr(host_ports, "open_ports", lambda: set(current))
        needed = threading.Event()
        ports = HostPorts(helper, needed.is_set)  # type: ignore[arg-type]
        ports.update()
        served = next(sock for sock in helper.sockets if sock.type == socket.SOCK_STREAM)
        with socket.create_connection(served.getsockname(), 10) as client:
            accepted, _ = server.accept()
            with accepted:
                client.sendall(b"asked")
                assert accepted.recv(10) == b"asked"
    current.clear()
    assert [sock.fileno() >= 0 for sock in helper.sockets] == [True, True]
    needed.set()
    for sock in helper.sockets:
        while sock.fileno() >= 0:
            threading.Event().wait(0.01)
    needed.clear()


def test_a_port_that_cannot_be_served_is_left_out(
    helper: LocalHelper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_ports, "open_ports", lambda: {("tcp", 80)})
    helper.failing = True
    ports = HostPorts(helper, lambda: False)  # type: ignore[arg-type]
    ports.update()
    assert helper.sockets[0].fileno() == -1
    helper.failing = False
    monkeypatch.setattr(host_ports, "_MAX_PORTS", 0)
    ports.update()
    assert len(helper.sockets) == 1


def test_a_machine_without_an_address_has_no_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_ports, "_ELSEWHERE", ("256.0.0.1", 9))
    assert host_ports.own_address() == ""
    monkeypatch.setattr(host_ports, "_ELSEWHERE", ("127.0.0.2", 9))
    assert host_ports.own_address() == "127.0.0.1"
    monkeypatch.setattr(host_ports, "own_address", lambda: "")
    monkeypatch.setattr(host_ports, "open_ports", lambda: 1 / 0)
    HostPorts(None, lambda: False).update()  # type: ignore[arg-type]


def test_a_failure_does_not_end_the_updates(
    helper: LocalHelper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Descriptors are short, or the network helper is killed and cannot be replaced."""
    monkeypatch.setattr(host_ports, "_CHECK_S", 0.01)
    monkeypatch.setattr(host_ports, "open_ports", set)
    outcomes = iter([None, OSError(errno.EMFILE, "too many open files"), ApiError("killed")])
    went_on = threading.Event()

    def own_address() -> str:
        outcome = next(outcomes, went_on)
        if isinstance(outcome, Exception):
            raise outcome
        if outcome is went_on:
            went_on.set()
        return "127.0.0.1"

    monkeypatch.setattr(host_ports, "own_address", own_address)
    HostPorts(helper, lambda: not went_on.is_set()).update()  # type: ignore[arg-type]
    assert went_on.wait(10)
