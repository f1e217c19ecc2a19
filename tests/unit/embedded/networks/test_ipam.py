"""Pools, subnets and addresses of the embedded engine's networks."""

from __future__ import annotations

import pytest

from docker_magics.embedded.errors import ApiError, BadParameter, Forbidden
from docker_magics.embedded.networks import ipam
from docker_magics.embedded.networks.ipam import IPAMConfig, Subnet, Subnet6


def test_pools_do_not_overlap_and_can_be_exhausted() -> None:
    taken = [Subnet("172.18.0.0/24"), Subnet("172.19.0.0/16")]
    assert str(ipam.free_pool(taken)) == "172.20.0.0/16"
    with pytest.raises(ApiError, match="non-overlapping IPv4 address pool"):
        ipam.free_pool([Subnet("0.0.0.0/0")])


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({"Subnet": "10.0.0.1/24"}, "invalid subnet 10.0.0.1/24: it should be 10.0.0.0/24"),
        ({"Subnet": "x"}, "invalid subnet x: invalid CIDR block notation"),
        ({"Subnet": "10.0.0.0/255.0.0.0"},
         "invalid subnet 10.0.0.0/255.0.0.0: invalid CIDR block notation"),
        ({"Subnet": "10.0.0.0"}, "invalid subnet 10.0.0.0: invalid CIDR block notation"),
        ({"Subnet": "10.0.0.0/33"}, "invalid subnet 10.0.0.0/33: invalid CIDR block notation"),
        ({"Subnet": "fd00::/129"}, "invalid subnet fd00::/129: invalid CIDR block notation"),
        ({"Subnet": "10.0.0.0/24", "Gateway": "10.0.1.1"},
         "invalid gateway 10.0.1.1: parent subnet 10.0.0.0/24 doesn't contain this address"),
        ({"Subnet": "10.0.0.0/24", "Gateway": "x"}, "invalid gateway x: invalid address"),
        ({"Subnet": "10.0.0.0/24", "Gateway": "fd00::1"},
         "invalid gateway fd00::1: parent subnet is an IPv4 block"),
        ({"Subnet": "fd00::/64", "Gateway": "10.0.0.1"},
         "invalid gateway 10.0.0.1: parent subnet is an IPv6 block"),
        ({"Subnet": "10.0.0.0/24", "IPRange": "10.0.0.0/16"},
         "invalid ip-range 10.0.0.0/16: CIDR block is bigger than its parent subnet 10.0.0.0/24"),
        ({"Subnet": "10.0.0.0/24", "IPRange": "10.0.0.9/25"},
         "invalid ip-range 10.0.0.9/25: it should be 10.0.0.0/25"),
        ({"Subnet": "10.0.0.0/24", "IPRange": "10.0.1.0/25"},
         "invalid ip-range 10.0.1.0/25: parent subnet 10.0.0.0/24 doesn't contain ip-range"),
        ({"Subnet": "10.0.0.0/24", "IPRange": "/"},
         "invalid ip-range /: invalid CIDR block notation"),
        ({"Subnet": "fd00::/64", "IPRange": "10.0.0.0/8"},
         "invalid ip-range 10.0.0.0/8: parent subnet is an IPv6 block"),
        ({"Subnet": "10.0.0.0/24", "AuxiliaryAddresses": {"a": "10.0.1.1"}},
         "invalid auxiliary address a: parent subnet 10.0.0.0/24 doesn't contain this address"),
    ],
)  # fmt: skip
def test_invalid_configurations(config: IPAMConfig, problem: str) -> None:
    with pytest.raises(BadParameter) as caught:
        ipam.check([config], has_ipv6=True)
    assert str(caught.value) == f"invalid network config:\n{problem}"


def test_all_problems_are_listed() -> None:
    with pytest.raises(BadParameter) as caught:
        ipam.check([{"Subnet": "x"}, {"Subnet": "10.0.0.0/24", "Gateway": "y"}], has_ipv6=False)
    assert str(caught.value) == (
        "invalid network config:\n* invalid subnet x: invalid CIDR block notation\n"
        "* invalid gateway y: invalid address"
    )


def test_ipv6_is_ignored_where_the_network_has_none() -> None:
    ipam.check([{"Subnet": "fd00::/64", "Gateway": "10.0.0.1"}], has_ipv6=False)


@pytest.mark.parametrize(
    ("config", "kind", "message"),
    [
        ({"Subnet": "10.1.0.0/16"}, Forbidden, "Pool overlaps"),
        ({"Subnet": "10.0.0.0/24", "Gateway": "10.0.0.255"}, ApiError,
         r"failed to allocate gateway \(10.0.0.255\): Address already in use"),
    ],
)  # fmt: skip
def test_subnets_that_cannot_be_used(
    config: IPAMConfig, kind: type[ApiError], message: str
) -> None:
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


def test_overlapping_ipv6_subnets() -> None:
    with pytest.raises(Forbidden, match="Pool overlaps"):
        ipam.checked6({"Subnet": "fd00:1::/64"}, [Subnet6("fd00:1::/48")])


def test_a_subnet_of_one_address() -> None:
    subnet = ipam.checked({"Subnet": "10.0.0.7/32"}, [])
    assert ipam.gateway_of({}, subnet) == "10.0.0.7"


def test_no_local_ipv6_pool_is_free() -> None:
    with pytest.raises(ApiError, match="non-overlapping IPv6 address pool"):
        ipam.free_pool6([Subnet6("fd00::/8")])


def test_local_ipv6_pools_do_not_overlap() -> None:
    first = ipam.free_pool6([])
    second = ipam.free_pool6([first])
    assert not first.overlaps(second)
    assert all(
        pool.subnet_of(Subnet6("fd00::/8")) and pool.prefixlen == 64 for pool in (first, second)
    )


def test_ipv6_addresses_are_consecutive_even_in_a_huge_subnet() -> None:
    subnet = ipam.checked6({"Subnet": "fd00::/64"}, [])
    assert ipam.gateway_of({}, subnet) == "fd00::1"
    assert ipam.pick({}, subnet, set()) == "fd00::2"
    assert ipam.pick({}, subnet, {"fd00::2"}) == "fd00::3"


def test_the_gateway_is_the_first_address_of_the_range() -> None:
    subnet = Subnet("10.0.0.0/24")
    assert ipam.gateway_of({}, subnet) == "10.0.0.1"
    assert ipam.gateway_of({"IPRange": "10.0.0.64/26"}, subnet) == "10.0.0.64"
    assert ipam.gateway_of({"Gateway": "10.0.0.7"}, subnet) == "10.0.0.7"
    config = {"AuxiliaryAddresses": {"router": "10.0.0.1"}}
    assert ipam.gateway_of(config, subnet) == "10.0.0.2"
    assert ipam.reserved(config, subnet) == {"10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.255"}


def test_a_configuration_is_of_ipv4_or_ipv6_or_neither() -> None:
    kinds = [
        (ipam.is_ipv4(c), ipam.is_ipv6(c))
        for c in ({"Subnet": "10.0.0.0/8"}, {"Subnet": "fd00::/8"}, {})
    ]
    assert kinds == [(True, False), (False, True), (False, False)]
