"""API requests that change containers, and their calls of the engine's parts."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from unit.embedded import fakes
from unit.embedded.containers.support import Client, FakeProcess

from docker_magics.embedded.api.messages import Empty, Json, Stream
from docker_magics.embedded.containers.events import ContainerEvents
from docker_magics.embedded.containers.lifecycle_routes import LifecycleBackend, LifecycleRoutes
from docker_magics.embedded.errors import ApiError, BadParameter, Conflict, NotFound


class Recorder:
    """A fake of any part: records calls and returns given results."""

    def __init__(self, calls: list[Any], answers: dict[str, Any]) -> None:
        self._calls = calls
        self._answers = answers

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any, **options: Any) -> Any:
            given = [getattr(value, "name", value) for value in args]
            self._calls.append((name, *given, *options.items()))
            answer = self._answers.get(name)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


class Api:
    """The routes with recorders and one container."""

    def __init__(self, folder: Path) -> None:
        self.web = fakes.container(folder, pid=7)
        self.calls: list[Any] = []
        self.answers: dict[str, Any] = {"create": (self.web, ["a warning"]), "update": []}
        self.events = fakes.FakeEvents()
        part: Any = Recorder(self.calls, self.answers)
        store: Any = fakes.FakeContainers(self.web)
        storage: Any = SimpleNamespace()
        self.backend = LifecycleBackend(
            store=store,
            events=self.events,
            container_events=ContainerEvents(self.events),
            storage=storage,
            networks=part,
            creator=part,
            lifecycle=part,
            monitor=part,
            updater=part,
            removal=part,
        )
        self.client = Client(LifecycleRoutes(self.backend).table())


@pytest.fixture
def api(tmp_path: Path) -> Api:
    return Api(tmp_path)


@pytest.mark.parametrize(
    ("method", "path", "query", "call"),
    [
        ("POST", "web/start", {}, ("start", "web")),
        ("POST", "web/start", {"detachKeys": "ctrl-a"}, ("start", "web")),
        ("POST", "web/stop", {}, ("stop", "web", None, "")),
        ("POST", "web/stop", {"t": "0", "signal": "INT"}, ("stop", "web", 0, "INT")),
        ("POST", "web/stop", {"t": "-1"}, ("stop", "web", -1, "")),
        ("POST", "web/restart", {"t": "3"}, ("restart", "web", 3, "")),
        ("POST", "web/kill", {}, ("kill", "web", 9)),
        ("POST", "web/kill", {"signal": "SIGHUP"}, ("kill", "web", 1)),
        ("POST", "web/pause", {}, ("pause", "web")),
        ("POST", "web/unpause", {}, ("unpause", "web")),
        ("POST", "web/rename", {"name": "new"}, ("rename", "web", "new")),
        ("DELETE", "web", {},
         ("remove", "web", ("force", False), ("volumes", False), ("name", "web"))),
        ("DELETE", "web", {"force": "1", "v": "true"},
         ("remove", "web", ("force", True), ("volumes", True), ("name", "web"))),
        ("DELETE", "web/db", {"link": "1"}, ("remove_link", "web", "web/db")),
    ],
)  # fmt: skip
def test_calls_of_the_engine_s_parts(
    api: Api, method: str, path: str, query: dict[str, str], call: tuple[Any, ...]
) -> None:
    assert api.client(method, f"/containers/{path}", **query) == Empty()
    assert api.calls == [call]


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("POST", "web/start", {"detachKeys": "nonsense"}),
        ("POST", "web/stop", {"t": "soon"}),
        ("POST", "web/kill", {"signal": "NOPE"}),
        ("POST", "web/resize", {"h": "high", "w": "80"}),
        ("POST", "create", {"platform": "a/b/c/d/e"}),
    ],
)
def test_invalid_values_are_rejected_before_any_call(
    api: Api, method: str, path: str, query: dict[str, str]
) -> None:
    with pytest.raises(BadParameter):
        api.client(method, f"/containers/{path}", {"Image": "x"}, **query)
    assert api.calls == []


@pytest.mark.parametrize(
    "path",
    ["start", "stop", "restart", "pause", "unpause", "rename", "wait", "update", "resize"],
)
def test_containers_that_do_not_exist(api: Api, path: str) -> None:
    with pytest.raises(NotFound, match="No such container: nope"):
        api.client("POST", f"/containers/nope/{path}", {})
    assert api.calls == []


def test_errors_of_kill_name_the_container(api: Api) -> None:
    with pytest.raises(NotFound, match=r"^cannot kill container: nope: No such container: nope$"):
        api.client("POST", "/containers/nope/kill")
    api.answers["kill"] = Conflict("it is not running")
    with pytest.raises(Conflict, match=r"^cannot kill container: web: it is not running$"):
        api.client("POST", "/containers/web/kill")


def test_a_container_s_own_name_is_not_a_link(api: Api) -> None:
    with pytest.raises(ApiError, match="cannot remove the default link name"):
        api.client("DELETE", "/containers/web", link="1")
    with pytest.raises(NotFound):
        api.client("DELETE", "/containers/nope/db", link="1")
    assert api.calls == []


def test_create(api: Api) -> None:
    body = {"Image": "alpine"}
    response = api.client("POST", "/containers/create", body, name="web", platform="linux/arm64")
    assert response == Json({"Id": api.web.id, "Warnings": ["a warning"]}, 201)
    name, request, container_name, platform, version = api.calls[0]
    assert (name, request, container_name) == ("create", body, "web")
    assert (str(platform), version) == ("linux/arm64", ("version", (1, 51)))
    with pytest.raises(BadParameter, match="Config cannot be empty"):
        api.client("POST", "/containers/create", {})


def test_update(api: Api) -> None:
    assert api.client("POST", "/containers/web/update", {"Memory": 1}) == Json({"Warnings": None})
    api.answers["update"] = ["weight discarded"]
    answer = api.client("POST", "/containers/web/update", {"BlkioWeight": 1})
    assert answer == Json({"Warnings": ["weight discarded"]})
    assert api.calls[0] == ("update", "web", {"Memory": 1})


def test_wait_lets_the_server_check_the_client_until_the_response(api: Api) -> None:
    steps = iter([None, None, {"StatusCode": 3}])
    api.answers["wait"] = lambda: next(steps)
    response = api.client("POST", "/containers/web/wait", condition="next-exit")
    assert isinstance(response, Stream)
    assert list(response.pieces) == [b"", b"", b'{"StatusCode":3}\n']
    assert api.calls == [("wait", "web", "next-exit")]


def test_resize(api: Api) -> None:
    process = FakeProcess()
    api.web.process = process  # type: ignore[assignment]
    assert api.client("POST", "/containers/web/resize", h="24", w="80") == Empty(200)
    assert process.sizes == [(24, 80)]
    [(_, action, _, attributes)] = api.events.events
    assert (action, attributes["height"], attributes["width"]) == ("resize", "24", "80")
    api.web.process = None
    with pytest.raises(BadParameter, match="cannot resize a stopped container"):
        api.client("POST", "/containers/web/resize", h="24", w="80")


def test_prune_removes_stopped_containers(api: Api) -> None:
    answer = api.client("POST", "/containers/prune", filters={"label": ["x"]})
    assert answer == Json({"ContainersDeleted": None, "SpaceReclaimed": 0})
    assert api.events.events[-1][:2] == ("container", "prune")
    with pytest.raises(BadParameter, match="invalid filter 'nope'"):
        api.client("POST", "/containers/prune", filters={"nope": ["x"]})
