"""An image that is added is expected to be run soon; one that is removed is not."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from unit.embedded.containers.harness import FakeStorage

from docker_magics.embedded.containers.image_watch import ImageWatch
from docker_magics.embedded.errors import NotFound
from docker_magics.embedded.events import EventBus


def _resolve(name: str) -> Any:
    if name not in {"known", "damaged"}:
        raise NotFound(f"No such image: {name}")
    return SimpleNamespace(layers=(name, "b"))


def _complete(layers: tuple[str, ...]) -> list[str]:
    if "damaged" in layers:
        raise OSError("a layer is gone")
    return [*layers, "points"]


def _until(is_true: Callable[[], bool]) -> None:
    for _ in range(3000):
        if is_true():
            return
        time.sleep(0.01)
    raise AssertionError("it does not happen")


def _watch(images: Any) -> tuple[EventBus, FakeStorage]:
    events, storage = EventBus(), FakeStorage()
    base: Any = SimpleNamespace(complete=_complete)
    ImageWatch(events, images, base, storage).start()
    return events, storage


def test_added_and_removed_images() -> None:
    events, storage = _watch(SimpleNamespace(resolve=_resolve, all=list))
    for action, name in (
        ("tag", "unknown"),
        ("untag", "known"),
        ("tag", "damaged"),
        ("pull", "known"),
    ):
        events.publish("image", action, name)
    _until(lambda: storage.expected == [["known", "b", "points"]])
    events.publish("image", "delete", "known")
    _until(lambda: not storage.expected)


def test_images_that_are_there_when_the_engine_starts() -> None:
    names = ["untagged", "damaged", *map(str, range(10, 20))]
    stored = [
        SimpleNamespace(layers=(name,), tagged_at="" if name == "untagged" else f"2026-11-{name}")
        for name in names
    ]
    _, storage = _watch(SimpleNamespace(all=lambda: stored))
    newest = [[str(number), "points"] for number in range(19, 12, -1)]  # and the damaged one
    _until(lambda: storage.expected == newest)
