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
    if name == "damaged":
        raise OSError("its layers are gone")
    if name != "known":
        raise NotFound(f"No such image: {name}")
    return SimpleNamespace(layers=("a", "b"))


def _until(is_true: Callable[[], bool]) -> None:
    for _ in range(3000):
        if is_true():
            return
        time.sleep(0.01)
    raise AssertionError("it does not happen")


def test_added_and_removed_images() -> None:
    events, storage = EventBus(), FakeStorage()
    images: Any = SimpleNamespace(resolve=_resolve)
    base: Any = SimpleNamespace(complete=lambda layers: [*layers, "points"])
    ImageWatch(events, images, base, storage).start()
    for action, name in (
        ("tag", "unknown"),
        ("untag", "known"),
        ("tag", "damaged"),
        ("pull", "known"),
    ):
        events.publish("image", action, name)
    _until(lambda: storage.expected == [["a", "b", "points"]])
    events.publish("image", "delete", "known")
    _until(lambda: not storage.expected)
