"""Creation of containers: the record, and cleanup after failures."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from unit.embedded.containers.harness import Harness

from docker_magics.embedded.containers import warnings
from docker_magics.embedded.containers.populate import Populator
from docker_magics.embedded.errors import ApiError, BadParameter, Conflict, NotFound
from docker_magics.embedded.images.platforms import Platform, host_platform
from docker_magics.embedded.records.container import Container
from docker_magics.embedded.state import read_json


@pytest.fixture
def image(harness: Harness) -> Any:
    """An image with the folder /data, a file in it, and a file /file."""
    layer = harness.root / "layer"
    (layer / "data").mkdir(parents=True)
    (layer / "data/seed").write_text("seed")
    (layer / "data").chmod(0o750)
    (layer / "empty").mkdir()
    (layer / "file").touch()
    host = host_platform()
    platform = {"os": host.os, "architecture": host.architecture, "variant": host.variant}
    return harness.images.add("busybox", (layer,), Cmd=["sh", "-x"], platform=platform)


def create(harness: Harness, name: str = "", **request: Any) -> Any:
    return harness.creator.create({"Image": "busybox", **request}, name)[0]


def is_empty(harness: Harness) -> bool:
    """Whether no containers, files, reserved names or volumes exist."""
    return not (
        harness.store.all()
        or list((harness.root / "containers").iterdir())
        or list((harness.root / "volumes").iterdir())
    )


@pytest.mark.usefixtures("image")
def test_the_record(harness: Harness, image: Any) -> None:
    box = create(harness, "web", Cmd=["echo", "a"], Labels={"a": "b"})
    assert (box.name, box.status, len(box.id)) == ("web", "created", 64)
    assert (box.record["Path"], box.record["Args"]) == ("echo", ["a"])
    assert box.record["Image"] == image.id
    assert box.record["Layers"][0] == str(harness.root / "layer")
    assert (box.config["Hostname"], box.record["HasHostname"]) == (box.id[:12], False)
    assert read_json(box.folder / "config.json") == box.record
    assert harness.store.get("web") is box
    assert harness.actions() == ["create"]
    assert harness.bus.events[-1][3] == {"a": "b", "image": "busybox", "name": "web"}
    assert {path.name for path in box.folder.iterdir()} == {
        *("config.json", "upper", "work", "merged", "hosts", "hostname", "resolv.conf")
    }
    assert harness.networks.calls == ["prepare"]


@pytest.mark.usefixtures("image")
def test_hostnames(harness: Harness) -> None:
    named = create(harness, Hostname="box")
    assert (named.config["Hostname"], named.record["HasHostname"]) == ("box", True)
    on_host = create(harness, HostConfig={"NetworkMode": "host"})
    assert on_host.config["Hostname"] == socket.gethostname()


def test_without_an_image(harness: Harness) -> None:
    box = harness.creator.create({"Cmd": ["x"]})[0]
    assert (box.record["Image"], len(box.record["Layers"])) == ("", 1)
    assert "_" in box.name


@pytest.mark.usefixtures("image")
def test_a_container_of_a_build_step(harness: Harness) -> None:
    mount: Any = {"kind": "bind", "source": "/s", "target": "/t", "readonly": True}
    box = harness.creator.create({"Image": "busybox"}, build_mounts=[mount])[0]
    assert (box.record["ExtraMounts"], box.record["OfBuild"]) == ([mount], True)
    assert "OfBuild" not in create(harness).record


@pytest.mark.usefixtures("image")
def test_volumes_receive_the_image_s_files(harness: Harness) -> None:
    box = create(harness, Volumes={"/data": {}}, HostConfig={"Binds": ["named:/new"]})
    anonymous, named = box.record["Mounts"]
    path = Path(anonymous["Source"])
    assert (path / "seed").read_text() == "seed"
    assert path.stat().st_mode & 0o777 == 0o750
    assert (named["Name"], list(Path(named["Source"]).iterdir())) == ("named", [])
    assert harness.bus.actions("volume") == ["create", "create"]


@pytest.mark.usefixtures("image")
def test_a_volume_with_files_is_not_changed(harness: Harness) -> None:
    path = harness.volumes.create("used").path
    (path / "mine").touch()
    mode = path.stat().st_mode
    create(harness, HostConfig={"Binds": ["used:/data"]})
    assert [entry.name for entry in path.iterdir()] == ["mine"]
    assert path.stat().st_mode == mode


@pytest.mark.usefixtures("image")
@pytest.mark.parametrize("folder", ["/new/folder", "/data", ""])
def test_the_working_directory_is_created(harness: Harness, folder: str) -> None:
    box = create(harness, WorkingDir=folder)
    if folder == "/new/folder":
        assert (box.layer.merged / "new/folder").is_dir()
    else:
        assert list(box.layer.merged.iterdir()) == []  # its files were not opened


@pytest.mark.usefixtures("image")
def test_warnings(harness: Harness) -> None:
    harness.cgroups.controllers = set()
    device = {"PathOnHost": "/dev/null", "CgroupPermissions": "r"}
    host_config = {
        "Memory": 64 << 20, "BlkioWeight": 300, "CpusetCpus": "0", "Devices": [device],
    }  # fmt: skip
    box, texts = harness.creator.create({"Image": "busybox", "HostConfig": host_config})
    assert texts == [
        (
            "This engine enforces no limits: CPU and pids limits are only recorded; a container"
            " above its memory limit is killed."
        ),
        "Your kernel does not support cpuset or the cgroup is not mounted. Cpuset discarded.",
        "This engine does not limit devices: they can be read and written.",
        warnings.NO_WEIGHT,
    ]
    assert box.host_config["BlkioWeight"] == 0
    assert read_json(box.folder / "config.json")["HostConfig"]["BlkioWeight"] == 0
    assert harness.creator.create({"Image": "busybox"})[1] == []


def test_a_warning_about_another_platform(harness: Harness) -> None:
    harness.images.add("foreign", Cmd=["x"], platform={"os": "linux", "architecture": "s390x"})
    (text,) = harness.creator.create({"Image": "foreign"})[1]
    assert text.startswith("The requested image's platform (linux/s390x) does not match")
    requested = Platform("linux", "s390x")
    assert harness.creator.create({"Image": "foreign"}, "", requested)[1] == []


def test_an_image_that_does_not_exist(harness: Harness) -> None:
    with pytest.raises(NotFound, match="No such image: gone"):
        create(harness, Image="gone")
    assert is_empty(harness)


@pytest.mark.usefixtures("image")
@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"Env": ["="]}, "invalid environment variable"),
        ({"HostConfig": {"Memory": 1}}, "Minimum memory limit"),
        ({"Hostname": "h", "HostConfig": {"UTSMode": "host"}}, "conflicting options"),
        ({"HostConfig": {"Binds": ["data:/a", "x:relative"]}}, "mount path must be absolute"),
        ({"HostConfig": {"VolumesFrom": ["gone"]}}, "No such container: gone"),
        ({"HostConfig": {"PidMode": "container:gone"}}, "No such container: gone"),
        ({"HostConfig": {"Binds": ["data:/a", "x:/b"]}}, "create x: volume name is too short"),
        ({"WorkingDir": "/file", "Volumes": {"/v": {}}}, "Cannot mkdir: /file is not a directory"),
        ({"HostConfig": {"VolumeDriver": "other", "Binds": ["data:/a"]}}, "other"),
    ],
)
def test_a_rejected_request_leaves_nothing(harness: Harness, request_: Any, message: str) -> None:
    with pytest.raises(BadParameter, match=message):
        create(harness, "web", Volumes={"/anonymous": {}} | request_.pop("Volumes", {}), **request_)
    left = [volume.name for volume in harness.volumes.all()]
    assert left in ([], ["data"])  # a named volume is kept, as in dockerd
    assert harness.store.all() == []
    assert list((harness.root / "containers").iterdir()) == []
    assert harness.actions() == []
    create(harness, "web")


@pytest.mark.usefixtures("image")
@pytest.mark.parametrize("error", [ApiError("no"), OSError(28, "full"), KeyboardInterrupt()])
def test_a_later_failure_leaves_nothing(harness: Harness, error: BaseException) -> None:
    harness.networks.prepare_error = error
    with pytest.raises(type(error)):
        create(harness, "web", Volumes={"/data": {}})
    assert is_empty(harness)
    assert harness.actions() == []


@pytest.mark.usefixtures("image")
def test_a_container_is_locked_until_it_is_complete(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = []

    def fill_volumes(_self: Populator, box: Container) -> None:
        with ThreadPoolExecutor(1) as other_request:
            acquired = other_request.submit(box.lock.acquire, blocking=False).result()
        locked.append(not acquired)

    monkeypatch.setattr(Populator, "fill_volumes", fill_volumes)
    box = create(harness, "web")
    assert locked == [True]
    with ThreadPoolExecutor(1) as other_request:
        assert other_request.submit(box.lock.acquire, blocking=False).result()


@pytest.mark.usefixtures("image")
def test_a_name_in_use(harness: Harness) -> None:
    first = create(harness, "web")
    with pytest.raises(Conflict, match=f'already in use by container "{first.id}"'):
        create(harness, "/web", Volumes={"/v": {}})
    assert harness.store.all() == [first]
    assert harness.volumes.all() == []
