"""New networks: what requests and existing networks allow."""

from __future__ import annotations

from typing import Any

import pytest

from docker_magics.embedded.errors import (
    ApiError,
    BadParameter,
    Conflict,
    Forbidden,
    NotFound,
    Unavailable,
)
from docker_magics.embedded.networks import creation
from docker_magics.embedded.networks.network import Network

MTU = "com.docker.network.driver.mtu"
NAME = "com.docker.network.bridge.name"
POOL = {"Subnet": "10.9.0.0/24", "Gateway": "10.9.0.254"}


def existing() -> list[Network]:
    """Return the default bridge, a configuration network and a network with a bridge name."""
    return [
        creation.predefined("bridge"),
        creation.planned(
            {"Name": "conf", "ConfigOnly": True, "IPAM": {"Config": [POOL]}, "Labels": {"a": "b"}},
            [],
        ),
        creation.planned({"Name": "taken", "Options": {NAME: "course0"}}, []),
    ]


def with_ipam(*configs: Any) -> dict[str, Any]:
    """Return a request for a network with IPAM configurations."""
    return {"Name": "net", "IPAM": {"Config": list(configs)}}


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        ({}, BadParameter, "invalid network name: name is empty"),
        ({"Name": " "}, BadParameter, "name is empty"),
        ({"Name": "a\x1b[2J"}, BadParameter, r"'a\\x1b\[2J' has control characters"),
        ({"Name": "a\nb"}, BadParameter, "invalid network name"),
        ({"Name": "host"}, Forbidden, "not permitted on predefined host network"),
        ({"Name": "default"}, Forbidden, "not permitted on predefined default network"),
        ({"Name": "taken"}, Conflict, "network with name taken already exists"),
        ({"Name": "net", "Driver": "host"}, Forbidden, 'only one instance of "host"'),
        ({"Name": "net", "Driver": "overlay"}, Unavailable, "not a swarm manager"),
        ({"Name": "net", "Driver": "macvlan"}, NotFound, 'plugin "macvlan" not found'),
        ({"Name": "net", "IPAM": {"Driver": "dhcp"}}, NotFound, 'plugin "dhcp" not found'),
        ({"Name": "net", "Scope": "swarm"}, Forbidden, "cannot create a swarm scoped network"),
        ({"Name": "net", "Scope": "global"}, Unavailable, "not a swarm manager"),
        ({"Name": "net", "Ingress": True}, Forbidden, "Ingress network can only be global"),
        ({"Name": "net", "ConfigFrom": {"Network": "taken"}}, NotFound, 'network "taken" does not'),
        (
            {"Name": "net", "ConfigFrom": {"Network": "conf"}, "Labels": {"x": "y"}},
            Forbidden,
            "user specified configurations are not supported",
        ),
        (with_ipam({"Subnet": "172.17.5.0/24"}), Forbidden, "Pool overlaps"),
        (with_ipam({"Subnet": "10.0.0.0/24"}, {"Subnet": "10.1.0.0/24"}), Forbidden, "multiple"),
        (with_ipam({"Subnet": "x"}), BadParameter, "invalid subnet x"),
        ({"Name": "net", "Options": {MTU: "x"}}, BadParameter, "failed to parse"),
        ({"Name": "net", "Options": {NAME: "docker0"}}, Forbidden, "same bridge name"),
        ({"Name": "net", "Options": {NAME: "course0"}}, Forbidden, "same bridge name"),
    ],
)
def test_requests_that_are_rejected(
    body: dict[str, Any], kind: type[ApiError], message: str
) -> None:
    with pytest.raises(kind, match=message) as error:
        creation.planned(body, existing())
    assert error.type is kind


def test_a_network_gets_a_free_pool_and_its_first_address_as_gateway() -> None:
    network = creation.planned({"Name": "net"}, existing())
    assert network.config == {"Subnet": "172.19.0.0/16", "Gateway": "172.19.0.1"}
    assert not network.has_user_subnet
    assert (network.driver, network.record["Scope"]) == ("bridge", "local")


def test_ipv6_gets_a_local_pool() -> None:
    network = creation.planned({"Name": "net", "EnableIPv6": True}, existing())
    assert network.subnet6 is not None
    assert (network.subnet6.prefixlen, network.gateway6) == (64, str(network.subnet6[1]))
    assert not network.has_user_subnet6


def test_the_request_is_kept_in_the_record() -> None:
    body = with_ipam({"Subnet": "fd00::/64"}, {"Subnet": "10.0.0.0/24"}) | {
        "Internal": True,
        "Attachable": True,
        "EnableIPv6": True,
        "Labels": {"a": "b"},
        "Options": {MTU: "1400"},
    }
    record = creation.planned(body, existing()).record
    assert [config["Subnet"] for config in record["IPAM"]["Config"]] == ["10.0.0.0/24", "fd00::/64"]
    assert record["Internal"]
    assert record["Attachable"]
    assert record["EnableIPv6"]
    assert (record["Labels"], record["Options"]) == ({"a": "b"}, {MTU: "1400"})
    assert record["UserSubnet"]
    assert body["IPAM"]["Config"][0] == {"Subnet": "fd00::/64"}


def test_null_fields_of_docker_py_count_as_absent() -> None:
    nothing = {"Gateway": None, "IPRange": None, "AuxiliaryAddresses": None}
    network = creation.planned(with_ipam({"Subnet": "10.0.0.0/24", **nothing}), [])
    assert network.record["IPAM"]["Config"] == [{"Subnet": "10.0.0.0/24"}]
    automatic = creation.planned(with_ipam({"Subnet": None, **nothing}), [])
    assert automatic.gateway == "172.18.0.1"
    assert not automatic.has_user_subnet


def test_a_network_takes_its_configuration_from_another() -> None:
    network = creation.planned({"Name": "net", "ConfigFrom": {"Network": "conf"}}, existing())
    assert network.config == POOL
    assert network.labels == {"a": "b"}
    assert network.record["ConfigFrom"] == {"Network": "conf"}
    assert not network.record["ConfigOnly"]


def test_a_configuration_network_occupies_no_addresses() -> None:
    conf = creation.planned({"Name": "conf2", "ConfigOnly": True}, existing())
    assert conf.driver == "null"
    assert conf.record["IPAM"]["Config"] == []
    overlapping = creation.planned(with_ipam({"Subnet": "10.9.0.0/24"}), existing())
    assert str(overlapping.subnet) == "10.9.0.0/24"


def test_predefined_networks_have_their_drivers() -> None:
    drivers = {name: creation.predefined(name).driver for name in ("bridge", "host", "none")}
    assert drivers == {"bridge": "bridge", "host": "host", "none": "null"}
    assert creation.predefined("bridge").gateway == "172.17.0.1"
    assert creation.predefined("bridge").options[MTU] == "1500"
