"""Connecting and disconnecting containers, and removing links."""

from __future__ import annotations

import pytest
from unit.embedded.networks.world import World

from docker_magics.embedded.errors import ApiError, BadParameter, Conflict, Forbidden, NotFound


def test_a_running_container_is_connected_and_disconnected(world: World) -> None:
    made = world.start(world.container("a", "web"))
    network = world.store.get("db")
    world.helper.operations()
    world.attachments.connect(network, made, {"IPAMConfig": {"IPv4Address": "10.1.0.7"}})
    assert world.helper.operations() == [
        *("create_bridge", "create_bridge", "connect_veth"),
        *("set_default_routes", "socket", "socket"),
    ]
    assert made.networks["db"]["Interface"] == "eth1"
    assert "10.1.0.7" in (made.folder / "hosts").read_text()
    veth = f"veth{made.networks['db']['EndpointID'][:7]}"
    world.attachments.disconnect(network, made)
    assert world.helper.requests == [("remove_interface", veth), ("set_default_routes", ["10.0.0.1"])]  # fmt: skip  # noqa: E501
    assert list(made.networks) == ["web"]
    assert "10.1.0.7" not in (made.folder / "hosts").read_text()
    assert world.events.actions("network")[-3:] == ["connect", "connect", "disconnect"]
    world.attachments.connect(network, made, {})
    assert made.networks["db"]["Interface"] == "eth1"
    assert made.networks["db"]["IPAddress"] == "10.1.0.2"


@pytest.mark.parametrize(
    "addresses", [{"IPv4Address": "10.1.0.7"}, {"IPv4Address": "", "IPv6Address": "fd00::7"}]
)
def test_without_namespaces_static_addresses_are_refused(
    host_world: World, addresses: dict[str, str]
) -> None:
    host_world.network("six", "10.1.2.0/24 fd00::/64", EnableIPv6=True)
    config = {"IPAMConfig": addresses}
    made = host_world.container("a", "web", configs={"web": {"IPAMConfig": {}}})
    message = f"cannot give a container the address {max(addresses.values())}: without"
    with pytest.raises(BadParameter, match=message):
        host_world.container("b", "web", configs={"web": config})
    config = {"IPAMConfig": {**addresses, "IPv4Address": addresses["IPv4Address"] and "10.1.2.7"}}
    with pytest.raises(BadParameter, match="cannot give a container the address"):
        host_world.attachments.connect(host_world.store.get("six"), made, config)
    assert list(made.networks) == ["web"]


def test_a_failed_connection_leaves_nothing(world: World) -> None:
    made = world.start(world.container("a", "web"))
    network = world.store.get("db")
    world.helper.failing = "connect_veth"
    with pytest.raises(ApiError, match="connect_veth: failed"):
        world.attachments.connect(network, made, {})
    assert list(made.networks) == ["web"]
    assert network.allocate("another", None) == "10.1.0.2"


def test_a_stopped_container_is_connected_at_its_next_start(world: World) -> None:
    made = world.container("a", "web")
    network = world.store.get("db")
    world.attachments.connect(network, made, {})
    assert made.networks["db"]["NetworkID"] == network.id
    assert made.networks["db"]["IPAddress"] == ""
    assert world.helper.requests == []
    with pytest.raises(Forbidden, match="endpoint with name a already exists in network db"):
        world.attachments.connect(network, made, {})
    world.start(made)
    assert made.networks["db"]["IPAddress"] == "10.1.0.2"
    world.end(made)
    world.attachments.disconnect(network, made)
    assert world.events.actions("network")[-1] == "disconnect"
    assert list(made.networks) == ["web"]


def test_rejected_connections(world: World) -> None:
    host, web, none = (world.store.get(name) for name in ("host", "web", "none"))
    made = world.container("a", "web")
    connect = world.attachments.connect
    with pytest.raises(Forbidden, match="cannot connect container to host network"):
        connect(host, made, {})
    with pytest.raises(Forbidden, match="multiple networks with one of the networks in private"):
        connect(none, made, {})
    with pytest.raises(BadParameter, match="invalid IPv4 address: x"):
        connect(world.network("other", "10.3.0.0/24"), made, {"IPAMConfig": {"IPv4Address": "x"}})
    for mode in ("host", f"container:{made.id}"):
        shared = world.container(f"in-{mode[:4]}", host_config={"NetworkMode": mode})
        with pytest.raises(Forbidden, match="container sharing network namespace with another"):
            connect(web, shared, {})
    made.state["Removing"] = True
    with pytest.raises(Conflict, match="is marked for removal"):
        connect(web, made, {})
    assert list(made.networks) == ["web"]


def test_rejected_disconnections(world: World) -> None:
    web, db, host = (world.store.get(name) for name in ("web", "db", "host"))
    made = world.container("a", "web")
    with pytest.raises(Forbidden, match="is not connected to the network db"):
        world.attachments.disconnect(db, made)
    made.state["Running"] = True
    with pytest.raises(Forbidden, match="is not connected to network db"):
        world.attachments.disconnect(db, made)
    with pytest.raises(Forbidden, match="cannot disconnect container from host network"):
        world.attachments.disconnect(host, world.container("b", "host"))
    made.state["Removing"] = True
    with pytest.raises(Conflict, match="is marked for removal"):
        world.attachments.disconnect(web, made)
    assert list(made.networks) == ["web"]
    assert world.store.members(web) == []


def test_a_link_is_removed_by_its_alias(world: World) -> None:
    world.start(world.container("db"))
    made = world.container("a", host_config={"Links": ["db:database", "db:other"]})
    world.attachments.files.write(made)
    assert "database" in (made.folder / "hosts").read_text()
    world.attachments.remove_link(made, "a/database")
    assert made.host_config["Links"] == ["db:other"]
    assert "database" not in (made.folder / "hosts").read_text()
    with pytest.raises(NotFound, match="No such container: a/none"):
        world.attachments.remove_link(made, "a/none")
