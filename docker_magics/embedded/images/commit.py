"""Make an image of a folder of changes: docker commit, and the steps of a build.

source: Engine API, ImageCommit; moby daemon/commit.go, image/image.go (NewChildImage).
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ...version import __version__
from .. import clock
from ..dockerfile.run_config import RunConfig
from ..records.container import Container
from . import pack
from .config import HistoryEntry, ImageConfig
from .image import Image
from .platforms import Platform, host_platform
from .store import ImageStore
from .streams import stream_of
from .unpack import unpack


@dataclass(frozen=True)
class Step:
    """A step that makes an image, as the image's configuration records it.

    Attributes:
        created_by: the command, for the history.
        comment, author: for the history.
        container: the one that the changes were made in.
        platform: what an image without a parent is built for; None for this machine.
    """

    created_by: str
    comment: str = ""
    author: str = ""
    container: Container | None = None
    platform: Platform | None = None


def commit(
    store: ImageStore, parent: Image | None, changes: Path, run_config: RunConfig, step: Step
) -> Image:
    """Add an image with one more layer; with its parent's layers if nothing has changed.

    Args:
        store: receives the image.
        parent: the image below; None for none.
        changes: the folder of changes, with overlayfs whiteouts.
        run_config: what containers of the new image run by default.
        step: for its configuration.

    Raises:
        ApiError: the disk is full.
    """
    with store.layers.draft() as draft:
        unpack(stream_of(pack.packed(changes)), draft.files, layer=True)
        diff_id = draft.diff_id if any(draft.files.iterdir()) else None
        diff_ids = [*(parent.diff_ids if parent else []), *([diff_id] if diff_id else [])]
        # Removing another image that has one of these layers must not remove the layer now.
        with store.held(diff_ids):
            if diff_id:
                store.layers.keep(draft)
            config = plan_config(parent, diff_id, run_config, step, created=clock.stamp())
            image = store.add(config, parent=parent.id if parent else "")
    store.publish("create", image)
    return image


def plan_config(
    parent: Image | None, diff_id: str | None, run_config: RunConfig, step: Step, *, created: str
) -> ImageConfig:
    """Return the configuration of an image that adds a step to its parent.

    Args:
        parent: the image below; None for none.
        diff_id: the new layer; None for a step that changed no files.
        run_config: what containers of it run by default.
        step: what made it.
        created: the time, as RFC 3339.
    """
    base = cast("ImageConfig", copy.deepcopy(parent.config) if parent else {})
    platform = step.platform or host_platform()
    diff_ids = [*(parent.diff_ids if parent else []), *([diff_id] if diff_id else [])]
    config: ImageConfig = {
        **base,
        "architecture": base.get("architecture") or platform.architecture,
        "os": base.get("os") or platform.os,
        "created": created,
        "author": step.author or base.get("author") or "",
        "config": run_config,
        "docker_version": __version__,
        "comment": step.comment,
        "history": [*(base.get("history") or []), _history_entry(step, diff_id, created)],
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
    }
    if step.container is not None:
        config["container"] = step.container.id
        config["container_config"] = cast("RunConfig", step.container.config)
    return config


def _history_entry(step: Step, diff_id: str | None, created: str) -> HistoryEntry:
    entry: HistoryEntry = {
        "created": created,
        "author": step.author,
        "created_by": step.created_by,
        "comment": step.comment,
        "empty_layer": diff_id is None,
    }
    return cast("HistoryEntry", {key: value for key, value in entry.items() if value})
