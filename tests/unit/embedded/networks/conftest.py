"""Fixtures of the networks' tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from unit.embedded.networks.world import FakeProxy, World

from docker_magics.embedded.networks import host_ports, outbound, publishing


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Networks with namespaces."""
    _use_fakes(monkeypatch)
    made = World(tmp_path)
    made.network("web", "10.0.0.0/24")
    made.network("db", "10.1.0.0/24", Internal=True)
    return made


@pytest.fixture
def host_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Networks without namespaces (proot)."""
    _use_fakes(monkeypatch)
    (tmp_path / "host").mkdir()
    made = World(tmp_path / "host", isolated=False)
    made.network("web", "10.0.0.0/24")
    return made


@pytest.fixture
def loopback_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Networks without namespaces, whose containers have parts of the loopback (systrap)."""
    _use_fakes(monkeypatch)
    (tmp_path / "loopback").mkdir()
    made = World(tmp_path / "loopback", isolated=False, divides_loopback=True)
    made.network("web", "10.0.0.0/24")
    made.network("db", "10.1.0.0/24", Internal=True)
    return made


def _use_fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace slirp4netns and ports of this machine."""
    monkeypatch.setattr(host_ports.HostPorts, "update", lambda _self: None)
    monkeypatch.setattr(outbound, "unavailable_reason", lambda: "a unit test")
    monkeypatch.setattr(publishing, "PortProxy", FakeProxy)
    monkeypatch.setattr(publishing, "wildcard_addresses", lambda: ("0.0.0.0", "::"))
