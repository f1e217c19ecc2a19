"""The values of a specification that come from other objects."""

from __future__ import annotations

from typing import Any

import pytest
from unit.embedded.containers.harness import FakeProcess, Harness

from docker_magics.embedded.errors import ApiError, Conflict, NotFound

BRIDGE = {"bridge": {"IPAddress": "172.17.0.2"}}


def linked(harness: Harness, **fields: Any) -> Any:
    return harness.add(
        "web", Networks=BRIDGE, host_config={"Links": ["/db:/web/database"]}, **fields
    )


def test_the_root_filesystem_is_prepared(harness: Harness) -> None:
    box = harness.add(host_config={"ReadonlyRootfs": True}, Layers=["/l"])
    rootfs: Any = harness.specs.build(box)["rootfs"]
    assert (rootfs["lower"], rootfs["upper"]) == (["/l"], str(box.layer.upper))
    assert rootfs["readonly"]


def test_the_command_of_the_image(harness: Harness) -> None:
    image = harness.images.add("busybox", Cmd=["sh"])
    box = harness.add("one", Image=image.id, config={"Cmd": ["sh", "-x"]})
    assert harness.specs.build(box)["own_command"] is True
    lost = harness.add("two", Image="sha256:gone", config={"Cmd": ["sh"]})
    assert harness.specs.build(lost)["own_command"] is False


def test_volumes_are_mounted(harness: Harness) -> None:
    path = harness.volumes.create("data").path
    point = {"Type": "volume", "Name": "data", "Destination": "/d", "RW": True, "Propagation": ""}
    first: Any = harness.specs.build(harness.add(Mounts=[point]))["mounts"][0]
    assert (first["source"], first["target"]) == (str(path), "/d")


def test_namespaces_of_its_own(harness: Harness) -> None:
    expected = {"net": "new", "pid": "new", "ipc": "new", "uts": "new"}
    assert harness.specs.build(harness.add())["namespaces"] == expected


@pytest.mark.parametrize(
    ("host_config", "has_hostname", "expected"),
    [
        ({"PidMode": "host"}, False, {"pid": "host"}),
        ({"IpcMode": "none"}, False, {"ipc": "none"}),
        ({"UTSMode": "host"}, False, {"uts": "host"}),
        ({"NetworkMode": "host"}, False, {"net": "host", "uts": "host"}),
        ({"NetworkMode": "host"}, True, {"net": "host", "uts": "new"}),
    ],
)
def test_namespaces_of_the_host(
    harness: Harness, host_config: Any, expected: Any, *, has_hostname: bool
) -> None:
    box = harness.add(host_config=host_config, HasHostname=has_hostname)
    assert expected.items() <= harness.specs.build(box)["namespaces"].items()


def test_namespaces_of_another_container(harness: Harness) -> None:
    donor, process = harness.start("donor", host_config={"IpcMode": "shareable"})
    modes = dict.fromkeys(("PidMode", "IpcMode", "UTSMode"), f"container:{donor.id}")
    box = harness.add("box", host_config=modes)
    namespaces = harness.specs.build(box)["namespaces"]
    assert [namespaces[name] for name in ("pid", "ipc", "uts")] == [process.pid] * 3
    harness.lifecycle.stop(donor)
    with pytest.raises(Conflict, match=f"container {donor.id} is not running"):
        harness.specs.build(box)


@pytest.mark.parametrize("mode", ["", "none", "private"])
def test_a_private_ipc_namespace_is_not_shared(harness: Harness, mode: str) -> None:
    donor, _ = harness.start("donor", host_config={"IpcMode": mode})
    box = harness.add("box", host_config={"IpcMode": "container:donor"})
    with pytest.raises(
        ApiError, match=f"failed to join IPC namespace: container {donor.id}: non-shareable"
    ):
        harness.specs.build(box)


def test_a_donor_that_does_not_exist(harness: Harness) -> None:
    with pytest.raises(NotFound):
        harness.specs.build(harness.add(host_config={"PidMode": "container:gone"}))


def test_errors_precede_changes_on_disk(harness: Harness) -> None:
    harness.storage.prepare = lambda *_args, **_kwargs: pytest.fail("prepared")
    with pytest.raises(ApiError, match="shares: invalid argument"):
        harness.specs.build(harness.add(host_config={"CpuShares": -1}))


def test_links(harness: Harness) -> None:
    ports = {"6379/tcp": {}}
    harness.start("db", Networks=BRIDGE, config={"Env": ["A=1"], "ExposedPorts": ports})
    env = harness.specs.environment(linked(harness), tty=True, extra=["B=2"])
    assert "TERM=xterm" in env
    assert env[-7:] == [
        "DATABASE_PORT_6379_TCP=tcp://172.17.0.2:6379",
        "DATABASE_PORT_6379_TCP_ADDR=172.17.0.2",
        "DATABASE_PORT_6379_TCP_PORT=6379",
        "DATABASE_PORT_6379_TCP_PROTO=tcp",
        "DATABASE_NAME=/web/database",
        "DATABASE_ENV_A=1",
        "B=2",
    ]


def test_links_work_only_on_the_default_bridge(harness: Harness) -> None:
    box = harness.add(Networks={"mine": {}}, host_config={"Links": ["gone:x"]})
    assert not [text for text in harness.specs.environment(box, tty=False) if "X_" in text]


def test_a_link_to_a_stopped_container(harness: Harness) -> None:
    refusal = "Cannot link to a non running container: /db AS /web/database"
    box = linked(harness)
    with pytest.raises(ApiError, match=refusal):
        harness.specs.build(box)
    harness.add("db", Networks=BRIDGE)
    with pytest.raises(ApiError, match=refusal):
        harness.specs.build(box)


def test_a_link_to_a_container_on_another_network(harness: Harness) -> None:
    harness.start("db", FakeProcess(), Networks={"mine": {}})
    with pytest.raises(ApiError, match="not attached to default bridge network"):
        harness.specs.build(linked(harness))
