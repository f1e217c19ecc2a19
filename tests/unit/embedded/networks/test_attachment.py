"""Containers on networks, with a network helper that only records requests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from unit.embedded.fakes import FakeContainers, FakeEvents, container, start
from unit.embedded.networks.fakes import FakeHelper, store

from docker_magics.embedded.errors import ApiError, BadParameter, Conflict, Forbidden, NotFound
from docker_magics.embedded.networks import attachment, outbound, publishing
from docker_magics.embedded.networks.attachment import Attachments
from docker_magics.embedded.networks.network import Network
from docker_magics.embedded.networks.store import NetworkStore
from docker_magics.embedded.records.container import Container

PID = 100


class FakeProxy:
    """A `PortProxy` that listens nowhere."""

    def __init__(self) -> None:
        self.ports: dict[tuple[str, int, str], str] = {}

    def publish(self, ip: str, first: int, last: int, target: Any) -> int:
        for port in range(first or 32768, max(first or 60000, last) + 1):
            if (ip, port, target.protocol) not in self.ports:
                self.ports[ip, port, target.protocol] = f"{target.address}:{target.port}"
                return port
        raise ApiError("port is already allocated")

    def check_free(self, ip: str, port: int, target: Any) -> None:
        if (ip, port, target.protocol) in self.ports:
            raise ApiError("port is already allocated")

    def withdraw(self, ip: str, port: int, protocol: str) -> None:
        del self.ports[ip, port, protocol]


class World:
    """Networks `web` (10.0.0.0/24), `db` (10.1.0.0/24, internal) and containers."""

    def __init__(self, folder: Path, *, isolated: bool = True) -> None:
        self.folder = folder
        self.helper = FakeHelper()
        self.containers = FakeContainers()
        self.store: NetworkStore
        self.events: FakeEvents
        helper = self.helper if isolated else None
        self.store, self.events = store(folder, self.containers, helper)
        self.attachments = Attachments(self.store, self.containers, helper)  # type: ignore[arg-type]
        self.proxy: FakeProxy = self.attachments._publishing._proxy  # type: ignore[assignment]  # noqa: SLF001

    def network(self, name: str, subnet: str, **body: Any) -> Network:
        """Create a network."""
        config = [{"Subnet": text} for text in subnet.split()]
        return self.store.create({"Name": name, "IPAM": {"Config": config}, **body})

    def container(self, name: str, *networks: str, **settings: Any) -> Container:
        """Create a container on networks; by default on the default bridge."""
        configs = settings.pop("configs", {})
        host_config = settings.pop("host_config", {})
        mode = {"NetworkMode": networks[0]} if networks else {}
        made = container(self.folder, name, host_config=mode | host_config, **settings)
        self.containers.containers.append(made)
        asked = {network: configs.get(network) for network in networks}
        self.attachments.prepare(made, {"EndpointsConfig": asked})
        return made

    def start(self, made: Container, pid: int = PID) -> Container:
        """Attach a container and start it."""
        self.attachments.attach(made, pid)
        self.attachments.write_files(made)
        start(made, pid)
        return made

    def end(self, made: Container) -> None:
        """End a container's process."""
        made.process = None
        self.attachments.detach(made)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither slirp4netns nor ports of this machine."""
    monkeypatch.setattr(outbound, "unavailable_reason", lambda: "a unit test")
    monkeypatch.setattr(publishing, "PortProxy", FakeProxy)
    monkeypatch.setattr(publishing, "wildcard_addresses", lambda: ("0.0.0.0", "::"))


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Networks with namespaces."""
    made = World(tmp_path)
    made.network("web", "10.0.0.0/24")
    made.network("db", "10.1.0.0/24", Internal=True)
    return made


@pytest.fixture
def host_world(tmp_path: Path) -> World:
    """Networks without namespaces (proot)."""
    (tmp_path / "host").mkdir()
    made = World(tmp_path / "host", isolated=False)
    made.network("web", "10.0.0.0/24")
    return made


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
    with pytest.raises(Conflict, match="cannot join network of a non running container"):
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
    assert world.helper.operations()[:4] == [
        "enable_loopback",
        "create_bridge",
        "connect_veth",
        "set_default_routes",
    ]
    settings = made.networks["web"]
    assert (settings["IPAddress"], settings["IPPrefixLen"]) == ("10.0.0.2", 24)
    assert (settings["Gateway"], settings["MacAddress"]) == ("10.0.0.1", "02:42:0a:00:00:02")
    assert settings["Aliases"] == ["shop", made.id[:12]]
    assert settings["NetworkID"] == web.id
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


def test_addresses_are_given_back_at_the_end(world: World) -> None:
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


def test_static_addresses_are_in_use_once(world: World) -> None:
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
    assert world.helper.operations() == ["enable_loopback", "set_default_routes"]
    world.start(world.container("b", "host"))
    assert "enable_loopback" not in world.helper.operations()


def test_without_the_helper_nothing_starts(world: World) -> None:
    world.helper.pid = 0
    with pytest.raises(ApiError, match="their helper process has ended; restart the engine"):
        world.start(world.container("a", "web"))


def test_a_configuration_network_has_no_containers(world: World) -> None:
    world.store.create({"Name": "conf", "ConfigOnly": True})
    with pytest.raises(Forbidden, match="cannot create endpoint on configuration-only network"):
        world.start(world.container("a", "conf"))


def test_without_namespaces_neighbours_are_in_the_hosts_files(host_world: World) -> None:
    first = host_world.start(host_world.container("a", "web", configs={"web": {"Aliases": ["x"]}}))
    second = host_world.start(host_world.container("b", "web"))
    assert first.networks["web"]["IPAddress"] == "127.0.0.1"
    assert "127.0.0.1\tb\n" in (first.folder / "hosts").read_text()
    assert "127.0.0.1\ta\tx\n" in (second.folder / "hosts").read_text()
    assert host_world.helper.requests == []
    host_world.attachments.close()
    assert host_world.helper.requests == []


# --- ports


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


def test_a_port_that_is_taken_publishes_none(world: World) -> None:
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


def test_ipv6_may_fail_where_ipv4_works(world: World) -> None:
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
def test_no_ports_are_published_on_closed_networks(
    world: World, network: str, ports: str | None
) -> None:
    host_config = {"PortBindings": {"80/tcp": [{"HostPort": "8080"}]}}
    made = world.start(world.container("a", network, host_config=host_config))
    assert made.record.get("Ports", "unset") == ports
    assert world.proxy.ports == {}


def test_without_namespaces_equal_ports_are_the_containers_own(host_world: World) -> None:
    bindings = {"80/tcp": [{"HostPort": "80"}], "90/tcp": [{"HostPort": "9090"}]}
    made = host_world.start(host_world.container("a", "web", host_config={"PortBindings": bindings}))  # fmt: skip  # noqa: E501
    assert {port for _, port, _ in host_world.proxy.ports} == {9090}
    assert [binding["HostPort"] for binding in made.record["Ports"]["80/tcp"]] == ["80", "80"]


# --- while it runs


def test_a_running_container_is_connected_and_disconnected(world: World) -> None:
    made = world.start(world.container("a", "web"))
    network = world.store.get("db")
    world.helper.operations()
    world.attachments.connect(network, made, {"IPAMConfig": {"IPv4Address": "10.1.0.7"}})
    connected = ["create_bridge", "connect_veth", "set_default_routes", "socket", "socket"]
    assert world.helper.operations() == connected
    assert made.networks["db"]["Interface"] == "eth1"
    assert "10.1.0.7" in (made.folder / "hosts").read_text()
    veth = f"veth{made.networks['db']['EndpointID'][:7]}"
    world.attachments.disconnect(network, made)
    assert world.helper.requests == [("remove_interface", veth), ("set_default_routes", ["10.0.0.1"])]  # fmt: skip  # noqa: E501
    assert list(made.networks) == ["web"]
    assert "10.1.0.7" not in (made.folder / "hosts").read_text()
    assert world.events.actions("network")[-3:] == ["connect", "disconnect", "disconnect"]
    world.attachments.connect(network, made, {})
    assert made.networks["db"]["Interface"] == "eth2", "numbers are not reused"
    assert made.networks["db"]["IPAddress"] == "10.1.0.2"


def test_a_connection_that_fails_leaves_nothing(world: World) -> None:
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


def test_connections_that_are_refused(world: World) -> None:
    host, web, none = (world.store.get(name) for name in ("host", "web", "none"))
    made = world.container("a", "web")
    connect = world.attachments.connect
    with pytest.raises(Forbidden, match="cannot be disconnected from host network or connected"):
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


def test_disconnections_that_are_refused(world: World) -> None:
    web, db, host = (world.store.get(name) for name in ("web", "db", "host"))
    made = world.container("a", "web")
    with pytest.raises(Forbidden, match="is not connected to the network db"):
        world.attachments.disconnect(db, made)
    made.state["Running"] = True
    with pytest.raises(Forbidden, match="is not connected to network db"):
        world.attachments.disconnect(db, made)
    with pytest.raises(Forbidden, match="cannot be disconnected from host network"):
        world.attachments.disconnect(host, world.container("b", "host"))
    assert world.store.members(web) == []


def test_a_link_is_removed_by_its_alias(world: World) -> None:
    world.start(world.container("db"))
    made = world.container("a", host_config={"Links": ["db:database", "db:other"]})
    world.attachments.write_files(made)
    assert "database" in (made.folder / "hosts").read_text()
    world.attachments.remove_link(made, "a/database")
    assert made.host_config["Links"] == ["db:other"]
    assert "database" not in (made.folder / "hosts").read_text()
    with pytest.raises(NotFound, match="No such container: a/none"):
        world.attachments.remove_link(made, "a/none")


# --- restart of the engine


def test_reattached_containers_keep_addresses_and_ports(world: World) -> None:
    bindings = {"80/tcp": [{}]}
    first = world.start(world.container("a", "web", host_config={"PortBindings": bindings}))
    before = (dict(first.networks["web"]), first.record["Ports"])
    again = World(world.folder)
    again.containers.containers.append(first)
    again.proxy.ports["0.0.0.0", 32769, "tcp"] = "another"
    again.attachments.reattach(first)
    assert (dict(first.networks["web"]), first.record["Ports"]) == before
    assert again.proxy.ports["0.0.0.0", 32768, "tcp"] == "10.0.0.2:80"
    assert {operation for operation, _ in again.helper.requests} == {"socket"}
    second = again.start(again.container("b", "web"))
    assert second.networks["web"]["IPAddress"] == "10.0.0.3"


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


def test_the_files_name_slirp4netns_where_it_runs(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachment.Outbound, "is_connected", lambda _self: True)
    made = world.start(world.container("a"))
    assert (made.folder / "resolv.conf").read_text() == f"nameserver {outbound.NAME_SERVER}\n"
