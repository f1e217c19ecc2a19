"""Published ports as the container sees them, and the machine's ports; for root and a user."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest
from embedded.faults import wait_until
from embedded.kinds import python_of

from docker_magics import docker
from docker_magics.embedded.networks import host_ports
from tools import engines, images
from tools.daemons import run

#: Tells each client its own address.
SERVER = """
use IO::Socket::IP;
my $s = IO::Socket::IP->new(LocalHost => "%s", LocalPort => 80, Listen => 5) or die;
print "ready\\n"; STDOUT->flush();
while (my $c = $s->accept()) { print $c $c->peerhost() . "\\n"; close $c }
"""
DATAGRAMS = """
use IO::Socket::INET;
my $s = IO::Socket::INET->new(LocalPort => 80, Proto => "udp") or die;
print "ready\\n"; STDOUT->flush();
while ($s->recv(my $data, 100)) { $s->send($s->peerhost() . "\\n") }
"""


@pytest.fixture(scope="module", params=["root", "www-data"])
def user(request: pytest.FixtureRequest) -> Iterator[str]:
    """Who runs the engine that the tests use."""
    with (
        python_of(request.param, has_ids=True) as python,
        engines.embedded(*python) as address,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("DOCKER_HOST", address)
        images.provide(address, "busybox", "debian")
        yield request.param


@contextlib.contextmanager
def server(options: str, script: str = SERVER % "0.0.0.0") -> Iterator[int]:
    """Run the server in a container; yield the port that it is published on."""
    docker(f"run -d --name server {options} debian perl -e {{script}}", script=script)
    try:
        wait_until(lambda: "ready" in str(docker("logs server")))
        row = docker("port server").iloc[0]
        yield int(row["HOST PORT"])
    finally:
        docker("rm -f server")


def gateway(network: str) -> str:
    """Return the gateway of a network."""
    format_ = "{{(index .IPAM.Config 0).Gateway}}"
    return docker(
        "network inspect -f {format_} {network}", format_=format_, network=network
    ).strip()


def ask(host: str, port: int, kind: int = socket.SOCK_STREAM) -> str:
    """Return what a server answers."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, kind) as sock:
        sock.settimeout(10)
        sock.connect((host, port))
        if kind == socket.SOCK_DGRAM:
            sock.send(b"?")
        return sock.recv(100).decode().strip()


def test_the_client_of_a_published_port_is_the_gateway(user: str) -> None:
    assert user
    with server("-p 127.0.0.1:0:80") as port:
        assert ask("127.0.0.1", port) == gateway("bridge")
    with server("-p 0.0.0.0:0:80/udp", DATAGRAMS) as port:
        assert ask("127.0.0.1", port, socket.SOCK_DGRAM) == gateway("bridge")


def test_on_several_networks_it_is_the_gateway_of_the_first_that_is_open(user: str) -> None:
    assert user
    docker("network create --internal a-closed")
    docker("network create b-open")
    docker("network create c-open")
    try:
        with server("--network c-open -p 0:80") as port:
            docker("network connect a-closed server")
            docker("network connect b-open server")
            assert ask("127.0.0.1", port) == gateway("b-open")
            docker("network disconnect b-open server")
            assert ask("127.0.0.1", port) == gateway("c-open")
    finally:
        docker("network rm a-closed b-open c-open")


def test_over_ipv6_it_is_the_gateway_of_ipv6(user: str) -> None:
    assert user
    docker("network create --ipv6 --subnet fd00:77::/64 six")
    try:
        with server("--network six -p [::1]:0:80", SERVER % "::") as port:
            format_ = "{{.NetworkSettings.Networks.six.IPv6Gateway}}"
            six = docker("inspect -f {format_} server", format_=format_).strip()
            assert ask("::1", port) == six
        with server("-p [::1]:0:80") as port:
            assert ask("::1", port) == gateway("bridge")
    finally:
        docker("network rm six")


@contextlib.contextmanager
def listening(address: str) -> Iterator[int]:
    """Serve on the machine; each client is told its own address."""
    with socket.create_server((address, 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    client, (host, *_) = listener.accept()
                    with client:
                        client.sendall(f"{host}\n".encode())

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.fixture
def address() -> Iterator[str]:
    """The machine's own address; one is added in this process's network if it has none."""
    if host_ports.own_address():
        yield host_ports.own_address()
        return
    added = ("10.99.0.1/32", "dev", "lo")
    run("ip", "address", "add", *added)
    run("ip", "route", "add", "192.0.2.0/24", "dev", "lo", "src", "10.99.0.1")
    try:
        yield "10.99.0.1"
    finally:
        run("ip", "route", "del", "192.0.2.0/24")
        run("ip", "address", "del", *added)


@pytest.mark.parametrize("network", ["bridge", "own"])
def test_the_machines_ports_answer_at_the_gateway(user: str, address: str, network: str) -> None:
    """Those that are open on all addresses, and not those of the loopback."""
    assert user
    docker("network create own")
    try:
        client = f"run --rm --network {network} --add-host machine:host-gateway busybox nc -w 5"
        with listening("0.0.0.0") as port, listening("127.0.0.1") as closed:
            seen = docker(f"{client} machine {port}").strip()
            assert seen == address, "a server may trust the loopback"
            assert docker(f"{client} {gateway(network)} {port}").strip() == address
            assert docker(f"{client} machine {closed}") == ""
    finally:
        docker("network rm own")
