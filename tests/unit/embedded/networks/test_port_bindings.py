"""The ports that containers ask to publish."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from unit.embedded.fakes import container

from docker_magics.embedded.errors import BadParameter
from docker_magics.embedded.networks import port_bindings


@pytest.fixture
def _not_cached() -> Iterator[None]:
    """Clear the cache of probed addresses."""
    port_bindings.wildcard_addresses.cache_clear()
    yield
    port_bindings.wildcard_addresses.cache_clear()


def test_requested_ports_are_sorted_by_number_and_have_bindings(tmp_path: Path) -> None:
    host_config: dict[str, Any] = {
        "PortBindings": {"443/tcp": None, "80": [{"HostPort": "8080"}], "53/udp": []},
        "PublishAllPorts": True,
    }
    made = container(
        tmp_path, config={"ExposedPorts": {"80/tcp": {}, "7": {}}}, host_config=host_config
    )
    assert list(port_bindings.requested_ports(made).items()) == [
        ("7/tcp", [{}]),
        ("53/udp", [{}]),
        ("80/tcp", [{"HostPort": "8080"}]),
        ("443/tcp", [{}]),
    ]
    made.host_config["PublishAllPorts"] = False
    assert "7/tcp" not in port_bindings.requested_ports(made)


@pytest.mark.parametrize("port", ["../x", "1-60000/tcp", "80/foo", "", "9" * 5000])
def test_an_image_that_exposes_no_port(tmp_path: Path, port: str) -> None:
    made = container(
        tmp_path, config={"ExposedPorts": {port: {}}}, host_config={"PublishAllPorts": True}
    )
    with pytest.raises(BadParameter, match="invalid port specification"):
        port_bindings.requested_ports(made)


def test_a_container_may_publish_nothing(tmp_path: Path) -> None:
    made = container(tmp_path, host_config={"PortBindings": None})
    assert port_bindings.requested_ports(made) == {}


@pytest.mark.usefixtures("_not_cached")
def test_a_host_without_ipv6_publishes_only_on_ipv4(monkeypatch: pytest.MonkeyPatch) -> None:
    class NoIPv6(socket.socket):
        def bind(self, address: Any) -> None:
            raise OSError(99, "Cannot assign requested address", address)

    monkeypatch.setattr(socket, "socket", NoIPv6)
    assert port_bindings.wildcard_addresses() == ("0.0.0.0",)


@pytest.mark.usefixtures("_not_cached")
def test_a_host_with_ipv6_publishes_on_both(monkeypatch: pytest.MonkeyPatch) -> None:
    class WithIPv6(socket.socket):
        def bind(self, address: Any) -> None:
            assert address == ("::", 0)

    monkeypatch.setattr(socket, "socket", WithIPv6)
    assert port_bindings.wildcard_addresses() == ("0.0.0.0", "::")
