"""File trees without mounting: a copy of an image's layers, and what has changed in it since.

For the proot driver, which can mount nothing.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from ..images import overlay
from ..images.pack import packed
from ..images.streams import stream_of
from ..images.unpack import unpack
from ..images.view import LayerView


def copy(layers: list[Path], target: Path) -> None:
    """Lay layers' files one over the other, whiteouts heeded."""
    for layer in layers:
        unpack(stream_of(packed(layer)), target, layer=True)
        _heed(target)


def _heed(folder: Path) -> None:
    """Take away what whiteouts hide, and the whiteouts."""
    for path, found in _walk(folder):
        if overlay.is_whiteout(path, found):
            os.unlink(path)


def _walk(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    for above, folders, names in os.walk(folder):
        for name in (*names, *folders):
            path = f"{above}/{name}"
            yield path, os.lstat(path)


def changes(layers: list[Path], copied: Path, upper: Path) -> None:
    """Fill `upper` with what a copy has and the layers have not, as overlay's would be."""
    below = LayerView(layers)
    _compare(below, copied, upper, "")


def _compare(below: LayerView, copied: Path, upper: Path, prefix: str) -> None:
    there = set(os.listdir(copied / prefix)) if (copied / prefix).is_dir() else set()
    for name in sorted(there):
        path = f"{prefix}{name}"
        ours = os.lstat(copied / path)
        entry = below.lstat(path)
        if stat.S_ISDIR(ours.st_mode) and entry is not None and entry.is_folder:
            _compare(below, copied, upper, f"{path}/")
        elif entry is None or _differ(ours, entry.stat, copied / path, entry.path):
            _take(copied, upper, path)
    for name in set(below.names(f"/{prefix}")) - there:
        _make_parents(upper, prefix)
        fd = os.open(upper / prefix, os.O_RDONLY | os.O_DIRECTORY)
        try:
            overlay.make_whiteout(name, fd)
        finally:
            os.close(fd)


def _differ(ours: os.stat_result, theirs: os.stat_result, path: Path, other: str) -> bool:
    if stat.S_IFMT(ours.st_mode) != stat.S_IFMT(theirs.st_mode):
        return True
    if stat.S_ISLNK(ours.st_mode):
        return os.readlink(path) != os.readlink(other)
    return (ours.st_size, ours.st_mode, int(ours.st_mtime)) != (
        theirs.st_size,
        theirs.st_mode,
        int(theirs.st_mtime),
    )


def _make_parents(upper: Path, prefix: str) -> None:
    (upper / prefix).mkdir(parents=True, exist_ok=True)


def _take(copied: Path, upper: Path, path: str) -> None:
    _make_parents(upper, path.rpartition("/")[0])
    source, target = copied / path, upper / path
    if source.is_dir() and not source.is_symlink():
        shutil.copytree(source, target, symlinks=True, copy_function=shutil.copy2)
    else:
        shutil.copy2(source, target, follow_symlinks=False)
