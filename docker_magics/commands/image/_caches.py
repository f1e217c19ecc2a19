"""--cache-from and --cache-to: only what the Engine API passes to BuildKit.

source: docker/buildx, util/buildflags/cache.go.
"""

from __future__ import annotations

from docker_magics.cli.flag_types import FlagType
from docker_magics.cli.flag_types.texts import csv_values, mapping


def _sources(text: str) -> list[str]:
    """Image names, separated by commas; `type=registry,ref=NAME` is one of them."""
    values = csv_values(text)
    fields = mapping(values)
    if "type" not in fields:
        return values
    if fields["type"] != "registry" or not fields.get("ref"):
        raise ValueError("the engine only reads caches of images: type=registry,ref=IMAGE")
    return [fields["ref"]]


def _target(text: str) -> str:
    """`type=inline`: the cache is part of the image."""
    if text != "inline" and mapping(csv_values(text)).get("type") != "inline":
        raise ValueError("the engine only writes caches into images: use type=inline, and push")
    return "inline"


CACHE_SOURCES = FlagType(_sources, many=True, split=True)
CACHE_TARGETS = FlagType(_target, many=True)
