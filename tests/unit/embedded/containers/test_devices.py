"""The devices of a container: which it gets, what it may do with them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

import pytest

from docker_magics.embedded.containers import devices
from docker_magics.embedded.errors import BadParameter
from docker_magics.embedded.records.host_config import HostConfig
from docker_magics.embedded.runtime import device_rules
from docker_magics.embedded.runtime.spec import ProcessSpec


def config(**values: Any) -> HostConfig:
    """Return the part of a HostConfig that concerns devices."""
    none = {"Privileged": False, "Devices": None, "DeviceCgroupRules": None, "CapAdd": None}
    return cast("HostConfig", none | values)


def further(**values: Any) -> list[str] | None:
    """Return the rules beside the default ones."""
    rules = devices.rules(config(**values))
    if rules is None:
        return None
    assert rules[: len(device_rules.DEFAULT)] == list(device_rules.DEFAULT)
    return [str(rule) for rule in rules[len(device_rules.DEFAULT) :]]


NULL = {"PathOnHost": "/dev/null", "PathInContainer": "/dev/nil", "CgroupPermissions": "r"}


def test_rules() -> None:
    assert further() == []
    assert further(Privileged=True, Devices=[NULL]) is None
    assert further(Devices=[NULL]) == ["c 1:3 r"]
    assert further(Devices=[{**NULL, "CgroupPermissions": ""}]) == []
    rules = ["b 7:* rwm", "a 9:1 r"]
    assert further(DeviceCgroupRules=rules) == ["b 7:* rwm", "b 9:1 r", "c 9:1 r"]


@pytest.mark.parametrize("rule", ["c 1:3", "everything", "c 1:3 rwx", "c 1:3 r\nb *:* rwm"])
def test_rules_of_other_forms_are_refused(rule: str) -> None:
    with pytest.raises(BadParameter, match="invalid device cgroup rule format"):
        devices.rules(config(DeviceCgroupRules=[rule]))


def test_the_node_is_the_hosts() -> None:
    (node,) = devices.nodes(config(Devices=[NULL]))
    status = Path(os.devnull).stat()
    assert node == {
        "source": "/dev/null", "target": "/dev/nil", "mode": status.st_mode, "uid": status.st_uid,
        "gid": status.st_gid, "number": os.makedev(1, 3),
    }  # fmt: skip


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/dev/zero")
    (node,) = devices.nodes(config(Devices=[{"PathOnHost": str(tmp_path / "link")}]))
    assert (node["source"], node["target"]) == ("/dev/zero", str(tmp_path / "link"))
    assert node["number"] == os.makedev(1, 5)


def test_a_folder_stands_for_the_devices_in_it() -> None:
    folder = {"PathOnHost": "/dev", "PathInContainer": "/dev/host", "CgroupPermissions": "rw"}
    targets = [node["target"] for node in devices.nodes(config(Devices=[folder]))]
    assert {"/dev/host/null", "/dev/host/zero"} <= set(targets)
    assert "/dev/host/fd" not in targets
    assert "c 1:3 rw" in (further(Devices=[folder]) or [])


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/dev/nowhere", "no such file or directory"), ("/etc/passwd", "not a device node"),
     ("/etc", "not a device node"), ("", "no such file or directory")],
)  # fmt: skip
def test_what_is_not_a_device(path: str, reason: str) -> None:
    with pytest.raises(BadParameter, match=f'adding custom device "{path}": {reason}'):
        devices.nodes(config(Devices=[{"PathOnHost": path}]))


def restricted(caps: list[str], *, privileged: bool = False, **values: Any) -> ProcessSpec:
    """Return a specification where nothing limits devices."""
    spec = cast("ProcessSpec", {"caps": caps, "privileged": privileged})
    devices.restrict(spec, config(**values))
    return spec


def test_where_nothing_limits_devices_none_can_be_made_and_used() -> None:
    assert restricted(["CHOWN", "MKNOD"]) == {
        "caps": ["CHOWN"], "privileged": False, "nodev": True,
    }  # fmt: skip
    for asked in ("MKNOD", "cap_mknod", "ALL"):
        spec = restricted(["MKNOD"], CapAdd=[asked])
        assert (spec["caps"], spec["nodev"]) == (["MKNOD"], True)
    assert "nodev" not in restricted(["MKNOD"], privileged=True)
