"""Prepares for the first container of an image when the image is added."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from ..errors import ApiError
from ..events import Event, EventBus
from ..images.store import ImageStore
from ..storage.base_layers import BaseLayers
from ..storage.driver import StorageDriver

_ADDED = {"pull", "load", "import", "tag"}


class ImageWatch:
    """Follows the events of images.

    Args:
        events: has them.
        images: the images.
        base_layers: completes the layers of an image as for a container.
        storage: prepares.
    """

    def __init__(
        self,
        events: EventBus,
        images: ImageStore,
        base_layers: BaseLayers,
        storage: StorageDriver,
    ) -> None:
        self._events = events
        self._images = images
        self._base_layers = base_layers
        self._storage = storage

    def start(self) -> None:
        """Follow the events in a thread, if the storage driver has something to prepare."""
        if self._storage.works_ahead:
            events = self._events.subscribe(filters={"type": ["image"]})
            threading.Thread(target=self._follow, args=(events,), daemon=True).start()

    def _follow(self, events: Iterator[Event | None]) -> None:
        for event in events:
            if event is None:
                continue
            if event["Action"] in _ADDED:
                self._expect(event["Actor"]["ID"])
            elif event["Action"] == "delete":
                self._storage.forget()

    def _expect(self, name: str) -> None:
        try:
            layers = self._base_layers.complete(self._images.resolve(name).layers)
        except (ApiError, OSError):  # it was removed meanwhile, or the disk is full
            return
        self._storage.expect(layers)
