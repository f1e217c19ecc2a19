"""The API's attach and logs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from unit.embedded import fakes
from unit.embedded.containers.support import Client, Connection, FakeProcess

from docker_magics.embedded.api.messages import Hijack, Stream
from docker_magics.embedded.containers.events import ContainerEvents
from docker_magics.embedded.containers.stream_routes import StreamRoutes
from docker_magics.embedded.errors import BadParameter, Conflict, NotFound
from docker_magics.wire import frames

RAW = "application/vnd.docker.raw-stream"
FRAMED = "application/vnd.docker.multiplexed-stream"
OUT = frames.Stream.STDOUT
#: Of RFC 6455, section 1.3.
KEY, ACCEPT = "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


class Api:
    """The routes with the containers `web` and `shell` (with a terminal)."""

    def __init__(self, folder: Path) -> None:
        self.web = fakes.container(folder, "web")
        self.shell = fakes.container(folder, "shell", config={"Tty": True, "OpenStdin": True})
        for container in (self.web, self.shell):
            container.log_path.write_text(
                '{"log": "one\\n", "stream": "stdout", "time": "2026-01-01T00:00:01Z"}\n'
                '{"log": "two\\n", "stream": "stderr", "time": "2026-01-01T00:00:02Z"}\n'
            )
        self.events = fakes.FakeEvents()
        store: Any = fakes.FakeContainers(self.web, self.shell)
        self.client = Client(StreamRoutes(store, ContainerEvents(self.events)).table())

    def logs(self, name: str = "web", **query: str) -> Stream:
        response = self.client("GET", f"/containers/{name}/logs", **query)
        assert isinstance(response, Stream)
        return response

    def attach(self, name: str, path: str = "attach", **query: Any) -> Hijack:
        method = "GET" if path.endswith("ws") else "POST"
        response = self.client(method, f"/containers/{name}/{path}", **query)
        assert isinstance(response, Hijack)
        return response


@pytest.fixture
def api(tmp_path: Path) -> Api:
    return Api(tmp_path)


@pytest.mark.parametrize(
    ("name", "version", "kind"),
    [("web", "", FRAMED), ("web", "/v1.41", RAW), ("shell", "", RAW), ("web", "/v1.42", FRAMED)],
)
def test_media_types(api: Api, name: str, version: str, kind: str) -> None:
    logs = api.client("GET", f"{version}/containers/{name}/logs", stdout="1")
    assert isinstance(logs, Stream)
    assert logs.content_type == kind
    assert list(logs.pieces), "they close the log"
    attached = api.client("POST", f"{version}/containers/{name}/attach", stdout="1")
    assert isinstance(attached, Hijack)
    assert attached.content_type == kind


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, b"one\ntwo\n"),
        ({"tail": "1"}, b"two\n"),
        ({"tail": "all"}, b"one\ntwo\n"),
        ({"tail": "-5"}, b"one\ntwo\n"),
        ({"since": "2026-01-01T00:00:02Z"}, b"two\n"),
        ({"until": "1767225601"}, b"one\n"),
        ({"timestamps": "1", "tail": "1"}, b"2026-01-01T00:00:02Z two\n"),
        ({"stdout": "0"}, b"two\n"),
    ],
)
def test_logs(api: Api, query: dict[str, str], expected: bytes) -> None:
    stream = api.logs("shell", **{"stdout": "1", "stderr": "1", **query})
    assert b"".join(stream.pieces) == expected


def test_details_of_logs(api: Api) -> None:
    api.shell.host_config["LogConfig"]["Config"] = {"labels": "tier"}
    api.shell.config["Labels"] = {"tier": "front end"}
    lines = b"".join(api.logs("shell", stdout="1", details="1").pieces)
    assert lines == b"tier=front+end one\n"


def test_log_errors(api: Api) -> None:
    with pytest.raises(BadParameter, match="you must choose at least one stream"):
        api.logs()
    with pytest.raises(BadParameter):
        api.logs(stdout="1", since="yesterday")
    with pytest.raises(NotFound):
        api.logs("nope", stdout="1")
    api.web.host_config["LogConfig"] = {"Type": "none", "Config": {}}
    with pytest.raises(BadParameter, match="does not support reading"):
        api.logs(stdout="1")


def test_attach(api: Api) -> None:
    process = FakeProcess()
    api.shell.process = process  # type: ignore[assignment]
    response = api.attach("shell", stdin="1", stdout="1", stream="1", detachKeys="ctrl-a")
    assert process.attached == [(True, ("stdout",))]
    connection = Connection(early=b"\x01")
    response.talk(connection.raw)
    assert connection.received() == b""
    assert api.events.actions("container") == ["attach", "detach"]
    process.finish()
    connection.close()


def test_attach_errors(api: Api) -> None:
    with pytest.raises(BadParameter, match=r"Invalid detach keys \(nonsense\) provided"):
        api.attach("web", detachKeys="nonsense")
    api.web.state["Paused"] = True
    with pytest.raises(Conflict, match="unpause the container before attach"):
        api.attach("web", detachKeys="nonsense")
    with pytest.raises(NotFound):
        api.attach("nope")


@pytest.mark.parametrize("name", ["web", "shell"])
def test_a_websocket_receives_output_without_frames(api: Api, name: str) -> None:
    headers = {"sec-websocket-key": KEY}
    response = api.attach(name, "attach/ws", headers=headers, logs="1", stdout="1")
    assert response.headers["Sec-WebSocket-Accept"] == ACCEPT
    connection = Connection()
    response.talk(connection.raw)
    received = connection.received()
    assert received[:6] == b"\x82\x04one\n"
    assert received[6:8] == b"\x88\x02", "a close message follows"
    connection.close()


def test_a_websocket_without_a_key_is_an_error(api: Api) -> None:
    with pytest.raises(BadParameter, match="Sec-WebSocket-Key is missing; use a WebSocket client"):
        api.attach("web", "attach/ws")
