"""The dashboard's kernel side, with a fake engine and no page."""

from __future__ import annotations

import io
import json
import queue
import tarfile
import time
from collections.abc import Iterator
from typing import Any, Self

import pytest

import docker_magics
from docker_magics.engine.address import Address
from docker_magics.errors import NotFound
from docker_magics.results.live import Panel
from docker_magics.results.show import View
from docker_magics.widgets import closing, events, overview
from docker_magics.widgets.dashboard import Dashboard, _host
from docker_magics.widgets.overview import _compose

WEB = "a" * 64
DB = "b" * 64


def listed(identity: str, name: str, **changes: Any) -> dict[str, Any]:
    """Return a container of the engine's listing."""
    return {
        "Id": identity,
        "Names": [f"/{name}", f"/other/{name}"],
        "Image": "docker.io/library/busybox:latest",
        "State": "running",
        "Status": "Up 2 minutes",
        "Created": 1,
        "Ports": [
            {"PrivatePort": 80, "PublicPort": 8080, "Type": "tcp", "IP": "0.0.0.0"},
            {"PrivatePort": 80, "PublicPort": 8080, "Type": "tcp", "IP": "::"},
            {"PrivatePort": 81, "Type": "udp"},
        ],
        **changes,
    }


class FakeResponse:
    """A streamed response with a given body."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = pieces
        self._file = io.BytesIO(b"".join(pieces))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def pieces(self) -> Iterator[bytes]:
        yield from self._pieces

    def read(self, size: int) -> bytes:
        """Return the next bytes."""
        return self._file.read(size)

    def close(self) -> None:
        """Nothing to close."""


class FakeEngine:
    """Answers from attributes, and records what is posted."""

    address = Address("unix:///run/docker.sock")

    def __init__(self) -> None:
        self.containers = [listed(WEB, "web"), listed(DB, "db")]
        self.events: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.posted: list[str] = []
        self.closed = False

    def get(self, path: str, query: Any = None) -> Any:
        match path:
            case "/containers/json":
                ids = (query or {}).get("filters", {}).get("id")
                return [row for row in self.containers if not ids or row["Id"] in ids]
            case "/images/json":
                return [
                    {"Id": "sha256:2", "RepoTags": ["<none>:<none>"], "Size": 2, "Created": 2},
                    {"Id": "sha256:1", "RepoTags": ["me/app:1"], "Size": 1, "Created": 1},
                ]
            case "/volumes":
                return {"Volumes": [{"Name": "data", "Driver": "local", "Mountpoint": "/data"}]}
            case "/networks":
                ipam = {"Config": [{"Subnet": "172.17.0.0/16"}]}
                return [{"Id": "n", "Name": "bridge", "Driver": "bridge", "IPAM": ipam}]
            case "/containers/web/json":
                return {"Config": {"StopTimeout": 3}}
        raise NotFound(f"no such object: {path}")

    def supports(self, _version: str) -> bool:
        return True

    def post(self, path: str, *_: Any, **__: Any) -> None:
        self.posted.append(path)

    def request(self, _method: str, path: str, **_: Any) -> Any:
        if path == "/events":
            return self
        if path.endswith("/stats"):
            stats = {"memory_stats": {"usage": 2_000_000, "limit": 8_000_000}}
            return FakeResponse(json.dumps(stats).encode())
        if path.endswith("/archive"):
            return FakeResponse(archive())
        raise NotFound(path)

    def pieces(self) -> Iterator[bytes]:
        """Yield the stream of events."""
        while not self.closed:
            try:
                yield json.dumps(self.events.get(timeout=0.05)).encode()
            except queue.Empty:
                continue

    def close(self) -> None:
        self.closed = True


def archive() -> bytes:
    """Return a tar archive of the folder /etc."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        for name, kind in (
            ("etc", tarfile.DIRTYPE),
            ("etc/ssl", tarfile.DIRTYPE),
            ("etc/ssl/certs", tarfile.DIRTYPE),
            ("etc/mtab", tarfile.SYMTYPE),
            ("etc/passwd", tarfile.REGTYPE),
        ):
            entry = tarfile.TarInfo(name)
            entry.type = kind
            tar.addfile(entry)
    return content.getvalue()


class Shown(Dashboard):
    """A dashboard that records its messages to the page."""

    def __init__(self, engine: FakeEngine, *containers: str) -> None:
        self.sent: queue.Queue[dict[str, Any]] = queue.Queue()
        panel = Panel(engine, containers, table=list, text=lambda: "CONTAINER ID   NAMES\n")
        super().__init__(panel, "docker ui")

    def send(self, content: Any, buffers: Any = None) -> None:  # noqa: ARG002 - as ipywidgets
        for message in content.get("messages", [content]):
            self.sent.put(message)

    def until(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Wait for a message of a kind, with these fields."""
        deadline = time.monotonic() + 10
        while True:
            message = self.sent.get(timeout=max(deadline - time.monotonic(), 0.01))
            if message["kind"] == kind and all(message[key] == fields[key] for key in fields):
                return message


@pytest.fixture
def engine() -> Iterator[FakeEngine]:
    fake = FakeEngine()
    yield fake
    fake.close()


@pytest.fixture
def dashboard(engine: FakeEngine) -> Iterator[Shown]:
    shown = Shown(engine)
    yield shown
    engine.close()
    shown.close()


def test_containers_are_listed_at_once(dashboard: Shown) -> None:
    message = dashboard.until("containers", whole=True)
    web = message["rows"][0]
    assert [row["name"] for row in message["rows"]] == ["web", "db"]
    assert web["image"] == "busybox:latest"
    assert web["ports"] == [[0, 81, "udp", []], [8080, 80, "tcp", ["0.0.0.0", "::"]]]
    assert web["compose"] is None


def test_compose_marks_containers_with_their_project() -> None:
    name = "com.docker.compose."
    labels = {name + "project": "shop", name + "service": "web"}
    labels |= {name + "project.config_files": "/a.yaml,/b.yaml"}
    files = ["/a.yaml", "/b.yaml"]
    assert _compose(labels) == {"project": "shop", "service": "web", "folder": "", "files": files}


def test_an_event_sends_only_what_has_changed(dashboard: Shown, engine: FakeEngine) -> None:
    dashboard.until("containers", whole=True)
    engine.containers = [listed(WEB, "web", State="exited")]
    for identity in (WEB, DB):
        event = {"Type": "container", "Action": "die", "Actor": {"ID": identity}}
        engine.events.put(event)
    engine.events.put({"Type": "container", "Action": "exec_start: sh", "Actor": {"ID": WEB}})
    message = dashboard.until("containers", whole=False)
    while message["gone"] == [] or message["rows"] == []:  # the two messages may arrive separately
        message = dashboard.until("containers", whole=False)
    assert [(row["id"], row["state"]) for row in message["rows"]] == [(WEB, "exited")]
    assert message["gone"] == [DB]


def test_many_changes_list_everything_again(
    dashboard: Shown, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "_RELIST_ALL_FROM", 0)
    dashboard.until("containers", whole=True)
    engine.events.put({"Type": "container", "Action": "start", "Actor": {"ID": WEB}})
    assert len(dashboard.until("containers", whole=True)["rows"]) == 2


@pytest.mark.parametrize(
    ("kind", "names"),
    [("image", [["me/app:1"], []]), ("volume", ["data"]), ("network", ["bridge"])],
)
def test_other_lists_are_sent_on_request(dashboard: Shown, kind: str, names: list[Any]) -> None:
    dashboard.receive({"kind": "list", "what": kind})
    rows = dashboard.until("list", what=kind)["rows"]
    assert [row.get("name", row.get("tags")) for row in rows] == names


def test_only_the_named_containers_are_shown(engine: FakeEngine) -> None:
    shown = Shown(engine, DB)
    assert shown.single
    assert [row["id"] for row in shown.until("containers", whole=True)["rows"]] == [DB]
    engine.close()
    shown.close()


def test_a_lost_engine_is_reported(
    dashboard: Shown, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_RETRY_S", 0.02)
    dashboard.until("containers", whole=True)

    def fail(*_: Any, **__: Any) -> Any:
        raise NotFound("gone")

    engine.request = fail  # type: ignore[method-assign]
    engine.close()
    assert "gone" in dashboard.until("problem", text="Error response from daemon: gone")["text"]


def test_visible_containers_are_measured(dashboard: Shown) -> None:
    dashboard.receive({"kind": "visible", "view": "page", "ids": [WEB]})
    message = dashboard.until("usage", id=WEB)
    assert (message["memory"], message["limit"]) == (2_000_000, 8_000_000)
    dashboard.receive({"kind": "ping", "view": "page"})
    dashboard.until("pong")


def test_a_click_runs_a_command_line(dashboard: Shown, engine: FakeEngine) -> None:
    dashboard.receive({"kind": "run", "action": 1, "line": "stop web"})
    grace = dashboard.until("grace", action=1)
    assert (grace["seconds"], grace["signal"]) == (3, "SIGTERM")
    done = dashboard.until("done", action=1)
    assert (done["error"], done["text"]) == ("", "web")
    assert engine.posted == ["/containers/web/stop"]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("frobnicate", "unknown command: docker frobnicate"),
        ("stop --help", "cannot show --help here; run it in a cell"),
        ("stop gone", "no such object"),
    ],
)
def test_a_failed_command_line_shows_its_error(dashboard: Shown, line: str, error: str) -> None:
    dashboard.receive({"kind": "run", "action": 2, "line": line})
    assert error in dashboard.until("done", action=2)["error"]


def test_a_folder_is_browsed(dashboard: Shown) -> None:
    dashboard.receive({"kind": "browse", "action": 3, "container": "web", "folder": "/etc"})
    rows = dashboard.until("files", action=3)["rows"]
    assert [(row["kind"], row["name"]) for row in rows] == [
        ("d", "ssl"),
        ("l", "mtab"),
        ("-", "passwd"),
    ]


def test_messages_about_unknown_actions_change_nothing(dashboard: Shown) -> None:
    dashboard.receive({"kind": "stop", "action": 99})
    dashboard.receive({"kind": "hang_up", "model": "gone"})
    dashboard.receive({"kind": "unheard of"})
    dashboard.until("containers", whole=True)


def test_a_saved_notebook_has_a_table(dashboard: Shown) -> None:
    static = dashboard._static()  # noqa: SLF001 - what a saved notebook keeps
    assert static["text/plain"] == "CONTAINER ID   NAMES"
    assert ">CONTAINER ID   NAMES</pre>" in static["text/html"]


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("unix:///run/docker.sock", ""),
        ("tcp://127.0.0.1:2375", ""),
        ("ssh://me@far.example:22", "far.example"),
    ],
)
def test_ports_are_linked_on_the_engines_machine(address: str, host: str) -> None:
    assert _host(address) == host


class FakeWidget:
    """A widget that records how it was closed."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def end(self) -> None:
        self.calls.append("end")

    def join(self, seconds: float) -> None:
        assert seconds > 0
        self.calls.append("join")

    def close(self) -> None:
        self.calls.append("close")
        closing.discard(self)


def test_a_widget_is_closed_when_its_cell_runs_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = FakeWidget(), FakeWidget()
    monkeypatch.setattr(closing, "_execution", lambda: ("cell-1", "1"))
    closing.add(first)
    monkeypatch.setattr(closing, "_execution", lambda: ("cell-2", "2"))
    closing.add(second)
    closing._close_replaced(None)  # noqa: SLF001 - IPython calls it
    assert second.calls == []  # a cell that the same execution runs
    monkeypatch.setattr(closing, "_execution", lambda: ("cell-2", "3"))
    closing._close_replaced(None)  # noqa: SLF001 - IPython calls it
    assert (first.calls, second.calls) == ([], ["close"])
    closing.discard(first)


def test_an_exiting_kernel_ends_all_widgets_before_it_waits() -> None:
    widgets = [FakeWidget(), FakeWidget()]
    for widget in widgets:
        closing.add(widget)
    closing._close_all()  # noqa: SLF001 - atexit calls it
    assert [widget.calls for widget in widgets] == [["end", "join"]] * 2
    for widget in widgets:
        closing.discard(widget)


def test_plain_python_gets_the_dashboard_as_a_widget(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    class FakeSession:
        """Opens the panel of the line in its view."""

        def run_args(self, args: list[str], *, view: View) -> Any:
            asked.append(args)
            return view.open(Panel(FakeEngine(), [], lambda: None, str))  # type: ignore[arg-type]

    monkeypatch.setattr("docker_magics.session.shared", FakeSession)
    widget = docker_magics.dashboard("web")
    assert isinstance(widget, Dashboard)
    assert asked == [["ui", "web"]]
    widget.close()
