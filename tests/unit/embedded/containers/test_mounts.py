"""Planning of mount points: each form of a mount, and dockerd's messages."""

from __future__ import annotations

# ruff: noqa: E501 - a message of dockerd is one line
import copy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from docker_magics.embedded.containers import mounts
from docker_magics.embedded.errors import BadParameter, NotFound
from docker_magics.embedded.records import defaults
from docker_magics.embedded.records.mount_point import MountPoint


def no_container(name: str) -> list[MountPoint]:
    raise NotFound(f"No such container: {name}")


def plan(*, volumes: Any = None, mounts_of: Any = no_container, **host_config: Any) -> Any:
    config: Any = {**copy.deepcopy(defaults.CONFIG), "Volumes": volumes}
    host: Any = {**copy.deepcopy(defaults.HOST_CONFIG), **host_config}
    return mounts.plan(config, host, mounts_of)


def test_nothing_is_mounted_by_default() -> None:
    assert plan() == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/a/../b:/c/", {"Type": "bind", "Source": "/b", "Destination": "/c", "RW": True, "Mode": "", "Propagation": "rprivate"}),
        ("/b:/c:ro,Z", {"Type": "bind", "RW": False, "Mode": "ro,Z"}),
        ("/b:/c:rslave", {"Propagation": "rslave"}),
        ("data:/c", {"Type": "volume", "Mode": "z", "RW": True, "Anonymous": False, "NoCopy": False}),
        ("data:/c:ro,nocopy", {"Type": "volume", "Mode": "ro,nocopy", "RW": False, "NoCopy": True}),
        ("/c", {"Type": "volume", "Anonymous": True, "Destination": "/c"}),
    ],
)  # fmt: skip
def test_binds(text: str, expected: dict[str, Any]) -> None:
    (point,) = plan(Binds=[text])
    assert expected.items() <= point.items()


def test_a_volume_is_requested_and_not_created() -> None:
    (point,) = plan(Binds=["data:/c"], VolumeDriver="other")
    requested = {"name": "data", "driver": "other", "labels": None, "options": None}
    assert point["Requested"] == requested
    assert (point["Name"], point["Source"]) == ("", "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a:b:c:d", "invalid volume specification: 'a:b:c:d'"),
        (":/c", "invalid volume specification: ':/c'"),
        ("/a:/c:", "invalid volume specification: '/a:/c:'"),
        ("/a:/c:wo", "invalid mode: wo"),
        ("/a:/c:ro,rw", "invalid mode: ro,rw"),
        ("/a:/c:ro,", "invalid mode: ro,"),
        ("/a:/c:ro,ro", "invalid mode: ro,ro"),
        ("/a:/c:shared,slave", "invalid mode: shared,slave"),
        ("/a:/", "invalid volume specification: '/a:/': invalid mount config for type \"bind\": invalid specification: destination can't be '/'"),
        ("/a:/c/..", "invalid volume specification: '/a:/c/..': invalid mount config for type \"bind\": invalid specification: destination can't be '/'"),
        ("data:c", "invalid volume specification: 'data:c': invalid mount config for type \"volume\": invalid mount path: 'c' mount path must be absolute"),
        ("data:/c:rshared", "invalid volume specification: 'data:/c:rshared': invalid mount config for type \"volume\": field BindOptions must not be specified"),
        ("/a:/c:nocopy", "invalid volume specification: '/a:/c:nocopy': invalid mount config for type \"bind\": field VolumeOptions must not be specified"),
    ],
)  # fmt: skip
def test_invalid_binds(text: str, message: str) -> None:
    with pytest.raises(BadParameter) as caught:
        plan(Binds=[text])
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("mount", "expected"),
    [
        ({"Type": "bind", "Source": "/", "Target": "/c", "ReadOnly": True}, {"Type": "bind", "Source": "/", "RW": False, "Propagation": "rprivate", "Create": False}),
        ({"Type": "bind", "Source": "/nowhere", "Target": "/c", "BindOptions": {"CreateMountpoint": True, "Propagation": "rslave"}}, {"Create": True, "Propagation": "rslave"}),
        ({"Type": "volume", "Source": "data", "Target": "/c/."}, {"Destination": "/c", "Mode": "z", "Anonymous": False, "NoCopy": False}),
        ({"Type": "volume", "Target": "/c", "VolumeOptions": {"NoCopy": True}}, {"Anonymous": True, "NoCopy": True}),
        ({"Type": "volume", "Source": "data", "Target": "/c", "VolumeOptions": {"Subpath": "a/../b"}}, {"Anonymous": False, "Subpath": "a/../b"}),
        ({"Type": "bind", "Source": "/", "Target": "/c", "BindOptions": {"NonRecursive": True}}, {"NonRecursive": True, "ReadOnlyNonRecursive": False, "ReadOnlyForceRecursive": False}),
        ({"Type": "tmpfs", "Target": "/c", "TmpfsOptions": {"Options": [["exec"], ["noexec"]]}}, {"Options": "exec,noexec"}),
        ({"Type": "tmpfs", "Target": "/c", "ReadOnly": True, "TmpfsOptions": {"SizeBytes": 64, "Mode": 0o1777}}, {"Type": "tmpfs", "RW": False, "Options": "size=64,mode=1777,ro"}),
        ({"Type": "tmpfs", "Target": "/c"}, {"Options": "", "RW": True}),
    ],
)  # fmt: skip
def test_mounts(mount: dict[str, Any], expected: dict[str, Any]) -> None:
    (point,) = plan(Mounts=[mount])
    assert expected.items() <= point.items()


def test_options_of_a_volume() -> None:
    options = {
        "Labels": {"a": "b"},
        "DriverConfig": {"Name": "local", "Options": {"type": "tmpfs", "device": "tmpfs"}},
    }
    (point,) = plan(
        Mounts=[{"Type": "volume", "Source": "v", "Target": "/c", "VolumeOptions": options}]
    )
    assert point["Requested"] == {
        "name": "v",
        "driver": "local",
        "labels": {"a": "b"},
        "options": {"type": "tmpfs", "device": "tmpfs"},
    }


BIND, VOLUME = (f'invalid mount config for type "{kind}": ' for kind in ("bind", "volume"))


@pytest.mark.parametrize(
    ("mount", "message"),
    [
        ({"Type": "bind", "Source": "/"}, f"{BIND}field Target must not be empty"),
        ({"Type": "bind", "Source": "/", "Target": "c"}, f"{BIND}invalid mount path: 'c' mount path must be absolute"),
        ({"Type": "bind", "Target": "/c"}, f"{BIND}field Source must not be empty"),
        ({"Type": "bind", "Source": "a", "Target": "/c"}, f"{BIND}invalid mount path: 'a' mount path must be absolute"),
        ({"Type": "bind", "Source": "/nowhere/at/all", "Target": "/c"}, f"{BIND}bind source path does not exist: /nowhere/at/all"),
        ({"Type": "bind", "Source": "/", "Target": "/c", "BindOptions": {"Propagation": "wild"}}, f"{BIND}invalid propagation mode: wild"),
        ({"Type": "volume", "Target": "/c", "ReadOnly": True}, f"{VOLUME}must not set ReadOnly mode when using anonymous volumes"),
        ({"Type": "volume", "Target": "/"}, f"{VOLUME}invalid specification: destination can't be '/'"),
        ({"Type": "tmpfs", "Source": "/a", "Target": "/c"}, 'invalid mount config for type "tmpfs": field Source must not be specified'),
        ({"Type": "npipe", "Target": "/c"}, 'invalid mount config for type "npipe": mount type unknown'),
        ({"Target": "/c"}, 'invalid mount config for type "": mount type unknown'),
    ],
)  # fmt: skip
def test_invalid_mounts(mount: dict[str, Any], message: str) -> None:
    with pytest.raises(BadParameter) as caught:
        plan(Mounts=[mount])
    assert str(caught.value) == message


def test_the_volumes_of_the_config_are_anonymous() -> None:
    points = plan(volumes={"/b": {}, "/a/": {}, "/b/.": {}, "/t": {}}, Tmpfs={"/t": ""})
    assert [(point["Destination"], point["Anonymous"]) for point in points] == [
        ("/a", True),
        ("/b", True),
    ]


def test_a_mount_replaces_the_volume_of_the_config() -> None:
    (point,) = plan(volumes={"/a": {}}, Binds=["data:/a"])
    assert point["Requested"]["name"] == "data"


@pytest.mark.parametrize(
    "host_config",
    [
        {"Binds": ["/x:/a", "/y:/a/"]},
        {"Binds": ["/x:/a"], "Mounts": [{"Type": "tmpfs", "Target": "/a"}]},
        {"Binds": ["/x:/a"], "Tmpfs": {"/a": ""}},
    ],
)
def test_two_mounts_at_one_place(host_config: dict[str, Any]) -> None:
    with pytest.raises(BadParameter, match="Duplicate mount point: /a"):
        plan(**host_config)


def test_a_tmpfs_replaces_a_mount_that_is_not_of_binds() -> None:
    mount = {"Type": "volume", "Source": "v", "Target": "/a"}
    assert plan(Mounts=[mount], Tmpfs={"/a": ""}) == []


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("/", "invalid specification: destination can't be '/'"),
        ("a", "invalid mount path: 'a' mount path must be absolute"),
    ],
)
def test_invalid_tmpfs_targets(target: str, message: str) -> None:
    with pytest.raises(BadParameter, match=message):
        plan(Tmpfs={target: ""})


def donor(_name: str) -> list[dict[str, Any]]:
    return [
        {"Type": "volume", "Name": "v", "Destination": "/a", "RW": True, "Anonymous": True},
        {"Type": "bind", "Source": "/s", "Destination": "/b", "RW": False},
    ]


def test_mounts_of_another_container() -> None:
    points = plan(VolumesFrom=["db"], mounts_of=donor)
    assert [(p["Destination"], p["RW"], p["Inherited"]) for p in points] == [
        ("/a", True, True),
        ("/b", False, True),
    ]
    assert [point["RW"] for point in plan(VolumesFrom=["db:ro"], mounts_of=donor)] == [False, False]


def test_own_mounts_replace_inherited_ones() -> None:
    points = plan(VolumesFrom=["db"], Binds=["/x:/a"], mounts_of=donor)
    assert [point["Type"] for point in points] == ["bind", "bind"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "volumes-from specification cannot be an empty string"),
        ("db:wo", "invalid mode: wo"),
        ("db:rslave", "invalid mode: rslave"),
        ("db:nocopy", "invalid mode: nocopy"),
    ],
)
def test_invalid_volumes_from(text: str, message: str) -> None:
    with pytest.raises(BadParameter, match=message):
        plan(VolumesFrom=[text], mounts_of=donor)


def test_volumes_from_a_container_that_does_not_exist() -> None:
    with pytest.raises(NotFound):
        plan(VolumesFrom=["gone"])


def test_volumes_are_created_once() -> None:
    calls = []

    def create(**requested: Any) -> SimpleNamespace:
        calls.append(requested)
        name = requested["name"] or "generated"
        return SimpleNamespace(name=name, path=Path("/volumes") / name)

    volumes: Any = SimpleNamespace(create=create)
    points = plan(Binds=["data:/a", "/x:/b"], volumes={"/c": {}})
    mounts.create_volumes(points, volumes)
    mounts.create_volumes(points, volumes)
    assert [call["name"] for call in calls] == ["data", ""]
    assert [(p.get("Name"), p["Source"]) for p in points] == [
        ("data", "/volumes/data"),
        (None, "/x"),
        ("generated", "/volumes/generated"),
    ]


def test_inspect_shows_no_fields_of_the_engine() -> None:
    shown = mounts.as_json(plan(Binds=["data:/a", "/x:/b"], volumes={"/c": {}}))
    api = {"Type", "Name", "Source", "Destination", "Driver", "Mode", "RW", "Propagation"}
    assert set().union(*shown) == api


def image_mount(**fields: Any) -> Any:
    return plan(Mounts=[{"Type": "image", "Source": "data", "Target": "/i", **fields}])


def test_an_image_is_looked_up_for_the_new_container(tmp_path: Path) -> None:
    data = SimpleNamespace(id="sha256:1", short_id="1", layers=(tmp_path / "a", tmp_path / "b"))
    images: Any = SimpleNamespace(resolve=lambda name: data if name == "data" else None)
    points = image_mount(ImageOptions={"Subpath": "a/b"})
    mounts.find_images(points, images, tmp_path)
    assert mounts.as_json(points) == [
        {
            "Type": "image", "Name": "data", "Source": str(tmp_path / "images/1"),
            "Destination": "/i", "Mode": "", "RW": False, "Propagation": "rprivate",
        }
    ]  # fmt: skip
    (point,) = points
    assert (point["ImageId"], point["Subpath"]) == ("sha256:1", "a/b")
    assert point["ImageLayers"] == [str(tmp_path / "a"), str(tmp_path / "b")]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"Source": ""}, 'invalid mount config for type "image": field Source must not be empty'),
        ({"Target": ""}, 'invalid mount config for type "image": field Target must not be empty'),
        ({"ImageOptions": {"Subpath": "/a"}}, "subpath must be a relative path within the volume"),
        ({"ImageOptions": {"Subpath": "../a"}}, "subpath must be a relative path within the"),
        ({"Type": "tmpfs", "ImageOptions": {}}, 'invalid mount config for type "tmpfs": field ImageOptions must not be specified'),
    ],
)  # fmt: skip
def test_an_invalid_mount_of_an_image(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(BadParameter, match=message):
        image_mount(**fields)
