"""Pools, subnets and addresses of the embedded engine's networks."""

from __future__ import annotations

import pytest

from docker_magics.embedded.errors import ApiError, BadParameter, Forbidden
from docker_magics.embedded.networks import ipam
from docker_magics.embedded.networks.ipam import Subnet


def test_pools_do_not_overlap_and_come_to_an_end() -> None:
    taken = [Subnet("172.18.0.0/24"), Subnet("172.19.0.0/16")]
    assert str(ipam.free_pool(taken)) == "172.20.0.0/16"
    with pytest.raises(ApiError, match="non-overlapping IPv4 address pool"):
        ipam.free_pool([Subnet("0.0.0.0/0")])


@pytest.mark.parametrize(
    ("config", "kind", "words"),
    [
        ({"Subnet": "10.0.0.1/24"}, BadParameter, "it should be 10.0.0.0/24"),
        ({"Subnet": "x"}, BadParameter, "invalid CIDR address: x"),
        ({"Subnet": "10.1.0.0/16"}, Forbidden, "Pool overlaps"),
        ({"Subnet": "10.0.0.0/24", "Gateway": "10.0.1.1"}, BadParameter, "no matching subnet"),
        ({"Subnet": "10.0.0.0/24", "IPRange": "10.0.0.0/16"}, BadParameter, "no matching subnet"),
    ],
)
def test_subnets_that_cannot_be(config: dict[str, str], kind: type[ApiError], words: str) -> None:
    with pytest.raises(kind, match=words):
        ipam.checked(config, [Subnet("10.1.2.0/24")])


def test_an_address_is_free_and_in_the_range() -> None:
    subnet = Subnet("10.0.0.0/29")
    config = {"AuxiliaryAddresses": {"router": "10.0.0.2"}}
    assert ipam.pick(config, subnet, {"10.0.0.3"}) == "10.0.0.4"
    assert ipam.pick({"IPRange": "10.0.0.4/31"}, subnet, {"10.0.0.4"}) == "10.0.0.5"
    with pytest.raises(ApiError, match="no available IPv4 addresses"):
        ipam.pick({}, subnet, {f"10.0.0.{n}" for n in range(2, 7)})
    assert ipam.mac_of("172.17.0.2") == "02:42:ac:11:00:02"
