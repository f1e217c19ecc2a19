"""Names are answered for all containers by one thread, which nothing ends."""

from __future__ import annotations

import itertools
import logging
import socket
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import dns.message
import dns.name
import pytest
from unit.embedded.fakes import FakeContainers, container

from docker_magics.embedded.networks import endpoints
from docker_magics.embedded.networks import naming as naming_module
from docker_magics.embedded.networks.dns import Names, Resolver
from docker_magics.embedded.networks.loop import Loop
from docker_magics.embedded.networks.naming import Naming
from docker_magics.embedded.records.container import Container

LOOK_UPS = 100_000


def on_network(folder: Path, name: str, address: str, **config: Any) -> Container:
    """Return a container on the network `net`."""
    made = container(folder, name)
    made.networks["net"] = endpoints.requested({"Aliases": [f"{name}-alias"], **config})
    made.networks["net"]["IPAddress"] = address
    return made


def test_look_ups_while_containers_connect_and_disconnect(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Readers see a container on a network or not on it, and never half of a change."""
    asker = on_network(tmp_path, "a", "10.0.0.2")
    other = on_network(tmp_path, "b", "10.0.0.3")
    monkeypatch.setattr(naming_module, "Resolver", SimpleNamespace)  # no sockets are needed
    naming = Naming(FakeContainers(asker, other), cast("Any", None), None)
    done = threading.Event()

    def change() -> None:
        for number in itertools.count():
            if done.is_set():
                return
            for each in (other, asker):
                settings = each.networks.pop("net")
                settings |= {"IPAddress": "", "Interface": number}
                each.networks[f"other-{number % 50}"] = settings
                del each.networks[f"other-{number % 50}"]
                settings.pop("Interface")
                each.networks["net"] = settings
                settings |= {"IPAddress": "10.0.0.2" if each is asker else "10.0.0.3"}

    changer = threading.Thread(target=change)
    changer.start()
    answers = set()
    try:
        for _ in range(LOOK_UPS // 2):
            answers.add(tuple(naming.look_up(asker, "b-alias") or ()))
            answers.add(tuple(naming.look_up_address(asker, "10.0.0.3") or ()))
    finally:
        done.set()
        changer.join()
    assert answers == {(), ("10.0.0.3",), ("b.net",)}


def test_an_exception_of_one_callback_ends_no_other(caplog: pytest.LogCaptureFixture) -> None:
    loop = Loop()
    answered = threading.Event()
    broken, to_broken = socket.socketpair()
    whole, to_whole = socket.socketpair()

    def fail(sock: socket.socket) -> None:
        sock.recv(1)
        raise KeyError("net")

    def answer(sock: socket.socket) -> None:
        sock.recv(1)
        answered.set()

    with to_broken, to_whole, caplog.at_level(logging.ERROR):
        loop.add(broken, fail)
        loop.add(whole, answer)
        to_broken.send(b"x")
        to_whole.send(b"x")
        assert answered.wait(5)
        answered.clear()
        to_whole.send(b"x")
        assert answered.wait(5), "the thread goes on"
        loop.remove(broken)
        loop.remove(whole)
    assert "KeyError: 'net'" in caplog.text


@pytest.mark.parametrize("failure", [KeyError("net"), RuntimeError("changed size"), ValueError()])
def test_the_name_server_answers_after_a_look_up_has_failed(failure: Exception) -> None:
    def look_up(name: str) -> list[str] | None:
        if name == "broken":
            raise failure
        return ["10.0.0.3"]

    resolver = Resolver()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server,
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener,
    ):
        server.bind(("127.0.0.1", 0))
        listener.bind(("127.0.0.1", 0))
        client.settimeout(5)
        client.connect(server.getsockname())
        resolver.serve("id", server, listener, Names(look_up, look_up, list))
        for name in (b"broken", b"whole"):
            query = b"\x12\x34\x01\x00\x00\x01" + bytes(6)
            query += bytes([len(name)]) + name + b"\0\0\x01\0\x01"
            client.send(query)
        answer = client.recv(512)
        assert dns.message.from_wire(answer).question[0].name == dns.name.from_text("whole")
        assert answer.endswith(bytes([10, 0, 0, 3]))
        resolver.leave("id")
