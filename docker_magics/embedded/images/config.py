"""Image configurations: the JSON document whose digest is an image's ID.

source: Docker image specification v1.2; OCI image specification, config.md.
"""

from __future__ import annotations

import json
from typing import Required, TypedDict, cast

from ...wire import digest
from ..dockerfile.run_config import RunConfig
from ..errors import BadParameter


class HistoryEntry(TypedDict, total=False):
    """One step of an image's history; a step without `empty_layer` added a layer."""

    created: str
    created_by: str
    author: str
    comment: str
    empty_layer: bool


class RootFs(TypedDict):
    """The diff IDs of an image's layers, bottom first."""

    type: str
    diff_ids: list[str]


class ImageConfig(TypedDict, total=False):
    """The whole document. `created` is RFC 3339."""

    architecture: str
    os: str
    variant: str
    created: str | None
    author: str
    comment: str
    config: RunConfig | None
    container: str
    container_config: RunConfig | None
    docker_version: str
    history: list[HistoryEntry] | None
    rootfs: Required[RootFs]


def parse_config(data: bytes) -> ImageConfig:
    """Parse an image configuration.

    Raises:
        BadParameter: it is not JSON, or its layers are missing or invalid.
    """
    try:
        config = json.loads(data)
        rootfs = config["rootfs"]
        if rootfs["type"] != "layers":
            raise BadParameter(f"unsupported rootfs type: {rootfs['type']}")
        diff_ids = [digest.check(diff_id) for diff_id in rootfs.get("diff_ids") or []]
        rootfs["diff_ids"] = diff_ids
        steps = [step for step in config.get("history") or [] if not step.get("empty_layer")]
        config.get("config")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadParameter(f"invalid image configuration: {error}") from error
    if len(steps) > len(diff_ids):
        raise BadParameter("invalid image configuration: more history than layers")
    return cast("ImageConfig", dict(config))


def dump_config(config: ImageConfig) -> bytes:
    """Return a configuration as it is stored and hashed."""
    return json.dumps(config, separators=(",", ":"), ensure_ascii=False).encode()
