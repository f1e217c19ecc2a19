"""Ports that are published while a container is attached."""

from __future__ import annotations

import functools
from collections.abc import Callable

import pytest
from unit.embedded.networks.world import World

from docker_magics.embedded.errors import ApiError
from docker_magics.embedded.records.container import Container


def test_ports_are_published_and_withdrawn(world: World) -> None:
    bindings = {"80/tcp": [{"HostPort": "8080"}], "53/udp": [{"HostIp": "127.0.0.1"}]}
    made = world.start(world.container("a", "web", host_config={"PortBindings": bindings}))
    assert world.proxy.ports == {
        ("0.0.0.0", 8080, "tcp"): "10.0.0.2:80",
        ("::", 8080, "tcp"): "10.0.0.2:80",
        ("127.0.0.1", 32768, "udp"): "10.0.0.2:53",
    }
    assert made.record["Ports"] == {
        "53/udp": [{"HostIp": "127.0.0.1", "HostPort": "32768"}],
        "80/tcp": [{"HostIp": ip, "HostPort": "8080"} for ip in ("0.0.0.0", "::")],
    }
    world.end(made)
    assert world.proxy.ports == {}
    assert made.record["Ports"] == {}


def test_a_port_in_use_publishes_no_ports(world: World) -> None:
    world.proxy.ports["0.0.0.0", 8080, "tcp"] = "another"
    bindings = {"80/tcp": [{"HostPort": "8080"}], "70/tcp": [{"HostPort": "7070"}]}
    made = world.container("a", "web", host_config={"PortBindings": bindings})
    with pytest.raises(ApiError, match=r"external connectivity on endpoint a \(\w{64}\): port is"):
        world.start(made)
    assert list(world.proxy.ports) == [("0.0.0.0", 8080, "tcp")]


def test_a_range_continues_with_the_next_port(world: World) -> None:
    world.proxy.ports["0.0.0.0", 8080, "tcp"] = "another"
    bindings = {"80": [{"HostPort": "8080-8090"}]}
    world.start(world.container("a", "web", host_config={"PortBindings": bindings}))
    assert {port for _, port, _ in world.proxy.ports} == {8080, 8081}


def test_ipv6_may_fail_if_ipv4_works(world: World) -> None:
    world.proxy.ports["::", 8080, "tcp"] = "another"
    bindings = {"80/tcp": [{"HostPort": "8080"}]}
    made = world.start(world.container("a", "web", host_config={"PortBindings": bindings}))
    assert made.record["Ports"]["80/tcp"] == [{"HostIp": "0.0.0.0", "HostPort": "8080"}]


def test_exposed_ports_are_published_if_all_are(world: World) -> None:
    exposed = {"ExposedPorts": {"80/tcp": {}, "9": {}}}
    host_config = {"PublishAllPorts": True}
    made = world.start(world.container("a", "web", config=exposed, host_config=host_config))
    assert list(made.record["Ports"]) == ["9/tcp", "80/tcp"]


@pytest.mark.parametrize(("network", "ports"), [("db", None), ("none", "unset"), ("host", "unset")])
def test_closed_networks_publish_no_ports(world: World, network: str, ports: str | None) -> None:
    host_config = {"PortBindings": {"80/tcp": [{"HostPort": "8080"}]}}
    made = world.start(world.container("a", network, host_config=host_config))
    assert made.record.get("Ports", "unset") == ports
    assert world.proxy.ports == {}


def test_without_namespaces_equal_ports_are_the_containers_own(host_world: World) -> None:
    bindings = {"80/tcp": [{"HostPort": "80"}], "90/tcp": [{"HostPort": "9090"}]}
    made = host_world.start(host_world.container("a", "web", host_config={"PortBindings": bindings}))  # fmt: skip  # noqa: E501
    assert {port for _, port, _ in host_world.proxy.ports} == {9090}
    assert [binding["HostPort"] for binding in made.record["Ports"]["80/tcp"]] == ["80", "80"]


def test_a_port_leads_to_the_network_that_leads_outside(world: World) -> None:
    """Not to an internal one, not even when the container leaves the other."""
    bindings = {"80/tcp": [{"HostPort": "8080"}]}
    made = world.container("a", "db", "web", host_config={"PortBindings": bindings})
    target = address_of_port(world.start(made), world)
    assert target() == "10.0.0.2"
    world.attachments.disconnect(world.store.get("web"), made)
    with pytest.raises(ConnectionRefusedError, match="container a is on no network"):
        target()


def test_ipv6_leads_to_ipv6_if_the_container_has_it(world: World) -> None:
    world.network("six", "10.2.0.0/24 fd00:2::/64", EnableIPv6=True)
    bindings = {"80/tcp": [{"HostPort": "8080"}]}
    world.start(world.container("a", "six", host_config={"PortBindings": bindings}))
    assert world.proxy.ports["0.0.0.0", 8080, "tcp"] == "10.2.0.2:80"
    assert world.proxy.ports["::", 8080, "tcp"] == "fd00:2::2:80"


def address_of_port(made: Container, world: World) -> Callable[[], str]:
    """Return what tells the current address of a container's only port."""
    return functools.partial(world.attachments._publishing._address, made, is_ipv6=False)  # noqa: SLF001
