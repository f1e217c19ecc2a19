"""File trees without mounting: a copy of an image's layers, and what has changed in it since.

For the proot driver, which can mount nothing.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from ..errors import Fault
from ..images import overlay
from ..images.view import LayerView
from ..state import remove_tree

#: Written when a copy is whole; what has changed since is the container's own.
_COPIED = "copied"
#: After so long the clock of files has gone on.
_TICK_S = 0.02


def copy(layers: Sequence[str], target: Path) -> None:
    """Lay layers' files one over the other, whiteouts heeded; nothing is done a second time.

    Args:
        layers: bottom first.
        target: an empty folder; COPIED beside it tells when it was filled.

    Raises:
        Fault: the copy fails; the disk may be full.
    """
    if is_made(target):
        return
    unfinished = target.with_name("copying")
    remove_tree(unfinished)
    for layer in layers:
        _lay(layer, unfinished)
    unfinished.chmod(0o755)
    unfinished.replace(target)
    mark(target)


def mark(target: Path) -> None:
    """Note that a copy is whole, and since when: what is changed from now on is the container's."""
    time.sleep(_TICK_S)
    target.with_name(_COPIED).touch()


def made_at(target: Path) -> int:
    """When a copy was whole, in nanoseconds."""
    return target.with_name(_COPIED).stat().st_mtime_ns


def move(copied: Path, target: Path) -> None:
    """Give a whole copy another place; what is noted of it moves along."""
    copied.chmod(0o755)  # what cannot be written in cannot be moved
    copied.replace(target)
    copied.with_name(_COPIED).replace(target.with_name(_COPIED))


def is_made(target: Path) -> bool:
    """Whether there is a copy, whole."""
    return target.with_name(_COPIED).exists()


def _lay(layer: str, target: Path) -> None:
    whiteouts = _make_way(layer, target)
    command = ["cp", "--archive", "--no-target-directory", layer, str(target)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise Fault(f"cannot copy the image's files: {done.stderr.strip()[-300:]}")
    for path in whiteouts:
        (target / path).unlink()


def _make_way(layer: str, target: Path) -> list[str]:
    """Take away what a layer hides or replaces by something of another kind.

    Returns:
        The paths of its whiteouts.
    """
    whiteouts = []
    for above, folders, names in os.walk(layer):
        inside = Path(above).relative_to(layer)
        if overlay.is_opaque(above) and (target / inside).is_dir():
            for name in os.listdir(target / inside):
                remove(target / inside / name)
        for name in (*folders, *names):
            found = os.lstat(f"{above}/{name}")
            below = target / inside / name
            is_whiteout = overlay.is_whiteout(f"{above}/{name}", found)
            if is_whiteout:
                whiteouts.append(str(inside / name))
            if os.path.lexists(below) and (is_whiteout or not _both_folders(found, below)):
                remove(below)
    return whiteouts


def _both_folders(found: os.stat_result, below: Path) -> bool:
    return stat.S_ISDIR(found.st_mode) and stat.S_ISDIR(below.lstat().st_mode)


def remove(path: Path) -> None:
    """Take away whatever is there."""
    if path.is_dir() and not path.is_symlink():
        remove_tree(path)
    else:
        path.unlink()


def changes(layers: Sequence[str], copied: Path, upper: Path) -> None:
    """Fill `upper` with what has changed in a copy since it was made, as overlay's would be."""
    if is_made(copied):
        _Changes(LayerView(layers), copied, upper, made_at(copied)).take("")


class _Changes:
    """What was touched after the copy was made, by the time of its inode's last change."""

    def __init__(self, below: LayerView, copied: Path, upper: Path, since: int) -> None:
        self._below = below
        self._copied = copied
        self._upper = upper
        self._since = since

    def take(self, prefix: str) -> None:
        for entry in sorted(os.scandir(self._copied / prefix), key=lambda each: each.name):
            found = entry.stat(follow_symlinks=False)
            path = f"{prefix}{entry.name}"
            is_folder = stat.S_ISDIR(found.st_mode)
            if found.st_ctime_ns >= self._since and not (is_folder and self._was_folder(path)):
                _take(self._copied, self._upper, path)
            elif is_folder:
                self.take(f"{path}/")
        self._whiteouts(prefix)

    def _was_folder(self, path: str) -> bool:
        entry = self._below.lstat(path)
        return entry is not None and entry.is_folder

    def _whiteouts(self, prefix: str) -> None:
        folder = self._copied / prefix
        if folder.stat().st_ctime_ns < self._since:
            return
        gone = set(self._below.names(f"/{prefix}")) - set(os.listdir(folder))
        for name in sorted(gone):
            _make_parents(self._upper, prefix)
            fd = os.open(self._upper / prefix, os.O_RDONLY | os.O_DIRECTORY)
            try:
                overlay.make_whiteout(name, fd)
            finally:
                os.close(fd)


def _make_parents(upper: Path, prefix: str) -> None:
    (upper / prefix).mkdir(parents=True, exist_ok=True)


def _take(copied: Path, upper: Path, path: str) -> None:
    _make_parents(upper, path.rpartition("/")[0])
    source, target = copied / path, upper / path
    if source.is_dir() and not source.is_symlink():
        shutil.copytree(source, target, symlinks=True, copy_function=shutil.copy2)
    else:
        shutil.copy2(source, target, follow_symlinks=False)
