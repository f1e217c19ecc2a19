"""Mount points in the runtime's specification."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from unit.embedded.fakes import FakeContainers, FakeEvents, container

from docker_magics.embedded import syscalls
from docker_magics.embedded.containers import mount_specs
from docker_magics.embedded.containers.tmpfs import tmpfs_spec
from docker_magics.embedded.errors import ApiError, BadParameter, NotFound
from docker_magics.embedded.storage.overlay import OverlayDriver
from docker_magics.embedded.volumes.service import Volumes

SAFE = syscalls.MS_NOEXEC | syscalls.MS_NOSUID | syscalls.MS_NODEV


@pytest.fixture
def volumes(tmp_path: Path) -> Volumes:
    folder = tmp_path / "volumes"
    folder.mkdir()
    return Volumes(folder, FakeEvents(), FakeContainers())


def specs(tmp_path: Path, volumes: Volumes, *points: dict[str, Any], **more: Any) -> Any:
    host_config = {"Tmpfs": more.pop("tmpfs", {})}
    box = container(tmp_path, Mounts=list(points), host_config=host_config, **more)
    return mount_specs.of(box, volumes, OverlayDriver(userxattr=False))


def bind(source: object, target: str = "/c", **fields: Any) -> dict[str, Any]:
    point = {"Type": "bind", "Source": str(source), "Destination": target, "RW": True}
    return {**point, "Propagation": "rprivate", **fields}


def volume(name: str, target: str = "/v", **fields: Any) -> dict[str, Any]:
    point = {"Type": "volume", "Name": name, "Destination": target, "RW": True}
    return {**point, "Propagation": "", **fields}


def test_a_bind(tmp_path: Path, volumes: Volumes) -> None:
    (spec,) = specs(tmp_path, volumes, bind(tmp_path, RW=False))
    assert spec == {
        "kind": "bind",
        "source": str(tmp_path),
        "target": "/c",
        "readonly": True,
        "propagation": "rprivate",
    }


def test_a_missing_source_is_created_if_the_mount_allows_it(
    tmp_path: Path, volumes: Volumes
) -> None:
    missing = tmp_path / "a/b"
    with pytest.raises(BadParameter, match=f"bind source path does not exist: {missing}"):
        specs(tmp_path, volumes, bind(missing))
    specs(tmp_path, volumes, bind(missing, Create=True))
    assert missing.is_dir()


def test_containers_create_a_missing_source_at_the_same_time(
    tmp_path: Path, volumes: Volumes, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "shared"
    lexists = os.path.lexists

    def other_container_is_faster(path: str) -> bool:
        existed = lexists(path)
        source.mkdir(exist_ok=True)
        return existed

    monkeypatch.setattr(os.path, "lexists", other_container_is_faster)
    (spec,) = specs(tmp_path, volumes, bind(source, Create=True))
    assert spec["source"] == str(source)


def test_a_source_that_cannot_be_created(tmp_path: Path, volumes: Volumes) -> None:
    (tmp_path / "file").touch()
    source = tmp_path / "file/a/b"
    message = f"error while creating mount source path '{source}': mkdir {source.parent}: not a dir"
    with pytest.raises(ApiError, match=message):
        specs(tmp_path, volumes, bind(source, Create=True))


def test_a_dangling_link_is_not_a_missing_source(tmp_path: Path, volumes: Volumes) -> None:
    link = tmp_path / "link"
    link.symlink_to("nowhere")
    with pytest.raises(BadParameter, match="bind source path does not exist"):
        specs(tmp_path, volumes, bind(link, Create=True))
    assert not (tmp_path / "nowhere").exists()


def test_parents_come_first_and_build_steps_add_mounts(tmp_path: Path, volumes: Volumes) -> None:
    volumes.create("vv")
    points = (bind(tmp_path, "/a/b/c"), volume("vv", "/a/b"), bind(tmp_path, "/a"))
    extra = {"kind": "bind", "source": "/", "target": "/x", "readonly": True}
    result = specs(tmp_path, volumes, *points, tmpfs={"/t/": "size=1m"}, ExtraMounts=[extra])
    assert [spec["target"] for spec in result] == ["/a", "/t", "/a/b", "/a/b/c", "/x"]
    assert result[1] == {"kind": "tmpfs", "target": "/t", "flags": SAFE, "data": "size=1m"}


def test_a_volume_and_its_subpath(tmp_path: Path, volumes: Volumes) -> None:
    path = volumes.create("vv").path
    (path / "sub").mkdir()
    (path / "in").symlink_to("sub")
    (path / "out").symlink_to("/etc")
    (spec,) = specs(tmp_path, volumes, volume("vv"))
    assert spec["source"] == str(path)
    assert "subpath" not in spec
    for subpath in ("sub", "in", "sub/../in"):
        (spec,) = specs(tmp_path, volumes, volume("vv", Subpath=subpath))
        assert (spec["source"], spec["subpath"]) == (str(path), subpath)
    for hostile in ("out", "../..", "sub/../../.."):
        with pytest.raises(BadParameter, match="path concatenation escapes the base directory"):
            specs(tmp_path, volumes, volume("vv", Subpath=hostile))
    with pytest.raises(NotFound, match=r"cannot access path .*/none: lstat .*/none: no such file"):
        specs(tmp_path, volumes, volume("vv", Subpath="none"))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, (None, None)),
        ({"NonRecursive": True}, (False, None)),
        ({"ReadOnlyNonRecursive": True}, (None, "never")),
        ({"ReadOnlyForceRecursive": True, "NonRecursive": False}, (None, "always")),
    ],
)
def test_mounts_below_a_bind(
    tmp_path: Path, volumes: Volumes, options: dict[str, bool], expected: object
) -> None:
    (spec,) = specs(tmp_path, volumes, bind(tmp_path, RW=False, **options))
    assert (spec.get("recursive"), spec.get("readonly_submounts")) == expected


def test_contradictory_options_of_a_bind(tmp_path: Path, volumes: Volumes) -> None:
    never, always = {"ReadOnlyNonRecursive": True}, {"ReadOnlyForceRecursive": True}
    for options in (never, always):
        message = rf"mount options conflict: !ReadOnly && BindOptions\.{next(iter(options))}"
        with pytest.raises(ApiError, match=message):
            specs(tmp_path, volumes, bind(tmp_path, **options))
    with pytest.raises(ApiError, match=r"ReadOnlyNonRecursive && BindOptions\.ReadOnlyForce"):
        specs(tmp_path, volumes, bind(tmp_path, RW=False, **never, **always))


def test_a_volume_in_memory(tmp_path: Path, volumes: Volumes) -> None:
    options = {"type": "tmpfs", "device": "tmpfs", "o": "size=2m,ro"}
    volumes.create("vm", options=options)
    (spec,) = specs(tmp_path, volumes, volume("vm"))
    assert spec == {
        "kind": "tmpfs",
        "target": "/v",
        "flags": syscalls.MS_RDONLY,
        "data": "size=2m",
    }


def test_a_volume_that_binds_a_folder(tmp_path: Path, volumes: Volumes) -> None:
    options = {"type": "none", "device": str(tmp_path / "there"), "o": "bind"}
    volumes.create("vb", options=options)
    with pytest.raises(ApiError, match=r"failed to mount local volume: mount .*no such file"):
        specs(tmp_path, volumes, volume("vb"))
    (tmp_path / "there").mkdir()
    assert specs(tmp_path, volumes, volume("vb"))[0]["source"] == str(tmp_path / "there")


def test_a_volume_of_another_file_system(tmp_path: Path, volumes: Volumes) -> None:
    volumes.create("vn", options={"type": "nfs", "device": ":/x", "o": "addr=1.2.3.4"})
    with pytest.raises(ApiError, match="cannot mount nfs: only bind and tmpfs work"):
        specs(tmp_path, volumes, volume("vn"))


def test_a_tmpfs_mount(tmp_path: Path, volumes: Volumes) -> None:
    point = {"Type": "tmpfs", "Destination": "/t", "Options": "size=64,mode=1777,ro"}
    (spec,) = specs(tmp_path, volumes, point)
    flags = SAFE | syscalls.MS_RDONLY
    assert spec == {"kind": "tmpfs", "target": "/t", "flags": flags, "data": "size=64,mode=1777"}


@pytest.mark.parametrize(
    ("options", "flags", "data"),
    [
        ("", SAFE, ""),
        ("defaults,rshared,,", SAFE, ""),
        ("exec,dev,suid", 0, ""),
        ("exec,noexec", SAFE, ""),
        ("ro,rw", SAFE, ""),
        ("size=1m,uid=1,size=2m", SAFE, "size=2m,uid=1"),
        ("noatime", SAFE | syscalls.MS_NOATIME, ""),
    ],
)
def test_tmpfs_options(options: str, flags: int, data: str) -> None:
    spec = tmpfs_spec("/t", options)
    assert (spec["flags"], spec["data"]) == (flags, data)


@pytest.mark.parametrize("option", ["size", "colour=red", "nonsense", "SIZE=1", "remount"])
def test_unknown_tmpfs_options(option: str) -> None:
    with pytest.raises(BadParameter) as caught:
        tmpfs_spec("/t", f"ro,{option}")
    assert str(caught.value) == f'invalid tmpfs option ["{option}"]'


def test_volumes_are_looked_up_by_name(tmp_path: Path) -> None:
    asked = []
    fake: Any = SimpleNamespace(
        get=lambda name: (
            asked.append(name)
            or SimpleNamespace(tmpfs=None, device="", unsupported_type="", path=tmp_path)
        )
    )
    specs(tmp_path, fake, volume("one"), volume("two"))
    assert asked == ["one", "two"]


def image(folder: Path, layers: list[Path], **fields: Any) -> dict[str, Any]:
    point = {"Type": "image", "Name": "data", "Source": str(folder), "Destination": "/i"}
    point |= {"RW": False, "Propagation": "rprivate", "ImageLayers": [str(path) for path in layers]}
    return {**point, **fields}


def test_an_image_is_read_only(tmp_path: Path, volumes: Volumes) -> None:
    layers = [tmp_path / "a", tmp_path / "b"]
    (spec,) = specs(tmp_path, volumes, image(tmp_path / "i", layers))
    assert (spec["kind"], spec["target"], spec["readonly"]) == ("bind", "/i", True)
    assert spec["source"] == spec["image"]["merged"]
    assert Path(spec["source"]).is_dir()
    assert spec["image"]["lower"][-2:] == [str(path) for path in layers]
    assert (spec["image"]["upper"], "subpath" in spec) == ("", False)


def test_links_of_an_image_lead_nowhere_outside_of_it(tmp_path: Path, volumes: Volumes) -> None:
    layer = tmp_path / "layer"
    (layer / "data/in").mkdir(parents=True)
    (layer / "absolute").symlink_to("/data/in")
    (layer / "data/up").symlink_to("../../../data/in")
    (layer / "out").symlink_to("/etc/hostname")
    for subpath in ("absolute", "data/up", "data/in/"):
        (spec,) = specs(tmp_path, volumes, image(tmp_path / "i", [layer], Subpath=subpath))
        assert spec["subpath"] == "data/in"
    for subpath in ("out", "none", "absolute/none"):
        message = f"^cannot access path {subpath} of image data: no such file or directory$"
        with pytest.raises(NotFound, match=message):
            specs(tmp_path, volumes, image(tmp_path / "i", [layer], Subpath=subpath))
