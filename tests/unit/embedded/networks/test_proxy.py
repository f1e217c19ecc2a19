"""Published ports of the embedded engine, without containers."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from docker_magics.embedded.errors import ApiError
from docker_magics.embedded.networks.proxy import PortProxy, Target

KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
HERE = "127.0.0.1"


def here() -> str:
    """Return the address of a container on this machine's loopback."""
    return HERE


@pytest.fixture(params=KINDS)
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """A server that echoes once."""
    kind = KINDS[request.param]

    def serve() -> None:
        if kind == socket.SOCK_DGRAM:
            data, sender = sock.recvfrom(100)
            sock.sendto(data, sender)
            return
        client, _ = sock.accept()
        with client:
            client.sendall(client.recv(100))

    with socket.socket(socket.AF_INET, kind) as sock:
        sock.settimeout(10)
        sock.bind((HERE, 0))
        if kind == socket.SOCK_STREAM:
            sock.listen()
        thread = threading.Thread(target=serve)
        thread.start()
        port = sock.getsockname()[1]
        yield Target(here, port, request.param, socket.socket)
        thread.join()


def test_data_is_forwarded_in_both_directions(target: Target) -> None:
    publisher = PortProxy()
    port = publisher.publish(HERE, 0, 0, target)
    with socket.socket(socket.AF_INET, KINDS[target.protocol]) as client:
        client.settimeout(10)
        client.connect((HERE, port))
        client.send(b"ping")
        assert client.recv(100) == b"ping"
    publisher.withdraw(HERE, port, target.protocol)
    with socket.socket(socket.AF_INET, KINDS[target.protocol]) as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind((HERE, port))


def test_a_port_is_published_once_and_a_range_uses_the_next() -> None:
    publisher = PortProxy()
    target = Target(here, 1, "tcp", socket.socket)
    with ExitStack() as stack:

        def publish(first: int, last: int) -> int:
            port = publisher.publish(HERE, first, last, target)
            stack.callback(publisher.withdraw, HERE, port, "tcp")
            return port

        first = publish(0, 0)
        with pytest.raises(ApiError, match=f"Bind for {HERE}:{first} failed: port is already"):
            publish(first, first)
        assert publish(first, first + 20) > first


def local(kind: int) -> socket.socket:
    """Return a socket that reaches this machine."""
    return socket.socket(socket.AF_INET, kind)


def test_a_connection_is_closed_if_the_container_does_not_listen() -> None:
    proxy = PortProxy()
    with socket.socket() as closed:
        closed.bind((HERE, 0))
        port = proxy.publish(
            HERE, 0, 0, Target(here, closed.getsockname()[1], "tcp", socket.socket)
        )
        with socket.create_connection((HERE, port), 10) as client:
            assert client.recv(1) == b""
    proxy.withdraw(HERE, port, "tcp")


def test_a_connection_is_closed_if_the_container_has_exited() -> None:
    def ended(_family: int, _kind: int) -> socket.socket:
        raise OSError("No such process")

    proxy = PortProxy()
    port = proxy.publish(HERE, 0, 0, Target(here, 80, "tcp", ended))
    for _ in range(2):
        with socket.create_connection((HERE, port), 10) as client:
            assert client.recv(1) == b""
    proxy.withdraw(HERE, port, "tcp")
    proxy.withdraw(HERE, port, "tcp")


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_ports_of_other_programs_are_in_use(protocol: str) -> None:
    proxy = PortProxy()
    target = Target(here, 80, protocol, socket.socket)
    with socket.socket(socket.AF_INET, KINDS[protocol]) as other:
        other.bind((HERE, 0))
        port = other.getsockname()[1]
        if protocol == "tcp":
            other.listen()
        message = f"Error starting userland proxy: listen {protocol}4 {HERE}:{port}: bind: address already in use"  # noqa: E501
        with pytest.raises(ApiError, match=re.escape(message)):
            proxy.publish(HERE, port, port, target)
        with pytest.raises(ApiError, match="address already in use"):
            proxy.check_free(HERE, port, target)
    proxy.check_free(HERE, port, target)
    proxy.check_free(HERE, port, target)


def test_addresses_that_are_not_the_host_s() -> None:
    with pytest.raises(ApiError, match="bind: cannot assign requested address"):
        PortProxy().publish("203.0.113.7", 0, 0, Target(here, 80, "tcp", socket.socket))


def test_an_address_conflicts_with_all_addresses() -> None:
    proxy = PortProxy()
    target = Target(here, 80, "udp", socket.socket)
    port = proxy.publish("0.0.0.0", 0, 0, target)
    with pytest.raises(ApiError, match=f"Bind for {HERE}:{port} failed: port is already allocated"):
        proxy.publish(HERE, port, port, target)
    proxy.withdraw("0.0.0.0", port, "udp")


def test_datagrams_of_several_clients_are_kept_apart() -> None:
    proxy = PortProxy()
    with ExitStack() as stack:
        server = stack.enter_context(local(socket.SOCK_DGRAM))
        server.bind((HERE, 0))
        server.settimeout(10)
        port = proxy.publish(
            HERE, 0, 0, Target(here, server.getsockname()[1], "udp", socket.socket)
        )
        clients = [stack.enter_context(local(socket.SOCK_DGRAM)) for _ in range(2)]
        for number, client in enumerate(clients):
            client.settimeout(10)
            client.connect((HERE, port))
            client.send(b"%d" % number)
            data, sender = server.recvfrom(10)
            assert data == b"%d" % number
            server.sendto(b"to %d" % number, sender)
        assert [client.recv(10) for client in clients] == [b"to 0", b"to 1"]
        clients[0].send(b"again")
        assert server.recvfrom(10)[0] == b"again"
    proxy.withdraw(HERE, port, "udp")


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_a_flood_at_one_port_leaves_descriptors_for_others(
    protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("docker_magics.embedded.descriptors.limit", lambda: 16)
    proxy, made = PortProxy(), []

    def count(family: int, kind: int) -> socket.socket:
        made.append(kind)
        return socket.socket(family, kind)

    with ExitStack() as stack:
        server = stack.enter_context(local(KINDS[protocol]))
        server.bind((HERE, 0))
        if protocol == "tcp":
            server.listen()
        target = Target(here, server.getsockname()[1], protocol, count)
        ports = [proxy.publish(HERE, 0, 0, target) for _ in range(3)]

        def connect(port: int) -> socket.socket:
            client = stack.enter_context(local(KINDS[protocol]))
            client.settimeout(10)
            client.connect((HERE, port))
            client.send(b"x")
            return client

        def wait_for(count: int) -> None:
            deadline = time.monotonic() + 10
            while len(made) < count and time.monotonic() < deadline:
                time.sleep(0.01)
            time.sleep(0.1)
            assert len(made) == count

        clients = [connect(ports[0]) for _ in range(6)]
        wait_for(2)  # of 16 descriptors, one port takes a quarter
        for port in ports[1:]:
            clients += [connect(port) for _ in range(6)]
        wait_for(4)  # and all take a half
        if protocol == "tcp":
            closed = [client for client in clients if is_closed(client)]
            assert len(closed) == 14
            for client in clients:
                client.shutdown(socket.SHUT_RDWR) if client not in closed else None
        for port in ports:
            proxy.withdraw(HERE, port, protocol)


def is_closed(client: socket.socket) -> bool:
    """Whether the other side has closed a connection on which nothing is sent."""
    client.settimeout(0.05)
    try:
        return client.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True


def test_slots_are_free_again_once_connections_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("docker_magics.embedded.descriptors.limit", lambda: 8)
    proxy = PortProxy()
    with local(socket.SOCK_STREAM) as server:
        server.bind((HERE, 0))
        server.listen()
        port = proxy.publish(
            HERE, 0, 0, Target(here, server.getsockname()[1], "tcp", socket.socket)
        )
        for _ in range(4):
            with socket.create_connection((HERE, port), 10) as client:
                accepted, _ = server.accept()
                accepted.close()
                client.shutdown(socket.SHUT_WR)
                assert client.recv(1) == b""
            time.sleep(0.1)
    proxy.withdraw(HERE, port, "tcp")
