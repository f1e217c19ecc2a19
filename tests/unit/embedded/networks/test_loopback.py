"""Containers without networks of their own have parts of the machine's loopback."""

from __future__ import annotations

import pytest
from unit.embedded.networks.world import World

from docker_magics.embedded.errors import ApiError, BadParameter
from docker_magics.embedded.networks import loopback


def test_an_address_is_a_part_s_own(loopback_world: World) -> None:
    first, second = (loopback_world.start(loopback_world.container(name, "web")) for name in "ab")
    parts = [loopback_world.attachments.loopback(made) for made in (first, second)]
    assert parts[0]
    assert parts[1]
    addresses = [loopback.address(part) for part in parts if part]
    assert addresses[0] != addresses[1]
    assert first.networks["web"]["IPAddress"] == addresses[0]
    assert first.networks["web"]["IPPrefixLen"] == 16
    assert first.networks["web"]["Gateway"] == "127.64.0.1"
    assert f"{addresses[1]}\tb\t" in (first.folder / "hosts").read_text()


def test_a_static_address_stands_for_one_of_the_loopback(loopback_world: World) -> None:
    fixed = {"db": {"IPAMConfig": {"IPv4Address": "10.1.0.7"}}}
    first = loopback_world.start(loopback_world.container("a", "db", configs=fixed))
    second = loopback_world.start(loopback_world.container("b", "db"))
    address = first.networks["db"]["IPAddress"]
    assert address.startswith("127.64.")
    for made in (first, second):
        lines = (made.folder / "hosts").read_text().splitlines()
        assert [line.endswith("\t10.1.0.7") for line in lines if line.startswith(address)] == [True]
    third = loopback_world.container("c", "db", configs=fixed)
    with pytest.raises(ApiError, match="Address already in use"):
        loopback_world.start(third)
    loopback_world.end(first)
    loopback_world.start(third)
    six = {"db": {"IPAMConfig": {"IPv6Address": "fd00::7"}}}
    with pytest.raises(BadParameter, match="cannot give a container the address fd00::7"):
        loopback_world.container("d", "db", configs=six)


def test_equal_numbers_become_different_ones(loopback_world: World) -> None:
    containers = [loopback_world.container(name, "web") for name in "ab"]
    for made in containers:
        made.record["Id"] = "0000000000ff" + made.id[12:]
    parts = [loopback_world.attachments.loopback(made) for made in containers]
    assert [part and part["number"] for part in parts] == [0x101, 0x102]
    assert loopback_world.attachments.loopback(containers[0]) == parts[0]


@pytest.mark.parametrize(
    ("network", "reach"), [("web", "all"), ("db", "containers"), ("none", "itself")]
)
def test_what_is_reached(loopback_world: World, network: str, reach: str) -> None:
    part = loopback_world.attachments.loopback(loopback_world.container("a", network))
    assert part
    assert part["reach"] == reach


def test_who_shares_a_network_shares_the_part(loopback_world: World) -> None:
    donor = loopback_world.start(loopback_world.container("a", "web"))
    mode = {"NetworkMode": f"container:{donor.id}"}
    sharer = loopback_world.container("b", host_config=mode)
    loopback = loopback_world.attachments.loopback
    assert loopback(sharer) == loopback(donor)
    assert loopback(donor)
    assert loopback(loopback_world.container("c", "host")) is None


def test_no_part_where_containers_have_networks(world: World, host_world: World) -> None:
    assert world.attachments.loopback(world.container("a", "web")) is None
    assert host_world.attachments.loopback(host_world.container("a", "web")) is None


def test_published_ports_lead_to_the_part(loopback_world: World) -> None:
    bindings = {"80/tcp": [{"HostPort": "80"}], "53/udp": [{"HostPort": "5353"}]}
    made = loopback_world.container("a", "web", host_config={"PortBindings": bindings})
    loopback_world.start(made)
    address = made.networks["web"]["IPAddress"]
    assert loopback_world.proxy.ports["0.0.0.0", 80, "tcp"] == f"{address}:1617"
    assert loopback_world.proxy.ports["0.0.0.0", 5353, "udp"] == f"{address}:1590"


def test_the_machine_is_the_gateway(loopback_world: World) -> None:
    extra = {"ExtraHosts": ["host.docker.internal:host-gateway"]}
    made = loopback_world.start(loopback_world.container("a", "web", host_config=extra))
    assert "127.64.0.1\thost.docker.internal\n" in (made.folder / "hosts").read_text()
