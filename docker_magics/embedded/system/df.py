"""How much disk space everything takes: docker system df.

source: Engine API, SystemDataUsage; moby daemon/disk_usage.go.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ..containers.listing import ContainerListing
from ..images import listing
from ..images.store import ImageStore
from ..ports import ContainerLookup
from ..volumes.service import Volumes


class DiskUsage:
    """Counts the bytes of containers, images and volumes; there is no build cache of its own.

    Args:
        containers: the containers.
        container_listing: describes them.
        images: the images.
        volumes: the volumes.
    """

    def __init__(
        self,
        containers: ContainerLookup,
        container_listing: ContainerListing,
        images: ImageStore,
        volumes: Volumes,
    ) -> None:
        self._containers = containers
        self._container_listing = container_listing
        self._images = images
        self._volumes = volumes

    def as_json(self, types: Collection[str], *, old: bool) -> dict[str, Any]:
        """Return the API's SystemDataUsageResponse.

        Args:
            types: of container, image, volume and build-cache, those to count.
            old: whether images without names are `<none>`, as before API 1.43.
        """
        return {
            "LayersSize": self._images.layers_size() if "image" in types else 0,
            "Images": self._image_usage(old=old) if "image" in types else None,
            "Containers": self._container_usage() if "container" in types else None,
            "Volumes": self._volume_usage() if "volume" in types else None,
            "BuildCache": [] if "build-cache" in types else None,
            "BuilderSize": 0,
        }

    def _image_usage(self, *, old: bool) -> list[dict[str, Any]]:
        images = self._images
        summaries: list[dict[str, Any]] = []
        for image in listing.find(images, {}, intermediate=False):
            shared = listing.shared_size(images, image)
            users = len(self._containers.using_image(image.id))
            summary = listing.summary(images, image, old=old, shared=shared, users=users)
            summaries.append({**summary})
        return summaries

    def _container_usage(self) -> list[dict[str, Any]]:
        return self._container_listing.summaries(self._containers.all(), size=True)

    def _volume_usage(self) -> list[dict[str, Any]]:
        return [
            volume.as_json()
            | {
                "UsageData": {
                    "RefCount": len(self._volumes.users(volume.name)),
                    "Size": volume.size(),
                }
            }
            for volume in self._volumes.all()
        ]
