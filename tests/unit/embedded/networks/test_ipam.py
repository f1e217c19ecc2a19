"""Pools, subnets and addresses of the embedded engine's networks."""

from __future__ import annotations

import pytest

from docker_magics.embedded.errors import ApiError, BadParameter, Forbidden
from docker_magics.embedded.networks import ipam
from docker_magics.embedded.networks.ipam import Subnet, Subnet6


def test_pools_do_not_overlap_and_can_be_exhausted() -> None:
    taken = [Subnet("172.18.0.0/24"), Subnet("172.19.0.0/16")]
    assert str(ipam.free_pool(taken)) == "172.20.0.0/16"
    with pytest.raises(ApiError, match="non-overlapping IPv4 address pool"):
        ipam.free_pool([Subnet("0.0.0.0/0")])


@pytest.mark.parametrize(
    ("config", "kind", "message"),
    [
        ({"Subnet": "10.0.0.1/24"}, BadParameter, "it should be 10.0.0.0/24"),
        ({"Subnet": "x"}, BadParameter, "invalid CIDR address: x"),
        ({"Subnet": "10.1.0.0/16"}, Forbidden, "Pool overlaps"),
        ({"Subnet": "10.0.0.0/24", "Gateway": "10.0.1.1"}, BadParameter, "no matching subnet"),
        ({"Subnet": "10.0.0.0/24", "IPRange": "10.0.0.0/16"}, BadParameter, "no matching subnet"),
        ({"Subnet": "10.0.0.0"}, BadParameter, "invalid CIDR address: 10.0.0.0"),
        ({"Subnet": "10.0.0.0/33"}, BadParameter, "invalid CIDR address: 10.0.0.0/33"),
        ({"Subnet": "10.0.0.0/24", "Gateway": "x"}, BadParameter, "invalid Gateway x"),
        ({"Subnet": "10.0.0.0/24", "Gateway": "fd00::1"}, BadParameter, "invalid Gateway"),
        ({"Subnet": "10.0.0.0/24", "IPRange": "/"}, BadParameter, "invalid IPRange /"),
        (
            {"Subnet": "10.0.0.0/24", "AuxiliaryAddresses": {"a": "10.0.1.1"}},
            BadParameter,
            "no matching subnet for auxiliary address 10.0.1.1",
        ),
        (
            {"Subnet": "10.0.0.0/24", "Gateway": "10.0.0.255"},
            ApiError,
            r"failed to allocate gateway \(10.0.0.255\): Address already in use",
        ),
        ({"Subnet": "10.0.0.0/32"}, ApiError, "No available addresses on this pool"),
    ],
)
def test_invalid_subnets(config: dict[str, str], kind: type[ApiError], message: str) -> None:
    with pytest.raises(kind, match=message):
        ipam.checked(config, [Subnet("10.1.2.0/24")])


def test_an_address_is_free_and_in_the_range() -> None:
    subnet = Subnet("10.0.0.0/29")
    config = {"AuxiliaryAddresses": {"router": "10.0.0.2"}}
    assert ipam.pick(config, subnet, {"10.0.0.3"}) == "10.0.0.4"
    assert ipam.pick({"IPRange": "10.0.0.4/31"}, subnet, {"10.0.0.4"}) == "10.0.0.5"
    with pytest.raises(ApiError, match="no available IPv4 addresses"):
        ipam.pick({}, subnet, {f"10.0.0.{n}" for n in range(2, 7)})
    assert ipam.mac_of("172.17.0.2") == "02:42:ac:11:00:02"


def test_a_subnet_that_overlaps_none_is_accepted() -> None:
    config = {"Subnet": "10.0.0.0/24", "Gateway": "10.0.0.9", "IPRange": "10.0.0.128/25"}
    assert ipam.checked(config, [Subnet("10.0.1.0/24")]) == Subnet("10.0.0.0/24")


@pytest.mark.parametrize(
    ("config", "kind", "message"),
    [
        ({"Subnet": "fd00::/129"}, BadParameter, "invalid CIDR address: fd00::/129"),
        ({"Subnet": "fd00:1::/64"}, Forbidden, "Pool overlaps"),
        ({"Subnet": "fd00::/64", "Gateway": "fd01::1"}, BadParameter, "no matching subnet"),
        ({"Subnet": "fd00::/64", "IPRange": "10.0.0.0/8"}, BadParameter, "invalid IPRange"),
    ],
)
def test_invalid_ipv6_subnets(config: dict[str, str], kind: type[ApiError], message: str) -> None:
    with pytest.raises(kind, match=message):
        ipam.checked6(config, [Subnet6("fd00:1::/48")])


def test_ipv6_addresses_are_consecutive_even_in_a_huge_subnet() -> None:
    subnet = ipam.checked6({"Subnet": "fd00::/64"}, [])
    assert ipam.gateway_of({}, subnet) == "fd00::1"
    assert ipam.pick({}, subnet, set()) == "fd00::2"
    assert ipam.pick({}, subnet, {"fd00::2"}) == "fd00::3"


def test_the_gateway_is_the_first_address_of_the_range() -> None:
    subnet = Subnet("10.0.0.0/24")
    assert ipam.gateway_of({}, subnet) == "10.0.0.1"
    assert ipam.gateway_of({"IPRange": "10.0.0.64/26"}, subnet) == "10.0.0.64"
    assert ipam.gateway_of({"Gateway": "10.0.0.7/24"}, subnet) == "10.0.0.7"
    config = {"AuxiliaryAddresses": {"router": "10.0.0.1"}}
    assert ipam.gateway_of(config, subnet) == "10.0.0.2"
    assert ipam.reserved(config, subnet) == {"10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.255"}


def test_a_configuration_is_of_ipv4_or_ipv6_or_neither() -> None:
    kinds = [
        (ipam.is_ipv4(c), ipam.is_ipv6(c))
        for c in ({"Subnet": "10.0.0.0/8"}, {"Subnet": "fd00::/8"}, {})
    ]
    assert kinds == [(True, False), (False, True), (False, False)]
