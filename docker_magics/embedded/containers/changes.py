"""What a container has changed on top of its image.

source: Engine API, ContainerChanges; moby pkg/archive/changes.go, changes_unix.go.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypedDict

from ..storage import whiteouts
from ..storage.layer_view import LayerView

MODIFIED, ADDED, DELETED = 0, 1, 2
_ATTRIBUTES = ("st_mode", "st_uid", "st_gid", "st_rdev")
_CONTENT = ("st_mtime_ns", "st_size")


class FilesystemChange(TypedDict):
    """One changed path; Kind is MODIFIED, ADDED or DELETED."""

    Path: str
    Kind: int


def list_changes(changes: Path, layers: Sequence[str]) -> list[FilesystemChange] | None:
    """Return the changed paths, sorted; None if nothing has changed.

    Args:
        changes: the folder of changes, with overlayfs whiteouts.
        layers: the folders of the image's layers, bottom first.
    """
    paths: list[FilesystemChange] = [
        {"Path": f"/{path}", "Kind": kind} for path, kind in _walk(changes, "", LayerView(layers))
    ]
    return sorted(paths, key=lambda change: change["Path"]) or None


def _walk(folder: Path, prefix: str, image: LayerView) -> Iterator[tuple[str, int]]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        path = f"{prefix}{entry.name}"
        new = entry.stat(follow_symlinks=False)
        old = image.lstat(path)
        if whiteouts.is_whiteout(entry.path, new):
            if old is not None:
                yield path, DELETED
            continue
        is_folder = entry.is_dir(follow_symlinks=False)
        below = list(_walk_folder(Path(entry.path), path, image)) if is_folder else []
        if old is None:
            yield path, ADDED
        elif below or _differs(old.stat, new):
            yield path, MODIFIED
        yield from below


def _walk_folder(folder: Path, path: str, image: LayerView) -> Iterator[tuple[str, int]]:
    yield from _walk(folder, f"{path}/", image)
    if whiteouts.is_opaque(str(folder)):
        names = set(os.listdir(folder))
        yield from ((f"{path}/{name}", DELETED) for name in image.names(path) if name not in names)


def _differs(old: os.stat_result, new: os.stat_result) -> bool:
    """Whether a file has changed. A folder's time and size change with what is in it: ignored."""
    content = () if stat.S_ISDIR(new.st_mode) else _CONTENT
    return any(getattr(old, name) != getattr(new, name) for name in (*_ATTRIBUTES, *content))
