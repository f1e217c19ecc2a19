"""What a container has changed on top of its image, and an image made of it.

source: Engine API, ContainerChanges, ImageCommit; moby pkg/archive/changes.go, changes_unix.go,
daemon/commit.go.
"""

from __future__ import annotations

import copy
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...version import __version__
from ...wire import reference as names
from .. import clock
from ..errors import BadParameter
from ..images import pack, references
from ..images.image import Image, Platform, host_platform
from ..images.streams import stream_of
from ..images.unpack import unpack
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
    below = container.record["Image"]
    words = container.config["Cmd"] or []
    return layered(
        engine,
        engine.images.get(below) if below else None,
        engine.storage.changes(container.layer),
        config,
        created_by=" ".join(words),
        comment=comment,
        author=author,
        container=container,
    )


def layered(
    engine: Engine,
    below: Image | None,
    upper: Path,
    config: dict[str, Any],
    *,
    created_by: str,
    comment: str = "",
    author: str = "",
    container: Container | None = None,
    platform: Platform | None = None,
) -> Image:
    """An image with one more layer, or with a new configuration where nothing has changed.

    Args:
        engine: whose.
        below: what it is made from; None for nothing.
        upper: the folder of changes.
        config: what containers of it run by default.
        created_by: the step, for its history.
        comment: for its history.
        author: for its history.
        container: what the changes were made in.
        platform: what it is made for, where `below` does not say.
    """
    layer = _layer(engine, upper)
    now = clock.stamp()
    entry = {
        "created": now,
        "author": author,
        "created_by": created_by,
        "comment": comment,
        "empty_layer": layer is None,
    }
    base = copy.deepcopy(below.config) if below else {}
    made_for = platform or host_platform()
    diff_ids = [*(below.diff_ids if below else []), *([layer] if layer else [])]
    new = base | {
        "architecture": base.get("architecture") or made_for.architecture,
        "os": base.get("os") or made_for.os,
        "created": now,
        "author": author or base.get("author") or "",
        "config": config,
        "docker_version": __version__,
        "comment": comment,
        "history": [
            *(base.get("history") or []),
            {key: value for key, value in entry.items() if value},
        ],
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
    }
    if container is not None:
        new |= {"container": container.id, "container_config": container.config}
    return engine.images.add(new, parent=below.id if below else "")


def _layer(engine: Engine, upper: Path) -> str | None:
    """The diff ID of a layer of changes; None where there are none."""
    layers = engine.images.layers
    with layers.draft() as draft:
        unpack(stream_of(pack.packed(upper)), draft.files, layer=True)
        return layers.keep(draft).diff_id if any(draft.files.iterdir()) else None


def named(repository: str, tag: str, doing: str) -> names.Reference | None:
    """The name for a new image; None where none was given.

    Raises:
        BadParameter: it is no name.
    """
    if not repository:
        return None
    found = references.read(f"{repository}:{tag}" if tag else repository)
    if found.digest:
        raise BadParameter(f"cannot {doing} digest reference")
    return found
