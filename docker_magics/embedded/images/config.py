"""Image configurations: the JSON document whose digest is an image's ID.

source: Docker image specification v1.2; OCI image specification, config.md.
"""

from __future__ import annotations

import json
from typing import Any, Required, TypedDict, cast

from ...wire import digest
from ..api import go_types
from ..api.untrusted_json import parse_json
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
        BadParameter: it is not JSON, a field has another type than in dockerd, or its layers are
            missing or invalid.
    """
    config = go_types.decoded(_json_of(data), "image.Image")
    try:
        rootfs = config["rootfs"]
        if rootfs["type"] != "layers":
            raise BadParameter(f"unsupported rootfs type: {rootfs['type']}")
        diff_ids = [digest.check(diff_id) for diff_id in rootfs.get("diff_ids") or []]
        rootfs["diff_ids"] = diff_ids
        steps = [step for step in config.get("history") or [] if not step.get("empty_layer")]
    except (ValueError, KeyError, TypeError) as error:
        raise BadParameter(f"invalid image configuration: {error}") from error
    if len(steps) > len(diff_ids):
        raise BadParameter("invalid image configuration: more history than layers")
    return cast("ImageConfig", config)


def _json_of(data: bytes) -> Any:
    try:
        return parse_json(data)
    except (ValueError, BadParameter) as error:
        raise BadParameter(f"invalid image configuration: {error}") from error


def parse_stored_config(data: bytes) -> ImageConfig:
    """Parse the configuration of an image that is in the store already.

    Older engines took in configurations that `parse_config` rejects. Of such a one only the layers
    are kept, so that the image can be listed and removed.
    """
    try:
        return parse_config(data)
    except BadParameter:
        rootfs = _json_of(data)["rootfs"]
        return parse_config(json.dumps({"rootfs": rootfs}).encode())


def dump_config(config: ImageConfig) -> bytes:
    """Return a configuration as it is stored and hashed."""
    return json.dumps(config, separators=(",", ":"), ensure_ascii=False).encode(errors="replace")
