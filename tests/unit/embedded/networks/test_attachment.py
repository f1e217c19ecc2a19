"""Attachment of containers to networks at their start, and after a restart of the engine."""

from __future__ import annotations

import errno

import pytest
from unit.embedded.networks.world import PID, World

from docker_magics.embedded.errors import ApiError, BadParameter, Conflict, Forbidden, NotFound
from docker_magics.embedded.networks import files, outbound

# --- before the start


def test_networks_are_named_in_full_and_unknown_ones_wait_for_the_start(world: World) -> None:
    web = world.store.get("web")
    made = world.container("a", web.id[:12])
    assert list(made.networks) == ["web"]
    missing = world.container("b", "missing")
    with pytest.raises(NotFound, match="network missing not found"):
        world.start(missing)


def test_a_shared_network_is_the_donors(world: World) -> None:
    donor = world.container("donor")
    guest = world.container("guest", host_config={"NetworkMode": "container:donor"})
    assert guest.host_config["NetworkMode"] == f"container:{donor.id}"
    assert guest.networks == {}
    world.attachments.share_names(guest)
    assert guest.config["Hostname"] == donor.config["Hostname"]
    with pytest.raises(Conflict, match="cannot join network namespace of a non running container"):
        world.attachments.namespace(guest)
    world.start(donor, 77)
    assert world.attachments.namespace(guest) == 77
    world.helper.requests.clear()
    world.attachments.attach(guest, 78)
    assert world.helper.requests == []
    with pytest.raises(NotFound):
        world.container("orphan", host_config={"NetworkMode": "container:nobody"})


def test_namespaces(world: World, host_world: World) -> None:
    assert world.attachments.namespace(world.container("a")) == "new"
    assert world.attachments.namespace(world.container("b", "host")) == "host"
    assert host_world.attachments.namespace(host_world.container("c")) == "host"


def test_links_to_missing_containers_are_rejected(world: World) -> None:
    with pytest.raises(BadParameter, match="could not get container for nobody"):
        world.container("a", host_config={"Links": ["nobody:n"]})


# --- start and end


def test_an_attached_container_has_address_interface_route_and_files(world: World) -> None:
    web = world.store.get("web")
    made = world.start(world.container("a", "web", configs={"web": {"Aliases": ["shop"]}}))
    assert world.helper.operations()[:5] == [
        "enable_loopback",
        "create_bridge",
        "create_bridge",
        "connect_veth",
        "set_default_routes",
    ]
    settings = made.networks["web"]
    assert (settings["IPAddress"], settings["IPPrefixLen"]) == ("10.0.0.2", 24)
    assert (settings["Gateway"], settings["MacAddress"]) == ("10.0.0.1", "02:42:0a:00:00:02")
    assert settings["Aliases"] == ["shop", made.id[:12]]
    assert settings["NetworkID"] == web.id
    assert {*world.helper.bridges} == {web.bridge, "docker0"}, "host-gateway is docker0's"
    assert world.helper.bridges[web.bridge] == {
        "name": web.bridge,
        "gateways": ["10.0.0.1/24"],
        "subnet": "10.0.0.0/24",
        "others": ["10.1.0.0/24", "172.17.0.0/16"],
        "internal": False,
    }
    assert world.helper.veths["eth0"] == {
        "bridge": web.bridge,
        "name": f"veth{settings['EndpointID'][:7]}",
        "pid": PID,
        "peer": "eth0",
        "addresses": ["10.0.0.2/24"],
        "mac": "02:42:0a:00:00:02",
        "mtu": 0,
        "sysctls": [],
        "isolated": False,
    }
    assert "nameserver 127.0.0.11" in (made.folder / "resolv.conf").read_text()
    assert f"10.0.0.2\t{made.id[:12]}\n" in (made.folder / "hosts").read_text()
    assert ("network", "connect", web.id, {"name": "web", "type": "bridge", "container": made.id}) in world.events.events  # fmt: skip  # noqa: E501


def test_options_of_the_driver_reach_the_interface(world: World) -> None:
    options = {
        "com.docker.network.driver.mtu": "1400",
        "com.docker.network.bridge.enable_icc": "false",
    }
    world.network("small", "10.2.0.0/24 fd00::/64", EnableIPv6=True, Options=options)
    ipam_config = {"IPv6Address": "fd00::9", "LinkLocalIPs": ["169.254.1.1"]}
    world.start(world.container("a", "small", configs={"small": {"IPAMConfig": ipam_config}}))
    veth = world.helper.veths["eth0"]
    assert (veth["mtu"], veth["isolated"]) == (1400, True)
    assert veth["addresses"] == ["10.2.0.2/24", "fd00::9/64", "169.254.1.1"]
    assert world.helper.bridges[veth["bridge"]]["gateways"] == ["10.2.0.1/24", "fd00::1/64"]
    assert ("set_default_routes", ["10.2.0.1", "fd00::1"]) in world.helper.requests


def test_addresses_are_released_at_the_exit(world: World) -> None:
    first = world.start(world.container("a", "web"))
    second = world.start(world.container("b", "web"))
    assert second.networks["web"]["IPAddress"] == "10.0.0.3"
    world.end(first)
    assert first.networks["web"]["IPAddress"] == ""
    assert "Interface" not in first.networks["web"]
    third = world.start(world.container("c", "web"))
    assert third.networks["web"]["IPAddress"] == "10.0.0.2"
    assert world.events.actions("network").count("disconnect") == 1
    world.end(first)  # once more, as after a start that failed
    assert third.networks["web"]["IPAddress"] == "10.0.0.2"
    assert world.events.actions("network").count("disconnect") == 1


def test_a_static_address_is_used_once(world: World) -> None:
    configs = {"web": {"IPAMConfig": {"IPv4Address": "10.0.0.9"}}}
    first = world.start(world.container("a", "web", configs=configs))
    second = world.container("b", "web", configs=configs)
    with pytest.raises(ApiError, match="Address already in use"):
        world.start(second)
    world.attachments.detach(second)
    world.end(first)
    world.start(second)
    assert second.networks["web"]["IPAddress"] == "10.0.0.9"


def test_the_default_route_is_by_a_network_that_is_not_internal(world: World) -> None:
    world.start(world.container("a", "db", "web"))
    assert [about for op, about in world.helper.requests if op == "set_default_routes"] == [["10.0.0.1"]]  # fmt: skip  # noqa: E501
    assert {*world.helper.veths} == {"eth0", "eth1"}


def test_a_container_without_networks_has_a_loopback_only(world: World) -> None:
    world.start(world.container("a", "none"))
    assert world.helper.operations() == ["enable_loopback"]
    world.start(world.container("b", "host"))
    assert world.helper.operations() == []  # the host's network is left as it is


def test_a_configuration_network_has_no_containers(world: World) -> None:
    world.store.create({"Name": "conf", "ConfigOnly": True})
    with pytest.raises(Forbidden, match="cannot create endpoint on configuration-only network"):
        world.start(world.container("a", "conf"))


def test_a_full_disk_keeps_no_container_from_its_end(
    host_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    _, second = (host_world.start(host_world.container(name, "web")) for name in "ab")
    monkeypatch.setattr(files, "write", fail)
    host_world.end(second)
    assert second.networks["web"]["IPAddress"] == ""


def test_without_namespaces_hosts_files_contain_the_neighbours(host_world: World) -> None:
    first = host_world.start(host_world.container("a", "web", configs={"web": {"Aliases": ["x"]}}))
    second = host_world.start(host_world.container("b", "web"))
    assert first.networks["web"]["IPAddress"] == "127.0.0.1"
    assert f"127.0.0.1\tb\t{second.id[:12]}\n" in (first.folder / "hosts").read_text()
    assert f"127.0.0.1\ta\tx\t{first.id[:12]}\n" in (second.folder / "hosts").read_text()
    second.record["Name"] = "renamed"
    host_world.attachments.files.update_neighbours(second)
    assert f"127.0.0.1\trenamed\t{second.id[:12]}\n" in (first.folder / "hosts").read_text()
    host_world.end(second)
    assert "\tb\t" not in (first.folder / "hosts").read_text()
    assert host_world.helper.requests == []
    host_world.attachments.close()
    assert host_world.helper.requests == []


# --- restart of the engine


def test_reattached_containers_keep_addresses_and_ports(world: World) -> None:
    bindings = {"80/tcp": [{}]}
    first = world.start(world.container("a", "web", host_config={"PortBindings": bindings}))
    before = (dict(first.networks["web"]), first.record["Ports"])
    again = World(world.folder)
    again.containers.containers.append(first)
    again.helper.veths = world.helper.veths
    again.proxy.ports["0.0.0.0", 32769, "tcp"] = "another"
    again.attachments.reattach(first)
    assert (dict(first.networks["web"]), first.record["Ports"]) == before
    assert again.proxy.ports["0.0.0.0", 32768, "tcp"] == "10.0.0.2:80"
    assert {operation for operation, _ in again.helper.requests} == {"socket"}
    second = again.start(again.container("b", "web"))
    assert second.networks["web"]["IPAddress"] == "10.0.0.3"


def test_interfaces_that_ended_with_the_helper_are_made_again(world: World) -> None:
    """With the same names, addresses and routes."""
    made = world.start(world.container("a", "web", "db"))
    again = World(world.folder)
    again.containers.containers.append(made)
    again.attachments.keep()
    again.attachments.reattach(made)
    assert again.helper.veths == world.helper.veths
    assert [about for op, about in again.helper.requests if op == "set_default_routes"] == [["10.0.0.1"]]  # fmt: skip  # noqa: E501
    again.helper.requests.clear()
    again.attachments.reattach(made)
    assert "connect_veth" not in again.helper.operations()


def test_a_stopped_container_is_not_reattached(world: World) -> None:
    world.attachments.reattach(world.container("a", "web"))
    assert world.helper.requests == []


def test_the_helper_ends_with_the_last_container(world: World) -> None:
    made = world.start(world.container("a", "web"))
    world.helper.operations()
    world.attachments.close()
    assert world.helper.operations() == []
    world.end(made)
    world.attachments.close()
    assert world.helper.operations() == ["quit"]


def test_the_files_name_slirp4netns_if_it_runs(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound.Outbound, "is_connected", lambda _self: True)
    made = world.start(world.container("a"))
    assert (made.folder / "resolv.conf").read_text() == f"nameserver {outbound.NAME_SERVER}\n"


@pytest.mark.parametrize(
    ("network", "address"), [("web", "172.17.0.1"), ("host", "127.0.0.1"), ("bridge", "172.17.0.1")]
)
def test_host_gateway_is_the_default_bridges_gateway(
    world: World, network: str, address: str
) -> None:
    settings = {"ExtraHosts": ["up:host-gateway"]}
    made = world.start(world.container("a", network, host_config=settings))
    assert f"{address}\tup\n" in (made.folder / "hosts").read_text()
