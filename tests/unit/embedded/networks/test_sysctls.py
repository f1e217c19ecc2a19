"""Sysctls of one interface: a driver option, to which older clients' are moved."""

from __future__ import annotations

from typing import Any

import pytest

from docker_magics.embedded.errors import ApiError, BadParameter
from docker_magics.embedded.networks import sysctls


def test_the_option_of_an_endpoint() -> None:
    text = "net.ipv4.conf.IFNAME.log_martians=1,net.ipv6.neigh.ifname.a_b=x=y"
    assert sysctls.paths({sysctls.OPTION: text}, "eth1") == [
        ("ipv4/conf/eth1/log_martians", "1"),
        ("ipv6/neigh/eth1/a_b", "x=y"),
    ]
    assert sysctls.read(None) == sysctls.read({}) == sysctls.read({sysctls.OPTION: ""}) == []


@pytest.mark.parametrize(
    "setting",
    [
        "net.ipv4.conf.eth0.a=1",
        "net.ipv4.ip_forward=1",
        "net.core.conf.IFNAME.a=1",
        "kernel.ipv4.conf.IFNAME.a=1",
        "net.ipv4.conf/../../kernel.IFNAME.a=1",
        "net.ipv4.conf.IFNAME.../../a=1",
        "net.ipv4.conf.IFNAME.a",
        "net.ipv4.conf.IFNAME.a=1,",
    ],
)
def test_what_is_not_a_sysctl_of_an_interface(setting: str) -> None:
    with pytest.raises(BadParameter, match="unrecognised network interface sysctl"):
        sysctls.read({sysctls.OPTION: setting})


def request(mode: str = "", **named: str) -> dict[str, Any]:
    return {"HostConfig": {"NetworkMode": mode, "Sysctls": named, "Memory": 1}}


def test_older_clients_sysctls_of_eth0_become_the_endpoint_s() -> None:
    body = request("net", **{"net.ipv4.conf.eth0.a": "1", "net.ipv4.ip_forward": "1"})
    option = {sysctls.OPTION: "net.ipv4.conf.IFNAME.b=2"}
    body["NetworkingConfig"] = {"EndpointsConfig": {"net": {"DriverOpts": option}}}
    assert sysctls.migrate(body, (1, 47)) == (
        'Migrated sysctl "net.ipv4.conf.eth0.a" to'
        ' DriverOpts{"com.docker.network.endpoint.sysctls":"net.ipv4.conf.IFNAME.a=1"}.'
    )
    assert body["HostConfig"]["Sysctls"] == {"net.ipv4.ip_forward": "1"}
    (endpoint,) = body["NetworkingConfig"]["EndpointsConfig"].values()
    joined = "net.ipv4.conf.IFNAME.a=1,net.ipv4.conf.IFNAME.b=2"
    assert endpoint == {"DriverOpts": {sysctls.OPTION: joined}}


def test_sysctls_that_are_not_moved() -> None:
    eth0, eth1 = {"net.ipv4.conf.eth0.a": "1"}, {"net.ipv4.conf.eth1.a": "1"}
    with pytest.raises(ApiError, match="must be supplied using driver option"):
        sysctls.migrate(request(**eth0), (1, 48))
    with pytest.raises(ApiError, match="unable to determine network endpoint for sysctl net"):
        sysctls.migrate(request(**eth1), (1, 47))
    for body in (request("host", **eth0), request("container:x", **eth0), request(), {}):
        assert sysctls.migrate(body, (1, 51)) == ""
