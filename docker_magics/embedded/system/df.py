"""How much disk everything takes.

source: Engine API, SystemDataUsage; moby daemon/disk_usage.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..containers import ls
from ..images import listing

if TYPE_CHECKING:
    from ..engine import Engine


def usage(engine: Engine, kinds: list[str], *, old: bool) -> dict[str, Any]:
    """The API's answer: all kinds of objects, or those asked for."""
    wanted = set(kinds) or {"container", "image", "volume", "build-cache"}
    found: dict[str, Any] = {
        "LayersSize": engine.images.layers_size() if "image" in wanted else 0,
        "Images": _images(engine, old=old) if "image" in wanted else None,
        "Containers": _containers(engine) if "container" in wanted else None,
        "Volumes": _volumes(engine) if "volume" in wanted else None,
        "BuildCache": [] if "build-cache" in wanted else None,
        "BuilderSize": 0,
    }
    return found


def _images(engine: Engine, *, old: bool) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for image in listing.find(engine.images, {}, intermediate=False):
        shared = listing.shared_size(engine.images, image)
        users = len(engine.container_store.using_image(image.id))
        about = listing.summary(engine.images, image, old=old, shared=shared)
        found.append({**about, "Containers": users})
    return found


def _containers(engine: Engine) -> list[dict[str, Any]]:
    return ls.summaries(engine.container_store.all(), engine, size=True)


def _volumes(engine: Engine) -> list[dict[str, Any]]:
    return [
        volume.as_json()
        | {"UsageData": {"RefCount": len(engine.volumes.users(volume.name)), "Size": volume.size()}}
        for volume in engine.volumes.all()
    ]
