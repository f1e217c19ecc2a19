"""One thread resolves names for all containers, and survives errors."""

from __future__ import annotations

import itertools
import logging
import socket
import threading
from pathlib import Path
from typing import Any, cast

import dns.message
import dns.name
import pytest
from unit.embedded.fakes import FakeContainers, container
from unit.embedded.networks.fakes import FakeHelper, store

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


def test_look_ups_while_containers_connect_and_disconnect(tmp_path: Path) -> None:
    """Readers never see a partial change of a container's networks."""
    asker = on_network(tmp_path, "a", "10.0.0.2")
    other = on_network(tmp_path, "b", "10.0.0.3")
    naming = Naming(FakeContainers(asker, other), cast("Any", None), None)
    done = threading.Event()

    def change() -> None:
        for number in itertools.count():
            if done.is_set():
                return
            for box in (other, asker):
                settings = box.networks.pop("net")
                settings |= {"IPAddress": "", "Interface": number}
                box.networks[f"other-{number % 50}"] = settings
                del box.networks[f"other-{number % 50}"]
                settings.pop("Interface")
                box.networks["net"] = settings
                settings |= {"IPAddress": "10.0.0.2" if box is asker else "10.0.0.3"}

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


def test_an_exception_in_a_callback_does_not_stop_the_loop(
    caplog: pytest.LogCaptureFixture,
) -> None:
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


@pytest.fixture
def neighbours(tmp_path: Path) -> list[Container]:
    """Two containers on `net`; the first one has links and its host name as an alias."""
    web = on_network(tmp_path, "web", "10.0.0.2", Links=["db:database", "gone:old"])
    return [web, on_network(tmp_path, "Db", "10.0.0.3")]


@pytest.mark.parametrize(
    ("name", "addresses"),
    [
        ("db", ["10.0.0.3"]),
        ("db-alias", ["10.0.0.3"]),
        ("db.net", ["10.0.0.3"]),
        ("web", ["10.0.0.2"]),
        ("db.other", None),
        ("old", None),
        ("", None),
    ],
)
def test_names_of_neighbours(
    neighbours: list[Container], name: str, addresses: list[str] | None
) -> None:
    naming = Naming(FakeContainers(*neighbours), cast("Any", None), None)
    assert naming.look_up(neighbours[0], name) == addresses


def test_link_aliases_are_for_the_container_that_has_them(neighbours: list[Container]) -> None:
    web, db = neighbours
    naming = Naming(FakeContainers(web, db), cast("Any", None), None)
    web.networks["net"]["Links"] = [f"{db.id}:database"]
    assert naming.look_up(web, "database") == ["10.0.0.3"]
    assert naming.look_up(db, "database") is None
    assert [naming.hosts(box) for box in (web, db)] == [
        ["10.0.0.3\tDb\tDb-alias\tdatabase"],
        ["10.0.0.2\tweb\tweb-alias"],
    ]


def test_names_are_private_to_their_network(tmp_path: Path, neighbours: list[Container]) -> None:
    other = on_network(tmp_path, "other", "10.0.0.9")
    other.networks["elsewhere"] = other.networks.pop("net")
    for box in (neighbours[0], other):
        box.networks["bridge"] = endpoints.requested({})
        box.networks["bridge"]["IPAddress"] = "172.17.0.2"
    naming = Naming(FakeContainers(*neighbours, other), cast("Any", None), None)
    assert naming.look_up(neighbours[0], "other") is None
    assert naming.look_up_address(neighbours[0], "10.0.0.9") is None
    assert naming.look_up_address(neighbours[0], "10.0.0.3") == ["Db.net"]
    assert naming.hosts(neighbours[0]) == ["10.0.0.3\tDb\tDb-alias"]


def test_a_name_that_is_written_as_an_address_is_not_in_the_hosts_file(
    neighbours: list[Container],
) -> None:
    neighbours[1].networks["net"]["Aliases"] = ["8.8.8.8", "db", "::1"]
    naming = Naming(FakeContainers(*neighbours), cast("Any", None), None)
    assert naming.hosts(neighbours[0]) == ["10.0.0.3\tDb\tdb"]


def test_a_container_that_is_not_connected_has_no_name(neighbours: list[Container]) -> None:
    endpoints.clear(neighbours[1].networks["net"])
    naming = Naming(FakeContainers(*neighbours), cast("Any", None), None)
    assert naming.look_up(neighbours[0], "db") is None


class LocalHelper(FakeHelper):
    """A helper that creates sockets in the host's network."""

    def socket(self, pid: int, family: int, kind: int) -> socket.socket:
        self.requests.append(("socket", pid))
        return socket.socket(family, kind)


@pytest.mark.parametrize("internal", [True, False])
def test_a_container_is_served_until_it_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, internal: bool
) -> None:
    web = on_network(tmp_path, "web", "10.0.0.2")
    containers = FakeContainers(web)
    networks, _ = store(tmp_path, containers)
    networks.create({"Name": "net", "Internal": internal})
    helper = LocalHelper()
    naming = Naming(containers, networks, cast("Any", helper))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.bind(("127.0.0.1", 0))
        port = client.getsockname()[1]
    monkeypatch.setattr(naming_module, "ADDRESS", "127.0.0.1")
    monkeypatch.setattr(naming_module, "_DNS_PORT", port)
    monkeypatch.setattr(naming_module, "name_servers", lambda: ["127.0.0.1"])
    naming.serve(web, 7)
    assert helper.requests == [("socket", 7)] * 2
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.connect(("127.0.0.1", port))
        client.send(dns.message.make_query("web", "A").to_wire())
        assert str(dns.message.from_wire(client.recv(512)).answer[0][0]) == "10.0.0.2"
    web.host_config["Dns"] = ["9.9.9.9"]
    assert naming._forwarders(web) == ([] if internal else ["9.9.9.9"])  # noqa: SLF001
    web.host_config["Dns"] = []
    assert naming._forwarders(web) == ([] if internal else ["127.0.0.1"])  # noqa: SLF001
    naming.leave(web)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", port))


def test_only_user_defined_networks_have_the_engines_name_server(tmp_path: Path) -> None:
    helper: Any = FakeHelper()
    naming = Naming(FakeContainers(), cast("Any", None), helper)
    web = container(tmp_path)
    web.networks["bridge"] = endpoints.requested({})
    assert not naming.uses_engine_dns(web)
    naming.serve(web, 7)
    assert helper.requests == []
    web.networks["net"] = endpoints.requested({})
    assert naming.uses_engine_dns(web)
    assert not Naming(FakeContainers(), cast("Any", None), None).uses_engine_dns(web)
    web.host_config["NetworkMode"] = "container:x"
    assert not naming.uses_engine_dns(web)
