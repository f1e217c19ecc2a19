"""The API's requests about execs."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from unit.embedded import fakes
from unit.embedded.containers.support import (
    Client,
    Connection,
    FakeProcess,
    FakeSpecs,
    FakeSupervisor,
)

from docker_magics.embedded.api.messages import Empty, Hijack, Json
from docker_magics.embedded.containers.events import ContainerEvents
from docker_magics.embedded.containers.exec_routes import ExecRoutes
from docker_magics.embedded.containers.execs import Execs
from docker_magics.embedded.errors import BadParameter, Conflict, NotFound


class Api:
    """The routes with one running container; `process` is the process of its first exec."""

    def __init__(self, folder: Path) -> None:
        self.web = fakes.container(folder, pid=7, config={"User": "bob", "WorkingDir": "/srv"})
        self.process = FakeProcess(pid=55)
        self.supervisor = FakeSupervisor(self.process)
        cgroups: Any = SimpleNamespace(procs_files=lambda _name: [], leaves_devices_open=False)
        supervisor: Any = self.supervisor
        specs: Any = FakeSpecs()
        store: Any = fakes.FakeContainers(self.web)
        events = ContainerEvents(fakes.FakeEvents())
        self.execs = Execs(events, supervisor, cgroups, specs)
        self.client = Client(ExecRoutes(store, self.execs).table())

    def create(self, name: str = "web", **body: Any) -> str:
        response = self.client("POST", f"/containers/{name}/exec", {"Cmd": ["ls"], **body})
        assert isinstance(response, Json)
        assert response.status == 201
        return str(response.value["Id"])

    def inspect(self, exec_id: str) -> Any:
        response = self.client("GET", f"/exec/{exec_id}/json")
        assert isinstance(response, Json)
        return response.value


@pytest.fixture
def api(tmp_path: Path) -> Api:
    return Api(tmp_path)


def test_a_detached_exec(api: Api) -> None:
    exec_id = api.create(Env=["A=1"])
    assert api.client("POST", f"/exec/{exec_id}/start", {"Detach": True}) == Empty(200)
    shown = api.inspect(exec_id)
    assert (shown["Running"], shown["Pid"]) == (True, 55)
    spec = api.supervisor.specs[0][1]
    assert (spec["user"], spec["cwd"]) == ("bob", "/srv"), "they are the container's"
    api.process.finish(2)
    assert api.execs.get(exec_id).ended.wait(5)
    assert api.inspect(exec_id)["ExitCode"] == 2


def test_given_values_override_the_container_s(api: Api) -> None:
    exec_id = api.create(Cmd=["ls"], User="root", WorkingDir="/", Privileged=True, Tty=True)
    config = api.execs.get(exec_id).config
    assert config["Cmd"] == ["ls"]
    assert (config["User"], config["WorkingDir"]) == ("root", "/")
    assert (config["Privileged"], config["Tty"]) == (True, True)
    assert config["AttachStdin"] is False


def test_an_attached_exec(api: Api) -> None:
    exec_id = api.create(AttachStdout=True)
    response = api.client("POST", f"/exec/{exec_id}/start", {})
    assert isinstance(response, Hijack)
    assert response.content_type == "application/vnd.docker.multiplexed-stream"
    assert not api.process.started, "it starts when the connection is the client's"
    connection = Connection()
    thread = threading.Thread(target=response.talk, args=(connection.raw,))
    thread.start()
    assert api.execs.get(exec_id).begun.wait(5)
    api.process.finish()
    assert connection.received() == b""
    thread.join(5)
    assert api.process.attached == [(False, ("stdout",))]
    connection.close()


def test_a_terminal_has_the_size_of_its_start(api: Api) -> None:
    exec_id = api.create(Tty=True, AttachStdout=True)
    body = {"Tty": True, "ConsoleSize": [24, 80], "Detach": True}
    api.client("POST", f"/exec/{exec_id}/start", body)
    assert api.supervisor.specs[0][1]["size"] == [24, 80]
    assert api.client("POST", f"/exec/{exec_id}/resize", h="30", w="90") == Empty(200)
    assert api.process.sizes == [(30, 90)]
    api.process.finish()
    assert api.execs.get(exec_id).ended.wait(5)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"Cmd": []}, "No exec command specified"),
        ({"Cmd": None}, "No exec command specified"),
        ({"DetachKeys": "nonsense"}, r"Invalid escape keys \(nonsense\) provided"),
        ({"Env": "A=1"}, "Env"),
        ({"Tty": "yes"}, "Tty"),
    ],
)
def test_invalid_requests(api: Api, body: dict[str, Any], message: str) -> None:
    with pytest.raises(BadParameter, match=message):
        api.create(**body)
    assert api.web.execs == {}


def test_containers_without_execs_are_named_as_the_client_does(api: Api) -> None:
    with pytest.raises(NotFound):
        api.create("nope")
    api.web.state["Paused"] = True
    with pytest.raises(Conflict, match=r"^Container web is paused, unpause the container"):
        api.create("web", DetachKeys="nonsense")
    api.web.state["Paused"] = False
    api.web.process = None
    with pytest.raises(Conflict, match="is not running"):
        api.create()


def test_a_second_start_is_an_error(api: Api) -> None:
    exec_id = api.create()
    api.client("POST", f"/exec/{exec_id}/start", {"Detach": True})
    with pytest.raises(Conflict, match="has already run"):
        api.client("POST", f"/exec/{exec_id}/start", {"Detach": True})
    api.process.finish()


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "start"), ("POST", "resize"), ("GET", "json")]
)
def test_execs_that_do_not_exist(api: Api, method: str, path: str) -> None:
    with pytest.raises(NotFound, match="No such exec instance: nope"):
        api.client(method, f"/exec/nope/{path}")
