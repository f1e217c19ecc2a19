"""Which past events a subscriber is told."""

from __future__ import annotations

from docker_magics.embedded import clock
from docker_magics.embedded.events import EventBus


def test_until_alone_gives_all_that_was_kept() -> None:
    bus = EventBus()
    bus.publish("container", "create", "c1")
    until = clock.now_ns()
    bus.publish("container", "start", "c1")
    told = [event["Action"] for event in bus.subscribe(until=until) if event]
    assert told == ["create"]


def test_since_gives_what_came_later() -> None:
    bus = EventBus()
    bus.publish("container", "create", "c1")
    since = clock.now_ns()
    bus.publish("container", "start", "c1")
    told = [event["Action"] for event in bus.subscribe(since, clock.now_ns()) if event]
    assert told == ["start"]
