"""docker inspect of a container."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from unit.embedded import fakes

from docker_magics.embedded import clock
from docker_magics.embedded.containers.inspect import inspect_container
from docker_magics.embedded.records import defaults


def inspect(container: Any, *others: Any) -> dict[str, Any]:
    return inspect_container(container, fakes.FakeContainers(container, *others))


def test_a_container_that_never_ran(tmp_path: Path) -> None:
    web = fakes.container(tmp_path, Path="sh", Args=["-c", "ls"])
    shown = inspect(web)
    assert (shown["Id"], shown["Name"]) == (web.id, "/web")
    assert (shown["Path"], shown["Args"]) == ("sh", ["-c", "ls"])
    assert [shown[key] for key in ("ResolvConfPath", "HostnamePath", "HostsPath", "LogPath")] == [
        "", "", "", "",
    ]  # fmt: skip
    assert shown["ExecIDs"] is None
    assert shown["State"]["Status"] == "created"
    assert shown["State"]["StartedAt"] == clock.ZERO
    assert "Health" not in shown["State"]
    assert "Removing" not in shown["State"], "the API does not show it"
    assert "SizeRw" not in shown
    assert shown["Driver"] == shown["GraphDriver"]["Name"] == "overlay2"
    assert shown["GraphDriver"]["Data"]["LowerDir"] == ""


def test_a_container_that_runs(tmp_path: Path) -> None:
    web = fakes.container(tmp_path, pid=7, Layers=["/bottom", "/top"])
    web.log_path.touch()
    web.state["Health"] = {"Status": "healthy", "FailingStreak": 0, "Log": []}
    web.execs = {
        "a": SimpleNamespace(id="a", process=object()),  # type: ignore[dict-item]
        "b": SimpleNamespace(id="b", process=None),  # type: ignore[dict-item]
    }
    shown = inspect(web)
    assert shown["HostsPath"] == str(web.folder / "hosts")
    assert shown["LogPath"] == str(web.log_path)
    assert shown["ExecIDs"] == ["a"]
    assert (shown["State"]["Pid"], shown["State"]["Health"]["Status"]) == (7, "healthy")
    assert shown["GraphDriver"]["Data"]["LowerDir"] == "/top:/bottom"
    assert shown["NetworkSettings"]["SandboxKey"] == "/proc/7/ns/net"


def test_a_log_that_is_no_file_has_no_path(tmp_path: Path) -> None:
    web = fakes.container(tmp_path, host_config={"LogConfig": {"Type": "local", "Config": {}}})
    web.log_path.touch()
    assert inspect(web)["LogPath"] == ""


def test_the_host_config_is_in_dockerd_s_order_with_links_by_name(tmp_path: Path) -> None:
    other = fakes.container(tmp_path, "db")
    web = fakes.container(tmp_path, host_config={"Links": ["db:database"], "Tmpfs": {"/t": ""}})
    host_config = inspect(web, other)["HostConfig"]
    assert host_config["Links"] == ["/db:/web/database"]
    order = [key for key in defaults.HOST_CONFIG_ORDER if key in host_config]
    assert list(host_config) == order
    assert order.index("Tmpfs") < order.index("UTSMode")


@pytest.mark.parametrize(
    ("options", "profile"),
    [
        (None, ""),
        (["no-new-privileges"], ""),
        (["apparmor=unconfined"], "unconfined"),
        (["apparmor:a", "apparmor=b"], "b"),
        (["apparmor=a=b"], "a=b"),
    ],
)
def test_the_apparmor_profile(tmp_path: Path, options: list[str] | None, profile: str) -> None:
    web = fakes.container(tmp_path, host_config={"SecurityOpt": options})
    assert inspect(web)["AppArmorProfile"] == profile
