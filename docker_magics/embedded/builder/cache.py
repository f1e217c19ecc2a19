"""The build cache: images that the same step has made from the same image.

source: moby image/cache, builder/dockerfile/imageprobe.go.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..dockerfile.run_config import RunConfig
from ..images.config import HistoryEntry, ImageConfig
from ..images.image import Image
from ..images.store import ImageStore

#: Fields of a config that differ from container to container.
_IGNORED = ("Hostname", "Image")


class Cache:
    """Looks for the images of earlier builds.

    Args:
        images: the image store.
        sources: the images of `--cache-from`; None if every image may be used.
        enabled: false with `--no-cache`.
    """

    def __init__(
        self, images: ImageStore, sources: list[Image] | None, *, enabled: bool = True
    ) -> None:
        self._images = images
        self._sources = sources
        self._enabled = enabled

    def find(self, parent: Image | None, created_by: str, config: RunConfig) -> Image | None:
        """Return the newest image of a step; None on a cache miss.

        Args:
            parent: the image that the step is made from.
            created_by: the step, as the history has it.
            config: what containers of the result run.
        """
        if not self._enabled:
            return None
        if self._sources is not None:
            return self._from_sources(parent, created_by)
        parent_id = parent.id if parent else ""
        candidates = [
            image
            for image in self._images.all()
            if image.parent == parent_id
            and _last_step(image) == created_by
            and _comparable(image.run_config) == _comparable(config)
        ]
        return max(candidates, key=lambda image: str(image.config.get("created")), default=None)

    def _from_sources(self, parent: Image | None, created_by: str) -> Image | None:
        """Look in the histories of images without parents, as pulled ones are."""
        steps = [*_steps(_history(parent)), created_by]
        layers = parent.diff_ids if parent else []
        for source in self._sources or []:
            history = _history(source)
            same_steps = _steps(history[: len(steps)]) == steps
            if same_steps and source.diff_ids[: len(layers)] == layers:
                return self._first_steps(source, parent, len(steps))
        return None

    def _first_steps(self, source: Image, parent: Image | None, count: int) -> Image:
        """Return an image of a source's first steps."""
        history = _history(source)
        if count == len(history):
            return source
        layers = sum(not entry.get("empty_layer") for entry in history[:count])
        config: ImageConfig = {
            **source.config,
            "history": history[:count],
            "rootfs": {"type": "layers", "diff_ids": source.diff_ids[:layers]},
        }
        return self._images.add(config, parent=parent.id if parent else "")


def _history(image: Image | None) -> list[HistoryEntry]:
    return image.config.get("history") or [] if image else []


def _steps(history: Iterable[HistoryEntry]) -> list[str | None]:
    return [entry.get("created_by") for entry in history]


def _last_step(image: Image) -> str:
    history = _history(image)
    return history[-1].get("created_by") or "" if history else ""


def _comparable(config: RunConfig) -> dict[str, Any]:
    return {key: value for key, value in config.items() if value and key not in _IGNORED}
