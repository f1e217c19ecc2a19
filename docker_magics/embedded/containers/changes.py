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
from ..storage.layer_view import Entry, LayerView
from ..storage.tree_walk import WalkedFile, walk

MODIFIED, ADDED, DELETED = 0, 1, 2
_ATTRIBUTES = ("st_mode", "st_uid", "st_gid", "st_rdev")
_CONTENT = ("st_mtime_ns", "st_size")


class FilesystemChange(TypedDict):
    """One changed path; Kind is MODIFIED, ADDED or DELETED."""

    Path: str
    Kind: int


def changed_paths(changes: Path, layers: Sequence[str]) -> Iterator[FilesystemChange]:
    """Yield the changed paths, sorted: there may be as many as the image has files.

    Args:
        changes: the folder of changes, with overlayfs whiteouts.
        layers: the folders of the image's layers, bottom first.
    """
    kinds = _kinds(changes, LayerView(layers))
    for path in list(kinds):
        parent = path.rpartition("/")[0]
        while parent and parent not in kinds:
            kinds[parent] = MODIFIED
            parent = parent.rpartition("/")[0]
    for path in sorted(kinds):
        yield {"Path": f"/{path}", "Kind": kinds[path]}


def _kinds(changes: Path, image: LayerView) -> dict[str, int]:
    """Return path -> kind, without the folders that are modified by what is in them."""
    kinds: dict[str, int] = {}
    for file in walk(changes):
        if not file.path:
            continue
        kind = _kind(file, image.entry(file.path))
        if kind is not None:
            kinds[file.path] = kind
        if file.is_folder and whiteouts.is_opaque(file.handle):
            hidden = set(image.names_in(file.path)) - set(file.names())
            kinds |= {f"{file.path}/{name}": DELETED for name in hidden}
    return kinds


def _kind(new: WalkedFile, old: Entry | None) -> int | None:
    """Return how one file differs from the image's; None if it does not."""
    if whiteouts.is_whiteout(new.handle, new.stat):
        return None if old is None else DELETED
    if old is None:
        return ADDED
    return MODIFIED if _differs(old.stat, new.stat) else None


def _differs(old: os.stat_result, new: os.stat_result) -> bool:
    """Whether a file has changed. A folder's time and size change with what is in it: ignored."""
    content = () if stat.S_ISDIR(new.st_mode) else _CONTENT
    return any(getattr(old, name) != getattr(new, name) for name in (*_ATTRIBUTES, *content))
