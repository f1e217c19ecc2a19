"""The event bus: publishes what happens to objects, for `GET /events`.

source: Engine API, "Monitor events"; moby daemon/events.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from ..wire.filters import Filters
from . import clock

Event = dict[str, Any]

#: How many past events are kept for `since`, as in dockerd.
MAX_PAST = 256
#: How often a subscriber can check whether its client has disconnected, in seconds.
POLL_S = 1.0
#: Events of these types have the fields of API 1.21 too.
_OLD_FIELDS = {"container", "image"}
_OBJECTS = ("container", "image", "network", "volume", "plugin", "service", "node", "secret")
_ACCEPTED = {*_OBJECTS, "config", "daemon", "event", "label", "type", "scope"}


class EventBus:
    """Keeps the latest events, and sends new ones to all subscribers, in order. Thread-safe."""

    def __init__(self) -> None:
        self._past: deque[Event] = deque(maxlen=MAX_PAST)
        self._subscribers: set[queue.SimpleQueue[Event]] = set()
        self._lock = threading.Lock()

    def publish(
        self, kind: str, action: str, actor: str, attributes: Mapping[str, str] | None = None
    ) -> None:
        """Record an event, and send it to every subscriber.

        Args:
            kind: container, image, network, volume, builder or daemon.
            action: create, start, die, `exec_create: ls`, ...
            actor: the object's ID or name.
            attributes: its labels, and what the action adds (exitCode, signal, name).
        """
        ns = clock.now_ns()
        attributes = dict(attributes or {})
        event: Event = {
            "Type": kind,
            "Action": action,
            "Actor": {"ID": actor, "Attributes": attributes},
            "scope": "local",
            "time": ns // 1_000_000_000,
            "timeNano": ns,
        }
        if kind in _OLD_FIELDS:
            event = {"status": action, "id": actor} | event
            if kind == "container":
                event = {"status": action, "id": actor, "from": attributes.get("image", "")} | event
        with self._lock:
            self._past.append(event)
            for subscriber in self._subscribers:
                subscriber.put(event)

    def subscribe(
        self, since: int | None = None, until: int | None = None, filters: Filters | None = None
    ) -> Iterator[Event | None]:
        """Return past events, then new ones as they are published; subscribed from this call on.

        Args:
            since: yield past events from this time on; nanoseconds since 1970. With neither
                `since` nor `until`, past events are left out.
            until: end at this time; nanoseconds since 1970.
            filters: unknown ones are ignored, as in dockerd.

        Returns:
            Events; None about once a second while none is published, so that the caller can stop.
        """
        known = {key: values for key, values in (filters or {}).items() if key in _ACCEPTED}
        inbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
        with self._lock:
            past = list(self._past)
            self._subscribers.add(inbox)
        return self._feed(inbox, past, since, until, known)

    def _feed(
        self,
        inbox: queue.SimpleQueue[Event],
        past: list[Event],
        since: int | None,
        until: int | None,
        filters: Filters,
    ) -> Iterator[Event | None]:
        try:
            if (since, until) != (None, None):
                for event in past:
                    at = event["timeNano"]
                    in_time = (since or 0) <= at <= (until or at)
                    if in_time and matches(event, filters):
                        yield event
            while (timeout := _timeout(until)) > 0:
                try:
                    event = inbox.get(timeout=timeout)
                except queue.Empty:
                    yield None
                    continue
                if matches(event, filters):
                    yield event
        finally:
            with self._lock:
                self._subscribers.discard(inbox)


def _timeout(until: int | None) -> float:
    return POLL_S if until is None else min(POLL_S, (until - clock.now_ns()) / 1e9)


def matches(event: Event, filters: Filters) -> bool:
    """Whether an event passes every filter, by any of its values.

    source: moby daemon/events/filter.go.
    """
    return all(_passes(event, key, values) for key, values in filters.items() if values)


def _passes(event: Event, key: str, values: list[str]) -> bool:
    actor = event["Actor"]
    attributes = actor["Attributes"]
    match key:
        case "event":
            # exec_create and health_status have details after a colon
            return any(
                value in {event["Action"], event["Action"].split(":")[0]} for value in values
            )
        case "type":
            return event["Type"] in values
        case "scope":
            return event["scope"] in values
        case "label":
            return all(_has_label(attributes, value) for value in values)
        case "image":
            names = _image_names(event)
            return any(value in names for value in values)
        case _:
            return event["Type"] == key and any(_is_actor(event, value) for value in values)


def _has_label(attributes: Mapping[str, str], wanted: str) -> bool:
    name, equals, value = wanted.partition("=")
    return name in attributes and (not equals or attributes[name] == value)


def _is_actor(event: Event, value: str) -> bool:
    actor = event["Actor"]
    name = actor["Attributes"].get("name", "")
    return value in {actor["ID"], name} or (bool(value) and actor["ID"].startswith(value))


def _image_names(event: Event) -> set[str]:
    actor = event["Actor"]
    attributes = actor["Attributes"]
    name = actor["ID"] if event["Type"] == "image" else attributes.get("image", "")
    names = {name, attributes.get("name", name) if event["Type"] == "image" else name}
    return names | {name.rsplit(":", 1)[0] for name in names}
