"""Copies of an image's layers, and what has changed in a copy since.

A copy is complete once the file COPIED lies beside it; that file's mtime separates the image's
files from the container's changes, which have a later ctime.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from ..errors import ApiError
from ..state import remove_tree
from .layer_view import LayerView
from .whiteouts import is_opaque, is_whiteout, make_whiteout

_COPIED = "copied"
#: The granularity of file times: after this long, a change has a later ctime.
_TICK_S = 0.02


def copy(layers: Sequence[str], target: Path) -> None:
    """Copy layers one over the other into `target`, and apply whiteouts. Idempotent.

    Args:
        layers: bottom first.
        target: an empty folder.

    Raises:
        ApiError: the copy failed; the disk may be full.
    """
    if is_complete(target):
        return
    draft = target.with_name("copying")
    remove_tree(draft)
    for layer in layers:
        _copy_layer(layer, draft)
    draft.chmod(0o755)
    draft.replace(target)
    mark_complete(target)


def mark_complete(target: Path) -> None:
    """Record that a copy is complete: what changes from now on is the container's."""
    time.sleep(_TICK_S)
    target.with_name(_COPIED).touch()


def completed_at(target: Path) -> int:
    """Return when a copy was complete, in nanoseconds since 1970."""
    return target.with_name(_COPIED).stat().st_mtime_ns


def move(copied: Path, target: Path) -> None:
    """Move a complete copy, and the file that says so."""
    copied.chmod(0o755)  # a folder without write permission cannot be moved
    copied.replace(target)
    copied.with_name(_COPIED).replace(target.with_name(_COPIED))


def is_complete(target: Path) -> bool:
    """Whether `target` is a complete copy."""
    return target.with_name(_COPIED).exists()


def _copy_layer(layer: str, target: Path) -> None:
    whiteouts = _remove_hidden(layer, target)
    command = ["cp", "--archive", "--no-target-directory", layer, str(target)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise ApiError(f"cannot copy the image's files: {done.stderr.strip()[-300:]}")
    for path in whiteouts:
        (target / path).unlink()


def _remove_hidden(layer: str, target: Path) -> list[str]:
    """Remove from `target` what a layer deletes, or replaces by a file of another type.

    Returns:
        The paths of the layer's whiteouts.
    """
    whiteouts = []
    for folder, subfolders, files in os.walk(layer):
        inside = Path(folder).relative_to(layer)
        if is_opaque(folder) and (target / inside).is_dir():
            for name in os.listdir(target / inside):
                remove(target / inside / name)
        for name in (*subfolders, *files):
            status = os.lstat(f"{folder}/{name}")
            below = target / inside / name
            deletes = is_whiteout(f"{folder}/{name}", status)
            if deletes:
                whiteouts.append(str(inside / name))
            if os.path.lexists(below) and (deletes or not _both_folders(status, below)):
                remove(below)
    return whiteouts


def _both_folders(status: os.stat_result, below: Path) -> bool:
    return stat.S_ISDIR(status.st_mode) and stat.S_ISDIR(below.lstat().st_mode)


def remove(path: Path) -> None:
    """Remove a file, link or folder."""
    if path.is_dir() and not path.is_symlink():
        remove_tree(path)
    else:
        path.unlink()


def changes(layers: Sequence[str], copied: Path, upper: Path) -> None:
    """Fill `upper` with what changed in a copy since it was complete, as overlayfs would."""
    if is_complete(copied):
        _Changes(LayerView(layers), copied, upper, completed_at(copied)).collect()


class _Changes:
    """Copies every file whose ctime is later than the copy's."""

    def __init__(self, below: LayerView, copied: Path, upper: Path, since: int) -> None:
        self._below = below
        self._copied = copied
        self._upper = upper
        self._since = since

    def collect(self) -> None:
        pending = [""]
        while pending:
            prefix = pending.pop()
            for entry in sorted(os.scandir(self._copied / prefix), key=lambda entry: entry.name):
                status = entry.stat(follow_symlinks=False)
                path = f"{prefix}{entry.name}"
                is_folder = stat.S_ISDIR(status.st_mode)
                if status.st_ctime_ns >= self._since and not (is_folder and self._was_folder(path)):
                    _copy_change(self._copied, self._upper, path)
                elif is_folder:
                    pending.append(f"{path}/")
            self._add_whiteouts(prefix)

    def _was_folder(self, path: str) -> bool:
        entry = self._below.lstat(path)
        return entry is not None and entry.is_folder

    def _add_whiteouts(self, prefix: str) -> None:
        folder = self._copied / prefix
        if folder.stat().st_ctime_ns < self._since:
            return
        deleted = set(self._below.names(f"/{prefix}")) - set(os.listdir(folder))
        for name in sorted(deleted):
            _make_parents(self._upper, prefix)
            fd = os.open(self._upper / prefix, os.O_RDONLY | os.O_DIRECTORY)
            try:
                make_whiteout(name, fd)
            finally:
                os.close(fd)


def _make_parents(upper: Path, prefix: str) -> None:
    (upper / prefix).mkdir(parents=True, exist_ok=True)


def _copy_change(copied: Path, upper: Path, path: str) -> None:
    _make_parents(upper, path.rpartition("/")[0])
    source, target = copied / path, upper / path
    if source.is_dir() and not source.is_symlink():
        shutil.copytree(source, target, symlinks=True, copy_function=shutil.copy2)
    else:
        shutil.copy2(source, target, follow_symlinks=False)
