"""docker ps: filters and columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from unit.embedded import fakes
from unit.embedded.images.support import Store

from docker_magics.embedded import clock
from docker_magics.embedded.containers.listing import ContainerListing, status_text, summarize
from docker_magics.embedded.containers.sizes import ContainerSizes
from docker_magics.embedded.errors import BadParameter, NotFound
from docker_magics.embedded.records.container import Container
from docker_magics.wire.reference import parse

HOUR = 3600 * 1_000_000_000


def ago(hours: int) -> str:
    return clock.stamp(clock.now_ns() - hours * HOUR)


def endpoint(**fields: Any) -> dict[str, Any]:
    return {"NetworkID": "", "Aliases": None, "RequestedAliases": None, **fields}


class Storage:
    """A storage driver that keeps changes in a folder of the container."""

    def changes(self, layer: Any) -> Path:
        path = Path(layer.folder) / "upper"
        path.mkdir(exist_ok=True)
        return path


class Ps:
    """A listing of three containers: `old` (exited), `web` (running) and `new` (created)."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder)
        self.base = self.store.image("base:1")
        self.child = self.store.image("child:1", parent=self.base.id)
        self.old = fakes.container(
            folder, "old", Created=ago(3), Image=self.base.id, config={"Image": "base:1"}
        )
        self.old.state.update(ExitCode=3, StartedAt=ago(3), FinishedAt=ago(2))
        self.web = fakes.container(
            folder,
            "web",
            pid=7,
            Created=ago(2),
            Image=self.child.id,
            config={
                "Image": "child:1",
                "Labels": {"tier": "front", "env": "prod"},
                "ExposedPorts": {"80/tcp": {}, "53/udp": {}},
            },
            Path="nginx",
            Args=["-g", "daemon off;"],
            Ports={"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]},
            Networks={"shop": endpoint(NetworkID="abcdef")},
            Mounts=[
                {"Type": "volume", "Name": "data", "Source": "/v", "Destination": "/srv",
                 "RW": True, "Mode": "", "Propagation": "", "Driver": "local"},
            ],
        )  # fmt: skip
        self.new = fakes.container(
            folder,
            "new",
            Created=ago(1),
            Image=self.base.id,
            config={"Image": "base:1"},
            host_config={"Links": ["web:shop"]},
        )
        self.containers = fakes.FakeContainers(self.new, self.web, self.old)
        storage: Any = Storage()
        sizes = ContainerSizes(self.store.images, storage)
        self.listing = ContainerListing(self.containers, self.store.images, sizes)

    def names(self, *, all_: bool = False, limit: int = 0, **filters: list[str]) -> list[str]:
        given = {name.replace("_", "-"): values for name, values in filters.items()}
        return [box.name for box in self.listing.find(given, all_=all_, limit=limit)]


@pytest.fixture
def ps(tmp_path: Path) -> Ps:
    return Ps(tmp_path)


def test_running_all_and_latest_containers(ps: Ps) -> None:
    assert ps.names() == ["web"]
    assert ps.names(all_=True) == ["new", "web", "old"]
    assert ps.names(limit=2) == ["new", "web"]
    assert ps.names(limit=-1) == ["web"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"name": ["eb"]}, "web"),
        ({"name": ["^/new$"]}, "new"),
        ({"name": ["("]}, ""),
        ({"id": ["nope"]}, ""),
        ({"label": ["tier"]}, "web"),
        ({"label": ["tier=front", "env=prod"]}, "web"),
        ({"label": ["tier=front", "env=dev"]}, ""),
        ({"status": ["created", "exited"]}, "new old"),
        ({"status": ["running"]}, "web"),
        ({"exited": ["3"]}, "old"),
        ({"exited": ["0"]}, ""),
        ({"before": ["web"]}, "old"),
        ({"since": ["old"]}, "new web"),
        ({"since": ["old"], "before": ["new"]}, "web"),
        ({"ancestor": ["base:1"]}, "new web old"),
        ({"ancestor": ["child:1"]}, "web"),
        ({"ancestor": ["nope", "child:1", "NOT VALID"]}, "web"),
        ({"network": ["shop"]}, "web"),
        ({"network": ["abc"]}, "web"),
        ({"network": ["bcd", ""]}, ""),
        ({"volume": ["data"]}, "web"),
        ({"volume": ["/srv"]}, "web"),
        ({"volume": ["/nope"]}, ""),
        ({"publish": ["8080"]}, "web"),
        ({"publish": ["8000-8090/tcp"]}, "web"),
        ({"publish": ["80"]}, ""),
        ({"expose": ["53/udp"]}, "web"),
        ({"expose": ["53"]}, ""),
        ({"health": ["none"]}, "new web old"),
        ({"health": ["healthy"]}, ""),
        ({"is_task": ["false"]}, "new web old"),
        ({"is_task": ["1"]}, ""),
        ({"isolation": ["default"]}, "new web old"),
        ({"name": []}, "new web old"),
    ],
)
def test_filters(ps: Ps, filters: dict[str, list[str]], expected: str) -> None:
    assert ps.names(all_=True, **filters) == expected.split()


def test_some_filters_include_stopped_containers(ps: Ps) -> None:
    assert ps.names(exited=["3"]) == ["old"]
    assert ps.names(since=["old"]) == ["new", "web"]
    assert ps.names(ancestor=["base:1"]) == ["web"]


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"nope": ["x"]}, "invalid filter 'nope'"),
        ({"status": ["sleeping"]}, "invalid filter 'status=sleeping'"),
        ({"health": ["ill"]}, "invalid value for health .ill.: must be one of none"),
        ({"exited": ["x"]}, "x"),
        ({"is_task": ["perhaps"]}, r"invalid filter 'is-task=\[perhaps\]'"),
        ({"publish": ["80-x"]}, "error while looking up for publish 80-x"),
        ({"expose": ["99999"]}, "error while looking up for expose 99999"),
    ],
)
def test_invalid_filters(ps: Ps, filters: dict[str, list[str]], message: str) -> None:
    with pytest.raises(BadParameter, match=message):
        ps.names(all_=True, **filters)


@pytest.mark.parametrize("name", ["before", "since"])
def test_filters_by_a_container_that_does_not_exist(ps: Ps, name: str) -> None:
    with pytest.raises(NotFound, match="No such container: nope"):
        ps.names(**{name: ["nope"]})


def test_columns(ps: Ps) -> None:
    [shown] = ps.listing.summaries([ps.web])
    assert shown["Names"] == ["/web", "/new/shop"]
    assert shown["Image"] == "child:1"
    assert shown["Command"] == "nginx -g 'daemon off;'"
    assert shown["State"] == "running"
    assert shown["Created"] == clock.parse(ps.web.record["Created"]) // 1_000_000_000
    assert shown["Labels"] == {"tier": "front", "env": "prod"}
    assert {port.get("PublicPort") for port in shown["Ports"]} == {8080, None}
    assert shown["NetworkSettings"]["Networks"]["shop"]["NetworkID"] == "abcdef"
    assert shown["HostConfig"] == {"NetworkMode": "bridge"}
    assert [point["Name"] for point in shown["Mounts"]] == ["data"]
    assert "SizeRw" not in shown


def test_an_image_without_its_name_is_shown_by_its_id(ps: Ps) -> None:
    ps.store.images.tag(ps.child, parse("base:1"))
    shown = {row["Names"][0]: row["Image"] for row in ps.listing.summaries([ps.new, ps.web])}
    assert shown == {"/new": ps.base.id, "/web": "child:1"}
    nameless = fakes.container(ps.store.folder, "nameless", Image="", config={"Image": "scratch"})
    assert ps.listing.summaries([nameless])[0]["Image"] == "scratch"


def test_sizes(ps: Ps) -> None:
    changes = Storage().changes(ps.web.layer)
    (changes / "f").write_text("12345")
    [shown] = ps.listing.summaries([ps.web], size=True)
    image = ps.store.images.size(ps.child)
    assert image > 0
    assert (shown["SizeRw"], shown["SizeRootFs"]) == (5, 5 + image)


def container(folder: Path, **state: Any) -> Container:
    made = fakes.container(folder)
    made.state.update(state)  # type: ignore[typeddict-item]
    return made


UP = {"Running": True, "StartedAt": ago(3)}


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ({}, "Created"),
        (UP, "Up 3 hours"),
        (UP | {"Paused": True}, "Up 3 hours (Paused)"),
        (UP | {"Health": {"Status": "starting"}}, "Up 3 hours (health: starting)"),
        (UP | {"Health": {"Status": "unhealthy"}}, "Up 3 hours (unhealthy)"),
        (UP | {"Restarting": True, "ExitCode": 2, "FinishedAt": ago(2)},
         "Restarting (2) 2 hours ago"),
        ({"Removing": True}, "Removal In Progress"),
        ({"Dead": True}, "Dead"),
        ({"StartedAt": ago(4), "FinishedAt": ago(3), "ExitCode": 137}, "Exited (137) 3 hours ago"),
    ],
)  # fmt: skip
def test_status(tmp_path: Path, state: dict[str, Any], text: str) -> None:
    made = container(tmp_path, **state)
    assert status_text(made) == text
    assert summarize(made)["Status"] == text
