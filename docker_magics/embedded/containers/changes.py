"""What a container has changed on top of its image, and an image made of it.

source: Engine API, ContainerChanges, ImageCommit; moby pkg/archive/changes.go, changes_unix.go,
daemon/commit.go.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..dockerfile.run_config import RunConfig
from ..images import commit as committing
from ..images.image import Image
from ..storage import whiteouts
from ..storage.layer_view import LayerView

if TYPE_CHECKING:
    from ..engine import Engine
    from ..records.container import Container

MODIFIED, ADDED, DELETED = 0, 1, 2


def of(container: Container, engine: Engine) -> list[dict[str, Any]] | None:
    """The API's FilesystemChanges, in the order of paths; None where there are none."""
    below = LayerView(container.layer.lower)
    upper = engine.storage.changes(container.layer)
    found = [{"Path": f"/{path}", "Kind": kind} for path, kind in _walk(upper, "", below)]
    return sorted(found, key=lambda each: str(each["Path"])) or None


def _walk(folder: Path, prefix: str, below: LayerView) -> Iterator[tuple[str, int]]:
    for entry in sorted(os.scandir(folder), key=lambda each: each.name):
        path = f"{prefix}{entry.name}"
        found = entry.stat(follow_symlinks=False)
        old = below.lstat(path)
        if whiteouts.is_whiteout(entry.path, found):
            if old is not None:
                yield path, DELETED
            continue
        inside = (
            list(_inside(Path(entry.path), path, below))
            if entry.is_dir(follow_symlinks=False)
            else []
        )
        if old is None or inside or _differs(old.stat, found):
            yield path, ADDED if old is None else MODIFIED
        yield from inside


def _inside(folder: Path, path: str, below: LayerView) -> Iterator[tuple[str, int]]:
    yield from _walk(folder, f"{path}/", below)
    if whiteouts.is_opaque(str(folder)):
        yield from _replaced(folder, path, below)


def _differs(old: os.stat_result, new: os.stat_result) -> bool:
    """Whether it is another thing than before: of folders, their times and sizes say nothing."""
    whose = ("st_mode", "st_uid", "st_gid", "st_rdev")
    what = () if stat.S_ISDIR(new.st_mode) else ("st_mtime_ns", "st_size")
    return any(getattr(old, field) != getattr(new, field) for field in (*whose, *what))


def _replaced(folder: Path, path: str, below: LayerView) -> Iterator[tuple[str, int]]:
    """What an opaque folder hides."""
    there = set(os.listdir(folder))
    for name in below.names(path):
        if name not in there:
            yield f"{path}/{name}", DELETED


def commit(
    container: Container,
    engine: Engine,
    config: dict[str, Any],
    *,
    comment: str = "",
    author: str = "",
) -> Image:
    """An image of the container's files, on top of its own image.

    Args:
        container: the container.
        engine: its engine.
        config: what containers of the new image run by default.
        comment: for its history.
        author: for its history.
    """
    image_id = container.record["Image"]
    return committing.commit(
        engine.images,
        engine.images.get(image_id) if image_id else None,
        engine.storage.changes(container.layer),
        cast("RunConfig", config),
        committing.Step(" ".join(container.config["Cmd"] or []), comment, author, container),
    )
