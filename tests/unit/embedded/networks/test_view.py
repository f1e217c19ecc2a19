"""Networks, endpoints and ports in the API's shapes."""

from __future__ import annotations

from pathlib import Path

import pytest
from unit.embedded.fakes import container, start

from docker_magics.embedded.networks import creation, endpoints, view
from docker_magics.embedded.records.container import Container


@pytest.fixture
def made(tmp_path: Path) -> Container:
    """A container that runs, on `bridge` and `net`."""
    made = container(tmp_path, config={"ExposedPorts": {"80/tcp": {}, "7": {}}})
    for number, name in enumerate(("net", "bridge")):
        settings = endpoints.requested({"Aliases": ["a"], "MacAddress": "02:00:00:00:00:01"})
        made.networks[name] = settings
        settings |= {"IPAddress": f"10.0.{number}.2", "IPPrefixLen": 24, "EndpointID": "e" * 64}
        settings["Interface"] = f"eth{number}"
    start(made, 42)
    return made


def test_a_network_shows_its_members(made: Container, tmp_path: Path) -> None:
    network = creation.planned({"Name": "net", "Labels": {"a": "b"}}, [])
    shown = view.network_json(network, [made, container(tmp_path, "elsewhere")])
    assert list(shown)[-3:] == ["Containers", "Options", "Labels"]
    assert shown["Containers"] == {
        made.id: {
            "Name": "web",
            "EndpointID": "e" * 64,
            "MacAddress": "02:00:00:00:00:01",
            "IPv4Address": "10.0.0.2/24",
            "IPv6Address": "",
        }
    }
    made.networks["net"] |= {"GlobalIPv6Address": "fd00::2", "GlobalIPv6PrefixLen": 64}
    member = view.network_json(network, [made])["Containers"][made.id]
    assert member["IPv6Address"] == "fd00::2/64"
    assert view.network_json(network)["Containers"] == {}
    assert "UserSubnet" not in shown


def test_settings_repeat_the_default_bridge_and_hide_internal_fields(made: Container) -> None:
    settings = view.network_settings(made)
    assert list(settings["Networks"]) == ["bridge", "net"]
    assert settings["IPAddress"] == settings["Networks"]["bridge"]["IPAddress"] == "10.0.1.2"
    assert settings["SandboxKey"] == "/proc/42/ns/net"
    assert len(settings["SandboxID"]) == 64
    hidden = {"Interface", "RequestedMac", "RequestedAliases"}
    assert not hidden & {field for s in settings["Networks"].values() for field in s}


def test_settings_of_a_container_that_was_never_started(tmp_path: Path) -> None:
    settings = view.network_settings(container(tmp_path, config={"ExposedPorts": {"80/tcp": {}}}))
    assert (settings["SandboxID"], settings["SandboxKey"], settings["Ports"]) == ("", "", {})
    assert (settings["IPAddress"], settings["IPPrefixLen"], settings["Networks"]) == ("", 0, {})


def test_ports_are_exposed_or_published(made: Container) -> None:
    made.record["Ports"] = {"80/tcp": [{"HostIp": "::", "HostPort": "8080"}], "9/udp": []}
    assert view.network_settings(made)["Ports"] == {
        "7/tcp": None,
        "80/tcp": [{"HostIp": "::", "HostPort": "8080"}],
        "9/udp": None,
    }
    assert view.listed_ports(made) == [
        {"PrivatePort": 7, "Type": "tcp"},
        {"IP": "::", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
        {"PrivatePort": 9, "Type": "udp"},
    ]


def test_closed_networks_show_no_ports(made: Container) -> None:
    made.record["Ports"] = None
    assert view.network_settings(made)["Ports"] == {}
    made.record["Ports"] = {}
    made.host_config["NetworkMode"] = "host"
    assert view.listed_ports(made) == []
    made.host_config["NetworkMode"] = "bridge"
    made.process = None
    assert view.listed_ports(made) == []
