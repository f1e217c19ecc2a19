"""The course's diagrams of builds and connections on each real engine."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator

import pytest

from docker_magics import docker
from docker_magics.course import diagrams
from tools.daemons import free_port


@pytest.fixture
def name() -> Iterator[str]:
    """A name of this test's container, volume, network and images."""
    unique = f"drawn-{uuid.uuid4().hex[:8]}"
    yield unique
    docker("rm -f -v {name}", name=unique)
    docker("network rm -f {name}", name=unique)
    docker("volume rm -f {name}", name=unique)
    docker("rmi -f {names}", names=[f"{unique}:1", f"{unique}:2"])


@pytest.mark.usefixtures("engine")
def test_builds_are_drawn(name: str) -> None:
    for version in (1, 2):
        steps = f"RUN head -c 5000 /dev/zero > /big\nRUN rm /big && echo {version} > /version\n"
        docker("build -t {tag} -", tag=f"{name}:{version}", input=f"FROM busybox\n{steps}")
    layers = diagrams.layers(f"{name}:2", base="busybox", lang="en").lines
    hidden = next(line for line in layers if line.startswith("RUN head"))
    assert "added: /big" in hidden
    assert hidden.endswith(
        "5kB, all of it hidden by a layer above: not seen, but still in the image"
    )
    assert any("added: /version" in line and "hid: /big" in line for line in layers)
    assert layers[-1].startswith("FROM busybox: the base image;")
    cache = diagrams.build_cache(f"{name}:1", f"{name}:2", base="busybox", lang="en").lines
    assert [line.partition(":")[0] for line in cache] == ["FROM busybox", "reused", "changed"]


@pytest.mark.usefixtures("engine")
def test_connections_are_drawn(name: str) -> None:
    port, folder = free_port(), tempfile.gettempdir()  # which a pod has too
    docker("network create {name}", name=name)
    docker(
        "run -d --name {name} --network {name} --network-alias alias -p 127.0.0.1:{port}:3000"
        " -v {folder}:/mine:ro -v {name}:/kept busybox sleep 1000",
        name=name,
        port=port,
        folder=folder,
    )
    (way,) = diagrams.ports(name, lang="en").lines
    assert way.startswith(f"browser: localhost:{port} -> host: 127.0.0.1:{port}, this machine only")
    assert way.endswith(": sleep 1000")
    mounts = "\n".join(diagrams.mounts(name, lang="en").lines)
    assert f"your folder (bind mount) {folder} -> /mine (read only)" in mounts
    assert f"volume {name} " in mounts
    network, member = diagrams.networks(name, lang="en").lines
    assert network.startswith(f"network {name}")
    assert member.startswith(f"  {name}: ")
    assert "alias" in member
