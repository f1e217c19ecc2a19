"""Published ports of the embedded engine, here without a container behind them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from docker_magics.embedded.errors import ApiError
from docker_magics.embedded.networks.proxy import PortProxy, Target

KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
HERE = "127.0.0.1"


@pytest.fixture(params=KINDS)
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """Something that sends back what it is sent, once."""
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
        yield Target(HERE, port, request.param, lambda made: socket.socket(socket.AF_INET, made))
        thread.join()


def test_what_comes_on_a_port_is_carried_there_and_back(target: Target) -> None:
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


def test_a_port_is_published_once_and_a_range_goes_on_with_the_next() -> None:
    publisher = PortProxy()
    target = Target(HERE, 1, "tcp", lambda made: socket.socket(socket.AF_INET, made))
    with ExitStack() as stack:

        def publish(first: int, last: int) -> int:
            port = publisher.publish(HERE, first, last, target)
            stack.callback(publisher.withdraw, HERE, port, "tcp")
            return port

        first = publish(0, 0)
        with pytest.raises(ApiError, match=f"Bind for {HERE}:{first} failed: port is already"):
            publish(first, first)
        assert publish(first, first + 20) > first
