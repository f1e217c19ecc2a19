"""Mounts in the requests of older clients."""

from __future__ import annotations

from typing import Any

import pytest

from docker_magics.embedded.containers import mount_versions, mounts
from docker_magics.embedded.errors import BadParameter

BIND = {"NonRecursive": True, "CreateMountpoint": True}


def adapted(version: tuple[int, int], **mount: Any) -> dict[str, Any]:
    mount_versions.adapt([mount], version)
    return mount


@pytest.mark.parametrize(
    ("version", "options"),
    [
        ((1, 39), set()),
        ((1, 40), {"NonRecursive"}),
        ((1, 42), {"NonRecursive", "CreateMountpoint"}),
    ],
)
def test_options_that_a_version_does_not_have(version: tuple[int, int], options: set[str]) -> None:
    assert set(adapted(version, Type="bind", BindOptions=BIND.copy())["BindOptions"]) == options


def test_options_of_another_type() -> None:
    mount = {"Type": "bind", "VolumeOptions": {}, "TmpfsOptions": {}}
    assert adapted((1, 41), **mount) == {"Type": "bind"}
    for options in ("VolumeOptions", "TmpfsOptions"):
        with pytest.raises(BadParameter, match=f'{options} must not be .* on mount type "bind"'):
            adapted((1, 42), Type="bind", **{options: {}})


def test_options_that_must_not_be_ignored() -> None:
    force = {"Type": "bind", "BindOptions": {"ReadOnlyForceRecursive": True}}
    adapted((1, 44), **force)
    with pytest.raises(BadParameter, match=r"ReadOnlyForceRecursive needs API v1\.44 or newer"):
        adapted((1, 43), **force)
    part = {"Type": "volume", "VolumeOptions": {"Subpath": "a"}}
    adapted((1, 45), **part)
    with pytest.raises(BadParameter, match=r"VolumeOptions\.Subpath needs API v1\.45 or newer"):
        adapted((1, 44), **part)


def test_images_are_mounted_since_1_48() -> None:
    adapted((1, 48), Type="image")
    with pytest.raises(BadParameter, match=r'^Mount type "Image" needs API v1\.48 or newer$'):
        adapted((1, 47), Type="image")


def test_read_only_binds_are_recursively_read_only_since_1_44() -> None:
    config: Any = {"Volumes": None}
    host_config: Any = {"VolumesFrom": None, "Binds": ["/:/a:ro", "/:/b", "v:/c:ro"]}
    host_config["VolumeDriver"] = ""
    for version, expected in (((1, 43), True), ((1, 44), None)):
        points = mounts.plan(config, host_config, lambda _name: [], version)
        options = [point.get("ReadOnlyNonRecursive") for point in points]
        assert options == [expected, None, None]
