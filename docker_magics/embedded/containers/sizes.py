"""The bytes of containers' files.

source: moby daemon/images/image_unix.go: GetContainerLayerSize.
"""

from __future__ import annotations

from typing import TypedDict

from ..images import pack
from ..images.store import ImageStore
from ..records.container import Container
from ..storage.driver import StorageDriver


class Sizes(TypedDict):
    """Bytes: SizeRw of a container's changes, SizeRootFs with its image's files."""

    SizeRw: int
    SizeRootFs: int


class ContainerSizes:
    """Counts the bytes of containers.

    Args:
        images: what containers were created from.
        storage: has the changes.
    """

    def __init__(self, images: ImageStore, storage: StorageDriver) -> None:
        self._images = images
        self._storage = storage

    def measure(self, container: Container) -> Sizes:
        """Count the bytes of a container's files."""
        changes = pack.content_size(self._storage.changes(container.layer))
        image = container.record["Image"]
        image_size = self._images.size(self._images.get(image)) if image else 0
        return {"SizeRw": changes, "SizeRootFs": changes + image_size}
