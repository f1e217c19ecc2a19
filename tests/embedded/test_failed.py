"""Failed creates and failed starts leave nothing behind."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import docker.errors
import pytest
from docker.types import EndpointConfig, IPAMConfig, IPAMPool, Mount, NetworkingConfig
from embedded.shared import cgroups_of, client, files_of


@pytest.fixture
def api(engine: Path) -> Iterator[docker.DockerClient]:
    """A client of the engine."""
    with client(engine) as api:
        yield api


ANONYMOUS = Mount("/nameless", None)
OTHER_DRIVER = Mount("/x", "x-volume", driver_config={"Name": "none"})
REFUSED: dict[str, dict[str, Any]] = {
    "a mount point twice": {"mounts": [ANONYMOUS, ANONYMOUS]},
    "no such volume driver": {"mounts": [ANONYMOUS, OTHER_DRIVER]},
    "an invalid volume name": {"mounts": [ANONYMOUS], "volumes": ["x:/x"]},
    "a bind of a missing path": {"mounts": [ANONYMOUS, Mount("/x", "/nothing", type="bind")]},
    "a working directory that is a file": {"mounts": [ANONYMOUS], "working_dir": "/bin/busybox"},
    "a link to a missing container": {"mounts": [ANONYMOUS], "links": {"nobody": "x"}},
    "a missing container's network": {
        "mounts": [ANONYMOUS], "network_mode": "container:nobody",
    },
    "a missing container's volumes": {"mounts": [ANONYMOUS], "volumes_from": ["nobody"]},
    "a volume that a tmpfs covers": {
        "mounts": [ANONYMOUS], "tmpfs": {"/nameless": ""}, "links": {"nobody": "x"},
    },
}  # fmt: skip


@pytest.mark.parametrize("reason", REFUSED)
def test_a_failed_create_leaves_nothing(
    engine: Path, api: docker.DockerClient, reason: str
) -> None:
    before = files_of(engine)
    with pytest.raises(docker.errors.APIError):
        api.containers.create("busybox", name="refused", **REFUSED[reason])
    assert api.volumes.list() == []
    assert api.containers.list(all=True) == []
    assert files_of(engine) == before
    api.containers.create("busybox", name="refused").remove()


def test_a_failed_create_keeps_existing_volumes(api: docker.DockerClient) -> None:
    """Named volumes, and anonymous volumes of the container in volumes_from."""
    donor = api.containers.create("busybox", mounts=[ANONYMOUS])
    (anonymous,) = api.volumes.list()
    api.volumes.create("named")
    with pytest.raises(docker.errors.APIError):
        api.containers.create(
            "busybox", volumes_from=[donor.id], volumes=["named:/named"], links={"nobody": "x"}
        )
    assert {volume.name for volume in api.volumes.list()} == {anonymous.name, "named"}
    donor.remove(v=True)
    api.volumes.get("named").remove()


def test_a_failed_start_leaves_nothing(api: docker.DockerClient) -> None:
    """Its address and ports are free again, and its control group is removed."""
    pool = IPAMPool("10.201.0.0/24")
    network = api.networks.create("failing", ipam=IPAMConfig(pool_configs=[pool]))
    endpoint = EndpointConfig("1.44", ipv4_address="10.201.0.9")
    settings = NetworkingConfig({"failing": endpoint})["EndpointsConfig"]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        options = {"network": "failing", "networking_config": settings}
        ports = {"80/tcp": ("127.0.0.1", port)}
        no_port = api.containers.create("busybox", "true", ports=ports, **options)
        with pytest.raises(docker.errors.APIError, match="address already in use"):
            no_port.start()
    no_program = api.containers.create("busybox", "/nothing", **options)
    with pytest.raises(docker.errors.APIError, match="no such file"):
        no_program.start()
    valid = api.containers.create("busybox", "true", ports=ports, **options)
    valid.start()
    assert valid.wait()["StatusCode"] == 0
    for container in (no_port, no_program, valid):
        assert cgroups_of(container.id) == []
        container.remove()
    network.remove()
