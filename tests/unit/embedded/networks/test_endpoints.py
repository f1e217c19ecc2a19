"""Endpoint settings of requests, checked against the networks."""

from __future__ import annotations

import pytest

from docker_magics.embedded.errors import BadParameter
from docker_magics.embedded.networks import creation, endpoints
from docker_magics.embedded.networks.network import Network

BY_USER = "user specified IP address is supported only when connecting to networks with user"


def network(*subnets: str, **body: object) -> Network:
    """Return a user-defined network."""
    config = [{"Subnet": subnet} for subnet in subnets]
    return creation.planned({"Name": "net", "IPAM": {"Config": config}, **body}, [])


def test_the_first_network_is_the_mode_s() -> None:
    assert list(endpoints.planned("bridge", {}, "")) == ["bridge"]
    assert list(endpoints.planned("none", {}, "")) == ["none"]


def test_a_single_network_replaces_the_default_one() -> None:
    assert list(endpoints.planned("bridge", {"web": None}, "")) == ["web"]
    assert list(endpoints.planned("bridge", {"default": {}}, "")) == ["bridge"]
    assert list(endpoints.planned("bridge", {"web": {}, "db": {}}, "")) == ["bridge", "web", "db"]


def test_the_networks_of_the_mode_comes_first_and_has_its_settings() -> None:
    configs = {
        "db": {"Aliases": ["d"]},
        "web": {"Aliases": ["w"], "MacAddress": "02:00:00:00:00:01"},
    }
    planned = endpoints.planned("web", configs, "")
    assert list(planned) == ["web", "db"]
    assert planned["web"]["Aliases"] == planned["web"]["RequestedAliases"] == ["w"]
    assert planned["web"]["RequestedMac"] == "02:00:00:00:00:01"
    assert planned["db"]["MacAddress"] == ""


def test_the_containers_mac_address_is_for_the_first_network_without_one() -> None:
    planned = endpoints.planned("web", {"web": {}, "db": {}}, "02:00:00:00:00:09")
    assert planned["web"]["MacAddress"] == planned["web"]["RequestedMac"] == "02:00:00:00:00:09"
    assert planned["db"]["RequestedMac"] == ""
    own = endpoints.planned(
        "web", {"web": {"MacAddress": "02:00:00:00:00:01"}}, "02:00:00:00:00:09"
    )
    assert own["web"]["MacAddress"] == "02:00:00:00:00:01"


def test_clearing_keeps_what_was_requested() -> None:
    settings = endpoints.requested({"Aliases": ["a"], "MacAddress": "02:00:00:00:00:01"})
    settings |= {"IPAddress": "10.0.0.2", "GlobalIPv6Address": "fd00::2", "EndpointID": "e"}
    settings["Interface"] = "eth0"
    assert endpoints.addresses(settings) == ["10.0.0.2", "fd00::2"]
    endpoints.clear(settings)
    assert endpoints.addresses(settings) == []
    assert "Interface" not in settings
    assert (settings["EndpointID"], settings["MacAddress"]) == ("", "")
    assert (settings["RequestedMac"], settings["RequestedAliases"]) == ("02:00:00:00:00:01", ["a"])


@pytest.mark.parametrize(
    ("subnets", "ipam_config", "message"),
    [
        ((), {"IPv4Address": "10.0.0.2"}, BY_USER),
        (("10.0.0.0/24",), {"IPv6Address": "fd00::2"}, BY_USER),
        (("10.0.0.0/24",), {"IPv4Address": "ten"}, "invalid IPv4 address: ten"),
        (("10.0.0.0/24",), {"IPv4Address": "fd00::2"}, "invalid IPv4 address: fd00::2"),
        (("10.0.0.0/24",), {"IPv4Address": "10.0.1.2"}, "no configured subnet"),
        (("10.0.0.0/24", "fd00::/64"), {"IPv6Address": "x"}, "invalid IPv6 address: x"),
        (("10.0.0.0/24", "fd00::/64"), {"IPv6Address": "fd01::2"}, "no configured subnet"),
    ],
)  # fmt: skip
def test_static_addresses_that_a_network_does_not_allow(
    subnets: tuple[str, ...], ipam_config: dict[str, str], message: str
) -> None:
    settings = endpoints.requested({"IPAMConfig": ipam_config})
    user_defined = network(*subnets, EnableIPv6=any(":" in subnet for subnet in subnets))
    with pytest.raises(BadParameter, match=message):
        endpoints.check_requested(user_defined, settings)


def test_static_addresses_of_the_networks_subnets_are_allowed() -> None:
    config = {"IPv4Address": "10.0.0.9", "IPv6Address": "fd00::9"}
    user_defined = network("10.0.0.0/24", "fd00::/64", EnableIPv6=True)
    endpoints.check_requested(user_defined, endpoints.requested({"IPAMConfig": config}))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"IPAMConfig": {"IPv4Address": "172.17.0.9"}}, "supported on user defined networks only"),
        ({"Aliases": ["db"]}, "network-scoped alias is supported only for containers in user"),
    ],
)
def test_the_default_bridge_has_neither_static_addresses_nor_aliases(
    config: dict[str, object], message: str
) -> None:
    with pytest.raises(BadParameter, match=message):
        endpoints.check_requested(creation.predefined("bridge"), endpoints.requested(config))


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("", ""),
        ("02:42:AC:11:00:02", "02:42:ac:11:00:02"),
        ("02-42-ac-11-00-02", "02:42:ac:11:00:02"),
        ("0242.ac11.0002", "02:42:ac:11:00:02"),
    ],
)
def test_a_mac_address_is_read_as_by_go(text: str, address: str) -> None:
    assert endpoints.requested({"MacAddress": text})["RequestedMac"] == address


@pytest.mark.parametrize(
    "text",
    ["x", "02:42", "02:42-ac:11:00:02", "01:00:5e:00:00:01", "00:00:00:00:00:00", "a\0b", "٣" * 12],
)
def test_invalid_mac_addresses(text: str) -> None:
    with pytest.raises(BadParameter, match=rf"^address {text}: invalid MAC address$"):
        endpoints.requested({"MacAddress": text})
    with pytest.raises(BadParameter):
        endpoints.planned("bridge", {}, text)


@pytest.mark.parametrize("text", ["", "x", "a:b:c", "0.0.0.0", "a\0b"])
def test_invalid_link_local_addresses(text: str) -> None:
    with pytest.raises(BadParameter, match=f"^invalid link-local IP address: {text}$"):
        endpoints.requested({"IPAMConfig": {"LinkLocalIPs": [text]}})
