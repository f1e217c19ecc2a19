"""The system routes of the API."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from unit.embedded import fakes
from unit.embedded.containers.support import Client

from docker_magics.embedded import API_VERSION
from docker_magics.embedded.api.messages import Json, Stream, Text
from docker_magics.embedded.errors import BadParameter, NotFound, Unavailable
from docker_magics.embedded.events import EventBus
from docker_magics.embedded.runtime.id_mapping import IdMapping
from docker_magics.embedded.system import absent
from docker_magics.embedded.system.info import SystemInfo
from docker_magics.embedded.system.routes import SystemRoutes


class Api:
    """The system routes, and the routes of unsupported features."""

    def __init__(self, folder: Path) -> None:
        self.driver: Any = SimpleNamespace(
            id_mapping=IdMapping.ROOT,
            description="namespaces",
            warnings=("WARNING: of the driver",),
            isolates_network=True,
        )
        self.limits = {"memory", "swap", "cpu", "cpuset", "pids", "freezer"}
        self.no_outbound = ""
        stopped, running, paused = (fakes.container(folder, name) for name in ("a", "b", "c"))
        for container in (running, paused):
            fakes.start(container)
        paused.state["Paused"] = True
        containers: Any = fakes.FakeContainers(stopped, running, paused)
        state: Any = SimpleNamespace(engine_id=lambda: "the ID", root=folder)
        cgroups: Any = SimpleNamespace(has=lambda name: name in self.limits, version="2")
        images: Any = SimpleNamespace(all=lambda: ["image"] * 4)
        about = SystemInfo(
            state, self.driver, cgroups, containers, images, lambda: self.no_outbound
        )
        usage: Any = SimpleNamespace(as_json=lambda types, *, old: [sorted(types), old])
        self.events = EventBus()
        routes = SystemRoutes(about, usage, self.events, self.log_in)
        self.client = Client(routes.table(), absent.table())

    def log_in(self, credentials: Any) -> dict[str, Any]:
        return {"Status": "Login Succeeded", "IdentityToken": credentials.username}

    def value(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        response = self.client(method, path, body, **query)
        assert isinstance(response, Json)
        return response.value


@pytest.fixture
def api(tmp_path: Path) -> Api:
    return Api(tmp_path)


def test_ping(api: Api) -> None:
    ping = api.client("GET", "/_ping")
    assert isinstance(ping, Text)
    assert (ping.text, ping.headers["Builder-Version"]) == ("OK", "1")
    head = api.client("HEAD", "/_ping")
    assert isinstance(head, Text)
    assert head.text == ""


def test_version(api: Api) -> None:
    version = api.value("GET", "/version")
    assert version["ApiVersion"] == API_VERSION
    [component] = version["Components"]
    assert component["Details"]["KernelVersion"] == version["KernelVersion"] == os.uname().release


def test_info_counts_containers_and_images(api: Api) -> None:
    info = api.value("GET", "/info")
    counts = [info[f"Containers{name}"] for name in ("", "Running", "Paused", "Stopped")]
    assert counts == [3, 1, 1, 1]
    assert (info["ID"], info["Images"]) == ("the ID", 4)
    assert info["Swarm"]["LocalNodeState"] == "inactive"
    assert info["SecurityOptions"] == ["name=seccomp,profile=builtin"]
    assert info["Warnings"] == ["WARNING: of the driver"]
    assert info["CgroupDriver"] == "cgroupfs"


def test_info_warns_of_limits_that_are_not_enforced(api: Api) -> None:
    api.limits.remove("swap")
    api.no_outbound = "slirp4netns is missing"
    assert api.value("GET", "/info")["Warnings"][1:] == [
        "WARNING: No swap limit support",
        "WARNING: No outbound network access from containers (slirp4netns is missing)",
    ]
    api.limits.clear()
    api.driver.isolates_network = False
    api.driver.id_mapping = IdMapping.NONE
    info = api.value("GET", "/info")
    assert [text.split(":")[1] for text in info["Warnings"][1:]] == [" No limits", " No freezer"]
    assert (info["MemoryLimit"], info["CPUSet"], info["CgroupDriver"]) == (False, False, "none")
    assert info["SecurityOptions"] == ["name=seccomp,profile=builtin", "name=rootless"]


def test_disk_usage(api: Api) -> None:
    everything = ["build-cache", "container", "image", "volume"]
    assert api.value("GET", "/system/df") == [everything, False]
    assert api.value("GET", "/v1.42/system/df", type="image") == [["image"], True]
    with pytest.raises(BadParameter, match="unknown object type: nope"):
        api.client("GET", "/system/df", type="nope")


def test_log_in(api: Api) -> None:
    body = {"username": "me", "password": "secret"}
    assert api.value("POST", "/auth", body)["IdentityToken"] == "me"


def test_events_of_the_past(api: Api) -> None:
    api.events.publish("container", "start", "abc", {"name": "web"})
    api.events.publish("volume", "create", "data")
    query = {"since": "10m", "until": "0s", "filters": {"type": ["container"]}}
    stream = api.client("GET", "/events", **query)
    assert isinstance(stream, Stream)
    [line] = [piece for piece in stream.pieces if piece]
    assert b'"Action":"start"' in line
    assert line.endswith(b"}\r\n")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"since": "200", "until": "100"}, "cannot be after `until` time"),
        ({"since": "yesterday"}, "failed to parse value as time or duration"),
    ],
)
def test_events_at_impossible_times(api: Api, query: dict[str, str], message: str) -> None:
    with pytest.raises(BadParameter, match=message):
        api.client("GET", "/events", **query)


@pytest.mark.parametrize(
    ("method", "path", "message"),
    [
        ("GET", "/swarm", "This node is not a swarm manager"),
        ("POST", "/swarm/init", "the embedded engine has no swarms"),
        ("POST", "/swarm/join", "the embedded engine has no swarms"),
        ("POST", "/swarm/leave", "This node is not part of a swarm"),
        ("POST", "/swarm/update", "This node is not a swarm manager"),
        ("GET", "/services", "This node is not a swarm manager"),
        ("POST", "/services/create", "This node is not a swarm manager"),
        ("DELETE", "/secrets/a/b", "This node is not a swarm manager"),
        ("GET", "/nodes/self", "This node is not a swarm manager"),
        ("POST", "/plugins/pull", "the embedded engine has no plugins"),
        ("GET", "/plugins/privileges", "the embedded engine has no plugins"),
    ],
)
def test_unsupported_features(api: Api, method: str, path: str, message: str) -> None:
    with pytest.raises(Unavailable, match=message):
        api.client(method, path)


def test_plugins(api: Api) -> None:
    assert api.value("GET", "/plugins", filters={"enabled": ["true"]}) == []
    with pytest.raises(BadParameter, match="invalid filter 'nope'"):
        api.client("GET", "/plugins", filters={"nope": ["x"]})
    for method, path in (
        ("GET", "/plugins/vieux/sshfs:latest/json"),
        ("POST", "/plugins/vieux/sshfs:latest/enable"),
        ("DELETE", "/plugins/vieux/sshfs:latest"),
    ):
        with pytest.raises(NotFound, match=r'^plugin "vieux/sshfs:latest" not found$'):
            api.client(method, path)
