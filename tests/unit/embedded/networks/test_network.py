"""Networks: properties of their records, and allocation of addresses."""

from __future__ import annotations

import pytest

from docker_magics.embedded.errors import ApiError
from docker_magics.embedded.networks import creation
from docker_magics.embedded.networks.network import Network


@pytest.fixture
def network() -> Network:
    """A user-defined network with three addresses for containers, and IPv6."""
    config = [
        {"Subnet": "10.0.0.0/29", "AuxiliaryAddresses": {"r": "10.0.0.6"}},
        {"Subnet": "fd00::/64"},
    ]
    body = {"Name": "net", "EnableIPv6": True, "IPAM": {"Config": config}}
    return creation.planned(body, [])


def test_addresses_are_allocated_in_order_and_released_by_their_owner_only(
    network: Network,
) -> None:
    assert [network.allocate(owner, None) for owner in "abc"] == [
        "10.0.0.2",
        "10.0.0.3",
        "10.0.0.4",
    ]
    assert network.allocate("d", "") == "10.0.0.5"
    with pytest.raises(ApiError, match="no available IPv4 addresses"):
        network.allocate("e", None)
    network.release("a", "10.0.0.3")
    with pytest.raises(ApiError, match="no available IPv4 addresses"):
        network.allocate("e", None)
    network.release("b", "10.0.0.3")
    assert network.allocate("e", None) == "10.0.0.3"


@pytest.mark.parametrize("reserved", ["10.0.0.0", "10.0.0.1", "10.0.0.6", "10.0.0.7"])
def test_reserved_addresses_are_in_use(network: Network, reserved: str) -> None:
    with pytest.raises(ApiError, match="Address already in use"):
        network.allocate("a", reserved)


def test_a_static_address_belongs_to_one_container(network: Network) -> None:
    assert network.allocate("a", "10.0.0.5") == "10.0.0.5"
    assert network.allocate("a", "10.0.0.5") == "10.0.0.5"
    with pytest.raises(ApiError, match="Address already in use"):
        network.allocate("b", "10.0.0.5")
    assert network.allocate6("a", None) == "fd00::2"
    with pytest.raises(ApiError, match="Address already in use"):
        network.allocate6("b", "fd00::2")
    assert network.allocate6("b", "fd00::9") == "fd00::9"


def test_a_reclaimed_address_is_not_given_to_another_container(network: Network) -> None:
    network.reclaim("old", "10.0.0.2")
    assert network.allocate("new", None) == "10.0.0.3"


def test_subnets_and_gateways_of_both_versions(network: Network) -> None:
    assert (str(network.subnet), network.gateway) == ("10.0.0.0/29", "10.0.0.1")
    assert (str(network.subnet6), network.gateway6) == ("fd00::/64", "fd00::1")
    host = creation.predefined("host")
    assert (host.subnet, host.gateway, host.subnet6, host.gateway6) == (None, "", None, "")


def test_bridges_are_named_for_the_id_or_by_an_option(network: Network) -> None:
    assert network.bridge == f"br-{network.id[:12]}"
    assert creation.predefined("bridge").bridge == "docker0"
    named = creation.planned(
        {"Name": "net", "Options": {"com.docker.network.bridge.name": "course0"}}, []
    )
    assert named.bridge == "course0"
