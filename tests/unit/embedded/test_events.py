"""The past events that a subscriber receives."""

from __future__ import annotations

import time
from typing import Any

import pytest

from docker_magics.embedded import clock
from docker_magics.embedded.events import MAX_PAST, Event, EventBus


def test_until_without_since_yields_all_kept_events() -> None:
    bus = EventBus()
    bus.publish("container", "create", "c1")
    until = clock.now_ns()
    bus.publish("container", "start", "c1")
    actions = [event["Action"] for event in bus.subscribe(until=until) if event]
    assert actions == ["create"]


def test_since_yields_later_events() -> None:
    bus = EventBus()
    bus.publish("container", "create", "c1")
    since = clock.now_ns()
    bus.publish("container", "start", "c1")
    actions = [event["Action"] for event in bus.subscribe(since, clock.now_ns()) if event]
    assert actions == ["start"]


def collect(bus: EventBus, **options: Any) -> list[Event]:
    """Return the past events of a subscription."""
    events = bus.subscribe(until=clock.now_ns(), **options)
    return [event for event in events if event is not None]


def test_a_subscriber_gets_new_events_in_order() -> None:
    bus = EventBus()
    subscription = bus.subscribe()
    for number in range(3):
        bus.publish("volume", "create", f"v{number}")
    assert [next(subscription)["Actor"]["ID"] for _ in range(3)] == ["v0", "v1", "v2"]  # type: ignore[index]
    subscription.close()  # type: ignore[attr-defined]
    bus.publish("volume", "create", "later")


def test_a_silent_subscription_yields_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("docker_magics.embedded.events.POLL_S", 0.01)
    assert next(EventBus().subscribe()) is None


def test_a_subscription_ends_at_until() -> None:
    bus = EventBus()
    before = time.monotonic()
    until = clock.now_ns() + 50_000_000
    assert [event for event in bus.subscribe(until=until) if event] == []
    assert time.monotonic() - before < 1


def test_only_the_latest_events_are_kept() -> None:
    bus = EventBus()
    for number in range(MAX_PAST + 5):
        bus.publish("volume", "create", str(number))
    past = collect(bus)
    assert len(past) == MAX_PAST
    assert past[0]["Actor"]["ID"] == "5"


def test_events_of_containers_have_the_old_fields() -> None:
    bus = EventBus()
    bus.publish("container", "die", "c1", {"image": "busybox", "exitCode": "0"})
    bus.publish("image", "pull", "busybox")
    bus.publish("network", "create", "n1")
    container, image, network = collect(bus)
    assert (container["status"], container["id"], container["from"]) == ("die", "c1", "busybox")
    assert (image["status"], "from" in image) == ("pull", False)
    assert "status" not in network
    assert container["timeNano"] // 10**9 == container["time"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"event": ["start"]}, ["start"]),
        ({"event": ["exec_create"]}, ["exec_create: ls"]),
        ({"event": ["exec_create: ls"]}, ["exec_create: ls"]),
        ({"type": ["image"]}, ["tag"]),
        ({"type": ["image", "container"], "event": ["tag", "start"]}, ["start", "tag"]),
        ({"container": ["web"]}, ["start", "exec_create: ls"]),
        ({"container": ["c1"]}, ["start", "exec_create: ls"]),
        ({"container": ["c"]}, ["start", "exec_create: ls"]),
        ({"container": [""]}, []),
        ({"container": ["nope"]}, []),
        ({"image": ["busybox"]}, ["start", "exec_create: ls"]),
        ({"image": ["app"]}, ["tag"]),
        ({"label": ["a"]}, ["start"]),
        ({"label": ["a=1"]}, ["start"]),
        ({"label": ["a=2"]}, []),
        ({"scope": ["local"]}, ["start", "exec_create: ls", "tag"]),
        ({"scope": ["swarm"]}, []),
        ({"unknown": ["x"]}, ["start", "exec_create: ls", "tag"]),
        ({"event": []}, ["start", "exec_create: ls", "tag"]),
    ],
)
def test_filters(filters: dict[str, list[str]], expected: list[str]) -> None:
    bus = EventBus()
    attributes = {"name": "web", "image": "busybox:latest"}
    bus.publish("container", "start", "c1", attributes | {"a": "1"})
    bus.publish("container", "exec_create: ls", "c1", attributes)
    bus.publish("image", "tag", "sha256:1", {"name": "app:v1"})
    assert [event["Action"] for event in collect(bus, filters=filters)] == expected
