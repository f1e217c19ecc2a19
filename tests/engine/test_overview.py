"""The dashboard's view of an engine: one listing, then changes."""

from __future__ import annotations

import queue
import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from docker_magics import docker
from docker_magics.engine.address import Address
from docker_magics.engine.client import Engine
from docker_magics.results.live import Interactive
from docker_magics.widgets.action import Action
from docker_magics.widgets.browse import Browse
from docker_magics.widgets.meters import Meters
from docker_magics.widgets.outbox import Message, Outbox
from docker_magics.widgets.overview import Overview

WITHIN_S = 15.0


class Page:
    """A front end that records messages."""

    def __init__(self) -> None:
        self.messages: queue.Queue[Message] = queue.Queue()
        self.outbox = Outbox(
            lambda messages: [self.messages.put(message) for message in messages] and None
        )

    def until(self, select: Callable[[Message], Any]) -> Any:
        """Wait for a message that `select` returns a true value for; return this value."""
        deadline = time.monotonic() + WITHIN_S
        while True:
            message = self.messages.get(timeout=max(deadline - time.monotonic(), 0.1))
            if value := select(message):
                return value

    def state(self, identity: str, state: str) -> dict[str, Any]:
        """Wait until a container is in this state; return its row."""
        return self.until(
            lambda message: next(
                (
                    row
                    for row in message.get("rows", [])
                    if row.get("id") == identity and row["state"] == state
                ),
                None,
            )
        )


@pytest.fixture
def page() -> Iterator[Page]:
    page = Page()
    yield page
    page.outbox.close()


@pytest.fixture
def client(engine: str) -> Iterator[Engine]:
    client = Engine(Address(engine))
    yield client
    client.close()


def test_the_overview_follows_a_container_s_lifecycle(client: Engine, page: Page) -> None:
    overview = Overview(client, [], page.outbox)
    page.until(lambda message: message.get("whole"))
    identity = str(docker("run -d --name overview busybox sleep 1000"))
    assert page.state(identity, "running")["name"] == "overview"
    docker(f"pause {identity}")
    page.state(identity, "paused")
    docker(f"unpause {identity}")
    page.state(identity, "running")
    docker(f"kill {identity}")
    page.state(identity, "exited")
    docker(f"rename {identity} overview-2")
    page.until(lambda m: any(row.get("name") == "overview-2" for row in m.get("rows", [])))
    docker(f"rm {identity}")
    page.until(lambda message: identity in message.get("gone", []))
    overview.close()


def test_the_overview_shows_only_the_named_containers(client: Engine, page: Page) -> None:
    one, other = (str(docker("create busybox true")) for _ in range(2))
    overview = Overview(client, [one], page.outbox)
    rows = page.until(lambda message: message.get("whole") and message["rows"])
    assert [row["id"] for row in rows] == [one]
    docker(f"rm {other}")
    docker(f"rm {one}")
    assert page.until(lambda message: message.get("gone")) == [one]
    overview.close()


def test_lists_are_sent_on_request_and_on_changes(client: Engine, page: Page) -> None:
    overview = Overview(client, [], page.outbox)
    overview.refresh("volume")
    page.until(lambda message: message.get("what") == "volume")
    docker("volume create overview-data")
    page.until(lambda m: any(row.get("name") == "overview-data" for row in m.get("rows", [])))
    docker("volume rm overview-data")
    for what in ("image", "network"):
        overview.refresh(what)
        assert page.until(lambda m, what=what: m.get("what") == what and m["rows"])
    overview.close()


def test_meters_run_only_for_visible_containers(client: Engine, page: Page) -> None:
    identity = str(docker("run -d busybox sleep 1000"))
    meters = Meters(client, page.outbox)
    meters.show("page", [identity])
    meters.show("another", [])
    assert page.until(lambda message: message.get("memory", 0) > 0)
    meters.close()
    deadline = time.monotonic() + WITHIN_S
    while any(thread.name == "docker-magics-meter" for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    docker(f"rm -f {identity}")


def act(client: Engine, page: Page, *args: str, kind: Callable[..., Action] = Action) -> Action:
    """Start an action of the dashboard; its messages go to the page."""

    def no_console(_number: int, _process: Interactive, _title: str) -> None:
        raise AssertionError(args)

    def data(number: int, content: bytes) -> None:
        page.messages.put({"kind": "data", "action": number, "content": content})

    return kind(
        client,
        7,
        *args,
        outbox=page.outbox,
        console=no_console,
        data=data,
        done=lambda _action: None,
    )


def test_an_action_runs_a_command_line(client: Engine, page: Page) -> None:
    identity = str(docker("run -d --name acted --stop-timeout 1 busybox sleep 1000"))
    act(client, page, "stop acted")
    assert page.until(lambda message: message.get("seconds")) == 1
    assert page.until(lambda message: message.get("kind") == "done" and [message["error"]]) == [""]
    act(client, page, "cp acted:/etc/hostname -")
    assert b"hostname" in page.until(lambda message: message.get("content"))
    act(client, page, "rm missing")
    assert "missing" in page.until(lambda message: message.get("error"))
    act(client, page, "rm 'acted")
    assert "no closing" in page.until(lambda message: message.get("error"))
    docker(f"rm {identity}")


def test_browsing_a_stopped_container(client: Engine, page: Page) -> None:
    made = str(docker("create busybox true"))
    for folder, entry in (("/", "bin"), ("/etc", "passwd"), ("/etc/", "passwd")):
        act(client, page, made, folder, kind=Browse)
        rows = page.until(lambda message: message.get("kind") == "files" and message["rows"])
        assert {row["name"]: row["kind"] for row in rows}[entry] == ("d" if entry == "bin" else "-")
    act(client, page, made, "/missing", kind=Browse)
    assert re.search(
        "no such|not find", page.until(lambda message: message.get("error")), re.IGNORECASE
    )
    docker(f"rm {made}")


def test_history_shows_wasted_bytes(client: Engine, page: Page) -> None:
    dockerfile = "FROM busybox\nRUN head -c 5000 /dev/zero > /big\nRUN rm /big\n"
    docker("build -t layered -", input=dockerfile)
    act(client, page, "history --plot layered")
    bars = page.until(lambda message: message.get("bars"))
    assert [(label, wasted) for label, _size, wasted in bars if wasted] == [
        ("RUN head -c 5000 /dev/zero > /big", 5000)
    ]
    docker("rmi layered")


def test_closing_a_followed_log_ends_it(client: Engine, page: Page) -> None:
    identity = str(docker("run -d busybox sh -c 'echo said; sleep 1000'"))
    action = act(client, page, f"logs -f {identity}")
    assert page.until(lambda message: message.get("text")) == "said\n"
    action.close()
    page.until(lambda message: message.get("kind") == "done")
    docker(f"rm -f {identity}")
