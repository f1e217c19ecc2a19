"""The event bus: what happened to which object, for `GET /events` and the engine's own parts.

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

#: How many past events `since` can reach back to, as in dockerd.
KEPT = 256
#: How long a subscriber waits before it looks at its client again, in seconds.
TICK = 1.0
#: Kinds of events that carry the fields of API 1.21 too.
_OLD_FIELDS = {"container", "image"}
_OBJECTS = ("container", "image", "network", "volume", "plugin", "service", "node", "secret")
_ACCEPTED = {*_OBJECTS, "config", "daemon", "event", "label", "type", "scope"}


class EventBus:
    """Everyone's events, in their order."""

    def __init__(self) -> None:
        self._past: deque[Event] = deque(maxlen=KEPT)
        self._subscribers: set[queue.SimpleQueue[Event]] = set()
        self._lock = threading.Lock()

    def publish(
        self, kind: str, action: str, actor: str, attributes: Mapping[str, str] | None = None
    ) -> None:
        """Tell everyone.

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
        """Past events since `since`, then those to come until `until` (both nanoseconds).

        With `until` alone the past ones are all there are, as in dockerd.

        Yields None about once a second while nothing happens, so that the caller can stop.

        A filter that events do not have lets everything pass, as in dockerd.
        """
        wanted = {key: values for key, values in (filters or {}).items() if key in _ACCEPTED}
        inbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
        with self._lock:
            past = list(self._past)
            self._subscribers.add(inbox)
        return self._feed(inbox, past, since, until, wanted)

    def _feed(
        self,
        inbox: queue.SimpleQueue[Event],
        past: list[Event],
        since: int | None,
        until: int | None,
        wanted: Filters,
    ) -> Iterator[Event | None]:
        try:
            if (since, until) != (None, None):
                for event in past:
                    at = event["timeNano"]
                    in_time = (since or 0) <= at <= (until or at)
                    if in_time and matches(event, wanted):
                        yield event
            while (left := _left(until)) > 0:
                try:
                    event = inbox.get(timeout=left)
                except queue.Empty:
                    yield None
                    continue
                if matches(event, wanted):
                    yield event
        finally:
            with self._lock:
                self._subscribers.discard(inbox)


def _left(until: int | None) -> float:
    return TICK if until is None else min(TICK, (until - clock.now_ns()) / 1e9)


def matches(event: Event, filters: Filters) -> bool:
    """Whether an event passes: any value of one filter, and every filter.

    source: moby daemon/events/filter.go.
    """
    return all(_passes(event, key, values) for key, values in filters.items() if values)


def _passes(event: Event, key: str, values: list[str]) -> bool:
    actor = event["Actor"]
    attributes = actor["Attributes"]
    match key:
        case "event":
            # exec_create and health_status carry more after a colon
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
        case "daemon":
            return event["Type"] == key and any(_is(event, value) for value in values)
        case _:
            return event["Type"] == key and any(_is(event, value) for value in values)


def _has_label(attributes: Mapping[str, str], wanted: str) -> bool:
    name, equals, value = wanted.partition("=")
    return name in attributes and (not equals or attributes[name] == value)


def _is(event: Event, value: str) -> bool:
    actor = event["Actor"]
    name = actor["Attributes"].get("name", "")
    return value in {actor["ID"], name} or (bool(value) and actor["ID"].startswith(value))


def _image_names(event: Event) -> set[str]:
    actor = event["Actor"]
    attributes = actor["Attributes"]
    name = actor["ID"] if event["Type"] == "image" else attributes.get("image", "")
    names = {name, attributes.get("name", name) if event["Type"] == "image" else name}
    return names | {each.rsplit(":", 1)[0] for each in names}
