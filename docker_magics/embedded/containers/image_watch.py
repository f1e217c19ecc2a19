"""Prepares for the next container of an image when it is added, and when the engine starts."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from ..errors import ApiError
from ..events import Event, EventBus
from ..images.image import Image
from ..images.store import ImageStore
from ..storage.base_layers import BaseLayers
from ..storage.driver import StorageDriver

_ADDED = {"pull", "load", "import", "tag"}
#: For how many images the engine prepares when it starts: those that were tagged last.
_RECENT = 8


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
        """Prepare in a thread, if the storage driver can: for recent images, then for new ones."""
        if self._storage.works_ahead:
            events = self._events.subscribe(filters={"type": ["image"]})
            threading.Thread(target=self._follow, args=(events,), daemon=True).start()

    def _follow(self, events: Iterator[Event | None]) -> None:
        self._storage.forget()
        for image in self._recent():
            self._expect(image)
        for event in events:
            if event is None:
                continue
            if event["Action"] in _ADDED:
                self._expect_name(event["Actor"]["ID"])
            elif event["Action"] == "delete":
                self._storage.forget()

    def _recent(self) -> list[Image]:
        tagged = [image for image in self._images.all() if image.tagged_at]
        return sorted(tagged, key=lambda image: image.tagged_at, reverse=True)[:_RECENT]

    def _expect_name(self, name: str) -> None:
        with contextlib.suppress(ApiError):  # it was removed meanwhile
            self._expect(self._images.resolve(name))

    def _expect(self, image: Image) -> None:
        try:
            layers = self._base_layers.complete(image.layers)
        except OSError:  # it was removed meanwhile, or the disk is full
            return
        self._storage.expect(layers)
