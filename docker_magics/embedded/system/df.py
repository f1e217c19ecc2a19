"""How much disk space everything takes.

source: Engine API, SystemDataUsage; moby daemon/disk_usage.go.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from ..containers import ls
from ..images import listing

if TYPE_CHECKING:
    from ..engine import Engine


class DiskUsage:
    """Counts the bytes of containers, images, volumes and the build cache."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def as_json(self, types: Collection[str], *, old: bool) -> dict[str, Any]:
        """Return the API's SystemDataUsageResponse.

        Args:
            types: of container, image, volume and build-cache, those to count.
            old: whether images without names are `<none>`, as before API 1.43.
        """
        images = self._engine.images
        return {
            "LayersSize": images.layers_size() if "image" in types else 0,
            "Images": self._images(old=old) if "image" in types else None,
            "Containers": self._containers() if "container" in types else None,
            "Volumes": self._volumes() if "volume" in types else None,
            "BuildCache": [] if "build-cache" in types else None,
            "BuilderSize": 0,
        }

    def _images(self, *, old: bool) -> list[dict[str, Any]]:
        engine = self._engine
        images = engine.images
        summaries: list[dict[str, Any]] = []
        for image in listing.find(images, {}, intermediate=False):
            shared = listing.shared_size(images, image)
            users = len(engine.container_store.using_image(image.id))
            summary = listing.summary(images, image, old=old, shared=shared)
            summaries.append({**summary, "Containers": users})
        return summaries

    def _containers(self) -> list[dict[str, Any]]:
        return ls.summaries(self._engine.container_store.all(), self._engine, size=True)

    def _volumes(self) -> list[dict[str, Any]]:
        volumes = self._engine.volumes
        return [
            volume.as_json()
            | {"UsageData": {"RefCount": len(volumes.users(volume.name)), "Size": volume.size()}}
            for volume in volumes.all()
        ]
