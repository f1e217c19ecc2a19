"""API requests that read containers."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from unit.embedded import fakes
from unit.embedded.containers.support import Client, FakeSupervisor

from docker_magics.embedded.api.messages import Json, Response, Stream
from docker_magics.embedded.containers import top
from docker_magics.embedded.containers.events import ContainerEvents
from docker_magics.embedded.containers.view_routes import ViewBackend, ViewRoutes
from docker_magics.embedded.errors import BadParameter, Conflict, NotFound


class Listing:
    """A fake listing that returns its parameters."""

    def find(self, filters: Any, *, all_: bool, limit: int) -> list[Any]:
        return [filters, all_, limit]

    def summaries(self, containers: list[Any], *, size: bool) -> list[Any]:
        return [*containers, size]


class Stats:
    """Fake statistics that return their parameters."""

    def single(self, _container: Any, *, one_shot: bool) -> dict[str, Any]:
        return {"one_shot": one_shot}

    def stream(self, _container: Any) -> Any:
        return iter([{"n": 1}, None])


class Api:
    """The routes with one container, which has the PID of this process."""

    def __init__(self, folder: Path) -> None:
        self.web = fakes.container(folder, pid=os.getpid(), config={"Labels": {"b": "", "a": ""}})
        self.events = fakes.FakeEvents()
        changes = folder / "changes"
        changes.mkdir()
        (changes / "new").touch()
        store: Any = fakes.FakeContainers(self.web)
        storage: Any = SimpleNamespace(changes=lambda _layer: changes)
        supervisor: Any = FakeSupervisor()
        listing: Any = Listing()
        stats: Any = Stats()
        sizes: Any = SimpleNamespace(measure=lambda _: {"SizeRw": 1, "SizeRootFs": 2})
        backend = ViewBackend(
            store=store,
            container_events=ContainerEvents(self.events),
            storage=storage,
            supervisor=supervisor,
            listing=listing,
            sizes=sizes,
            stats=stats,
        )
        self.client = Client(ViewRoutes(backend).table())


@pytest.fixture
def api(tmp_path: Path) -> Api:
    return Api(tmp_path)


def value(response: Response) -> Any:
    assert isinstance(response, Json)
    return response.value


def test_the_listing_gets_the_parameters(api: Api) -> None:
    assert value(api.client("GET", "/containers/json")) == [{}, False, 0, False]
    listed = api.client(
        "GET", "/containers/json", filters={"name": ["x"]}, all="1", limit="3", size="true"
    )
    assert value(listed) == [{"name": ["x"]}, True, 3, True]
    with pytest.raises(BadParameter):
        api.client("GET", "/containers/json", limit="many")


def test_inspect_sorts_maps_and_counts_bytes_on_request(api: Api) -> None:
    shown = value(api.client("GET", "/v1.44/containers/web/json"))
    assert list(shown["Config"]["Labels"]) == ["a", "b"]
    assert "SizeRw" not in shown
    assert value(api.client("GET", "/containers/web/json", size="1"))["SizeRootFs"] == 2


@pytest.mark.parametrize("path", ["json", "top", "stats", "changes"])
def test_containers_that_do_not_exist(api: Api, path: str) -> None:
    with pytest.raises(NotFound, match="No such container: nope"):
        api.client("GET", f"/containers/nope/{path}")


def test_top(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(top.shutil, "which", lambda _name: None)
    shown = value(api.client("GET", "/containers/web/top"))
    assert [row[1] for row in shown["Processes"]] == [str(os.getpid())]
    assert api.events.actions("container") == ["top"]
    with pytest.raises(BadParameter, match="invalid ps arguments"):
        api.client("GET", "/containers/web/top", ps_args="; ls")
    api.web.process = None
    with pytest.raises(Conflict, match="is not running"):
        api.client("GET", "/containers/web/top")


def test_stats(api: Api) -> None:
    response = api.client("GET", "/containers/web/stats")
    assert isinstance(response, Stream)
    assert list(response.pieces) == [b'{"n":1}\r\n', b""]
    for one_shot in (False, True):
        query = {"stream": "0", **({"one-shot": "1"} if one_shot else {})}
        assert value(api.client("GET", "/containers/web/stats", **query)) == {"one_shot": one_shot}


def test_changes(api: Api) -> None:
    api.web.record["Layers"] = [str(api.web.folder)]
    changes = api.client("GET", "/containers/web/changes")
    assert b"".join(changes.pieces) == b'[{"Path":"/new","Kind":1}]\n'
