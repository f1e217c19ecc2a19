"""What fails leaves nothing: creates that are refused half-way, starts that do not succeed."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import docker.errors
import pytest
from docker.types import EndpointConfig, IPAMConfig, IPAMPool, Mount, NetworkingConfig
from embedded.shared import client, files_of, give_busybox, groups_of, running


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of an engine of the tests' own, with busybox in it."""
    folder = tmp_path_factory.mktemp("failed")
    with running(folder):
        give_busybox(folder)
        yield folder


@pytest.fixture
def api(engine: Path) -> Iterator[docker.DockerClient]:
    """docker-py on it."""
    with client(engine) as api:
        yield api


NAMELESS = Mount("/nameless", None)
OTHER_DRIVER = Mount("/x", "x-volume", driver_config={"Name": "none"})
REFUSED: dict[str, dict[str, Any]] = {
    "a mount point twice": {"mounts": [NAMELESS, NAMELESS]},
    "no such volume driver": {"mounts": [NAMELESS, OTHER_DRIVER]},
    "a name that no volume can have": {"mounts": [NAMELESS], "volumes": ["x:/x"]},
    "a bind of nothing": {"mounts": [NAMELESS, Mount("/x", "/nothing", type="bind")]},
    "a working folder that is a file": {"mounts": [NAMELESS], "working_dir": "/bin/busybox"},
    "a link to nobody": {"mounts": [NAMELESS], "links": {"nobody": "x"}},
    "the network of nobody": {"mounts": [NAMELESS], "network_mode": "container:nobody"},
    "the volumes of nobody": {"mounts": [NAMELESS], "volumes_from": ["nobody"]},
    "a volume that a tmpfs covers": {
        "mounts": [NAMELESS], "tmpfs": {"/nameless": ""}, "links": {"nobody": "x"},
    },
}  # fmt: skip


@pytest.mark.parametrize("reason", REFUSED)
def test_a_create_that_is_refused_leaves_nothing(
    engine: Path, api: docker.DockerClient, reason: str
) -> None:
    before = files_of(engine)
    with pytest.raises(docker.errors.APIError):
        api.containers.create("busybox", name="refused", **REFUSED[reason])
    assert api.volumes.list() == []
    assert api.containers.list(all=True) == []
    assert files_of(engine) == before
    api.containers.create("busybox", name="refused").remove()


def test_a_refused_create_keeps_what_is_others(api: docker.DockerClient) -> None:
    """Volumes with a name, and nameless ones of the container they are taken from."""
    donor = api.containers.create("busybox", mounts=[NAMELESS])
    (nameless,) = api.volumes.list()
    api.volumes.create("named")
    with pytest.raises(docker.errors.APIError):
        api.containers.create(
            "busybox", volumes_from=[donor.id], volumes=["named:/named"], links={"nobody": "x"}
        )
    assert {volume.name for volume in api.volumes.list()} == {nameless.name, "named"}
    donor.remove(v=True)
    api.volumes.get("named").remove()


def test_a_start_that_fails_leaves_nothing(api: docker.DockerClient) -> None:
    """Its address and its ports are free again, and its control group is gone."""
    pool = IPAMPool("10.201.0.0/24")
    network = api.networks.create("failing", ipam=IPAMConfig(pool_configs=[pool]))
    endpoint = EndpointConfig("1.44", ipv4_address="10.201.0.9")
    settings = NetworkingConfig({"failing": endpoint})["EndpointsConfig"]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        wanted = {"network": "failing", "networking_config": settings}
        ports = {"80/tcp": ("127.0.0.1", port)}
        no_port = api.containers.create("busybox", "true", ports=ports, **wanted)
        with pytest.raises(docker.errors.APIError, match="address already in use"):
            no_port.start()
    no_program = api.containers.create("busybox", "/nothing", **wanted)
    with pytest.raises(docker.errors.APIError, match="no such file"):
        no_program.start()
    whole = api.containers.create("busybox", "true", ports=ports, **wanted)
    whole.start()
    assert whole.wait()["StatusCode"] == 0
    for container in (no_port, no_program, whole):
        assert groups_of(container.id) == []
        container.remove()
    network.remove()
