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
from collections.abc import Callable, Sequence
from pathlib import Path

from ..errors import ApiError
from ..state import remove_tree
from .layer_view import LayerView
from .tree_walk import WalkedFile, walk
from .whiteouts import is_opaque, is_whiteout, make_whiteout

_COPIED = "copied"
_CHUNK = 1 << 20
#: The granularity of file times: after this long, a change has a later ctime.
_TICK_S = 0.02


def copy(layers: Sequence[str], target: Path) -> None:
    """Copy layers one over the other into `target`, and apply whiteouts. Idempotent.

    Args:
        layers: bottom first.
        target: a folder, whose content is replaced.

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
    remove_tree(target)  # which a crash may have left without its mark
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
    try:
        whiteouts = remove_hidden(layer, target)
    except OSError as error:
        raise ApiError(f"cannot copy the image's files: {error}") from error
    command = ["cp", "--archive", "--no-target-directory", layer, str(target)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise ApiError(f"cannot copy the image's files: {done.stderr.strip()[-300:]}")
    for path in whiteouts:
        (target / path).unlink()


def remove_hidden(
    layer: str, target: Path, matters: Callable[[str], bool] = lambda _: True
) -> list[str]:
    """Remove from `target` what a layer deletes, or replaces by a file of another type.

    Args:
        layer: the layer's folder.
        target: has the layers below.
        matters: whether to look at a file or folder of the top, by its name.

    Returns:
        The paths of the layer's whiteouts.
    """

    def is_wanted(path: str) -> bool:
        return not path or matters(path.partition("/")[0])

    whiteouts = []
    for file in walk(layer, enters=lambda file: is_wanted(file.path)):
        if not is_wanted(file.path):
            continue
        below = target / file.path
        deletes = is_whiteout(file.handle, file.stat)
        if deletes:
            whiteouts.append(file.path)
        if os.path.lexists(below) and (deletes or not _both_folders(file.stat, below)):
            remove(below)
        if file.is_folder and is_opaque(file.handle) and below.is_dir():
            for name in os.listdir(below):
                if file.path or matters(name):
                    remove(below / name)
    return whiteouts


def _both_folders(status: os.stat_result, below: Path) -> bool:
    return stat.S_ISDIR(status.st_mode) and stat.S_ISDIR(below.lstat().st_mode)


def remove(path: Path) -> None:
    """Remove a file, link or folder."""
    if path.is_dir() and not path.is_symlink():
        remove_tree(path)
    else:
        path.unlink()


def changes(
    layers: Sequence[str],
    copied: Path,
    upper: Path,
    is_shared: Callable[[os.stat_result], bool] = lambda _: False,
) -> None:
    """Fill `upper` with what changed in a copy since it was complete, as overlayfs would.

    Args:
        layers: bottom first.
        copied: the copy.
        upper: an empty folder.
        is_shared: whether a file may be a layer's own, whose ctime other containers change.
    """
    if is_complete(copied):
        below = LayerView(layers)
        _Changes(below, copied, upper, completed_at(copied), is_shared).collect()


class _Changes:
    """Copies every file whose ctime is later than the copy's."""

    def __init__(
        self,
        below: LayerView,
        copied: Path,
        upper: Path,
        since: int,
        is_shared: Callable[[os.stat_result], bool],
    ) -> None:
        self._below = below
        self._copied = copied
        self._upper = upper
        self._since = since
        self._is_shared = is_shared
        #: The folders that were made in `upper`.
        self._folders: set[str] = set()

    def collect(self) -> None:
        new_folder = "/"  # whose content is copied, whatever its ctime
        for file in walk(self._copied, onerror=_raise):
            is_new = file.path.startswith(f"{new_folder}/")
            is_changed = is_new or (
                file.stat.st_ctime_ns >= self._since and not self._is_of_layer(file)
            )
            if is_changed and file.is_folder and not is_new and self._was_folder(file.path):
                self._add_whiteouts(file)
            elif is_changed:
                self._copy(file)
                if file.is_folder and not is_new:
                    new_folder = file.path
        for path in sorted(self._folders, reverse=True):  # last: a read-only one cannot be filled
            shutil.copystat(self._copied / path, self._upper / path)

    def _is_of_layer(self, file: WalkedFile) -> bool:
        """Whether a file is the layers' own, at its place."""
        if file.is_folder or not self._is_shared(file.stat):
            return False
        entry = self._below.entry(file.path)
        return entry is not None and os.path.samestat(entry.stat, file.stat)

    def _was_folder(self, path: str) -> bool:
        entry = self._below.entry(path) if path else None
        return not path or (entry is not None and entry.is_folder)

    def _add_whiteouts(self, folder: WalkedFile) -> None:
        deleted = set(self._below.names_in(folder.path)) - set(folder.names())
        for name in sorted(deleted):
            self._make_folder(folder.path)
            fd = os.open(self._upper / folder.path, os.O_RDONLY | os.O_DIRECTORY)
            try:
                make_whiteout(name, fd)
            finally:
                os.close(fd)

    def _make_folder(self, path: str) -> None:
        """Make a folder and those above it."""
        missing = []
        while path and path not in self._folders:
            missing.append(path)
            path = path.rpartition("/")[0]
        for path in reversed(missing):
            (self._upper / path).mkdir()
            self._folders.add(path)

    def _copy(self, file: WalkedFile) -> None:
        """Copy a file or an empty folder; sockets and devices are left out."""
        if file.is_folder:
            self._make_folder(file.path)
            return
        self._make_folder(file.path.rpartition("/")[0])
        target = self._upper / file.path
        if link := file.link_target():
            target.symlink_to(link)
            os.utime(
                target, ns=(file.stat.st_atime_ns, file.stat.st_mtime_ns), follow_symlinks=False
            )
            return
        if file.is_regular:
            with file.open() as source, target.open("wb") as copied:
                shutil.copyfileobj(source, copied, _CHUNK)
        elif stat.S_ISFIFO(file.stat.st_mode):
            os.mkfifo(target)
        else:
            return
        shutil.copystat(file.handle, target)


def _raise(error: OSError) -> None:
    raise error
