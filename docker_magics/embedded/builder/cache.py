"""The build cache: an image that the same step made from the same image.

source: moby image/cache, builder/dockerfile/imageprobe.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from ..images.config import ImageConfig
from ..images.image import Image

if TYPE_CHECKING:
    from ..engine import Engine

Config = dict[str, Any]
#: What differs from one container to the next.
_PASSING = ("Hostname", "Image", "CmdIsOwn")


class Cache:
    """Looks for images of earlier builds.

    Args:
        engine: the engine.
        sources: images that --cache-from names; none where all may be used.
        off: nothing is found.
    """

    def __init__(self, engine: Engine, sources: list[Image] | None, *, off: bool) -> None:
        self._engine = engine
        self._sources = sources
        self._off = off

    def find(self, parent: Image | None, created_by: str, config: Config) -> Image | None:
        """The image of a step, or None.

        Args:
            parent: what the step is made from.
            created_by: the step, as the history has it.
            config: what containers of the result run.
        """
        if self._off:
            return None
        if self._sources is not None:
            return self._of_sources(parent, created_by)
        identity = parent.id if parent else ""
        same = [
            each
            for each in self._engine.images.all()
            if each.parent == identity
            and _last(each) == created_by
            and _essential(cast("Config", each.run_config)) == _essential(config)
        ]
        return max(same, key=lambda each: str(each.config.get("created")), default=None)

    def _of_sources(self, parent: Image | None, created_by: str) -> Image | None:
        """The step in the history of an image that has no parents here, as a pulled one."""
        before = parent.config.get("history") or [] if parent else []
        layers = parent.diff_ids if parent else []
        for source in self._sources or []:
            history = source.config.get("history") or []
            at = len(before)
            if len(history) <= at or source.diff_ids[: len(layers)] != layers:
                continue
            if [e.get("created_by") for e in history[:at]] != [e.get("created_by") for e in before]:
                continue
            if history[at].get("created_by") == created_by:
                return self._cut(source, parent, at + 1)
        return None

    def _cut(self, source: Image, parent: Image | None, steps: int) -> Image:
        """A source's first steps as an image of their own."""
        whole = source.config.get("history") or []
        history = whole[:steps]
        count = sum(not each.get("empty_layer") for each in history)
        if steps == len(whole):
            return source
        config: ImageConfig = {
            **source.config,
            "history": history,
            "rootfs": {"type": "layers", "diff_ids": source.diff_ids[:count]},
        }
        return self._engine.images.add(config, parent=parent.id if parent else "")


def _last(image: Image) -> str:
    history = image.config.get("history") or []
    return str(history[-1].get("created_by") or "") if history else ""


def _essential(config: Config) -> Config:
    return {key: value for key, value in config.items() if value and key not in _PASSING}
