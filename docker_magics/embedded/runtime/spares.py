"""Copies that removed containers leave, made over into the next containers' own.

To copy an image takes seconds (node's has 11,000 files), but a copy that is there already differs
from the one that is wanted in few files: those that its container has changed, which their times
tell, and those of the layers that only one of the two images has.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from ..images import overlay
from ..images.view import Entry, LayerView
from ..state import remove_tree
from . import copies

#: They take room: as many are kept as a build and a container beside it need.
_KEPT = 2


@dataclass(frozen=True)
class _Spare:
    folder: Path
    layers: Sequence[str]

    @property
    def tree(self) -> Path:
        return self.folder / "merged"

    def shares(self, layers: Sequence[str]) -> int:
        """How many layers it has in common, from the bottom."""
        if not all(map(os.path.isdir, self.layers)):  # one went with its image
            return 0
        pairs = zip(self.layers, layers, strict=False)
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


class Spares:
    """The spare copies of an engine; they end with it.

    Args:
        folder: where they are, an empty one on the file system of the containers.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._spares: list[_Spare] = []

    def keep(self, layers: Sequence[str], copied: Path) -> None:
        """Take a copy over from who needs it no longer; nothing where there is none."""
        if not copies.is_made(copied):
            return
        spare = _Spare(Path(tempfile.mkdtemp(dir=self._folder)), layers)
        copies.move(copied, spare.tree)
        with self._lock:
            self._spares.append(spare)
            going = self._spares[:-_KEPT]
            del self._spares[:-_KEPT]
        for each in going:
            remove_tree(each.folder)

    def copy(self, layers: Sequence[str], target: Path) -> None:
        """As `copies.copy`, from a spare one where that shares a layer.

        Raises:
            Fault: the copy fails; the disk may be full.
        """
        spare = None if copies.is_made(target) else self._nearest(layers)
        if spare is not None:
            try:
                _make_over(spare, layers)
                copies.move(spare.tree, target)
            except OSError:  # a folder that cannot be read, or a file of a kind that is not copied
                pass
            remove_tree(spare.folder)
        copies.copy(layers, target)

    def _nearest(self, layers: Sequence[str]) -> _Spare | None:
        with self._lock:
            nearest = max(self._spares, key=lambda each: each.shares(layers), default=None)
            if nearest is None or not nearest.shares(layers):
                return None
            self._spares.remove(nearest)
            return nearest


def _make_over(spare: _Spare, layers: Sequence[str]) -> None:
    """Give a copy the files of other layers."""
    view = LayerView(layers)
    shared = spare.shares(layers)
    paths = set(_changed(spare.tree, view))
    for layer in (*spare.layers[shared:], *layers[shared:]):
        paths |= set(_names(layer, spare.tree))
    for path in sorted(paths, key=lambda each: each.split("/")):
        if _is_folder(spare.tree, path.rpartition("/")[0]):
            _make(spare.tree, path, view)
    copies.mark(spare.tree)


def _changed(tree: Path, view: LayerView) -> Iterator[str]:
    """The paths that were touched since the copy was made, and those that are gone."""
    since = copies.made_at(tree)
    waiting = [""]
    while waiting:
        prefix = waiting.pop()
        names = set()
        for entry in os.scandir(tree / prefix):
            names.add(entry.name)
            path = f"{prefix}{entry.name}"
            if entry.stat(follow_symlinks=False).st_ctime_ns >= since:
                yield path
            if entry.is_dir(follow_symlinks=False):
                waiting.append(f"{path}/")
        if (tree / prefix).stat().st_ctime_ns >= since:
            yield from (f"{prefix}{name}" for name in view.names(prefix) if name not in names)


def _names(layer: str, tree: Path) -> Iterator[str]:
    """All paths of a layer; what hides others is taken out of the tree, to be made anew."""
    for above, folders, files in os.walk(layer, onerror=_refuse):
        inside = os.path.relpath(above, layer)
        prefix = "" if inside == "." else f"{inside}/"
        if prefix and overlay.is_opaque(above) and _is_folder(tree, inside):
            remove_tree(tree / inside)
        yield from (f"{prefix}{name}" for name in (*folders, *files))


def _refuse(error: OSError) -> None:
    raise error


def _is_folder(tree: Path, path: str) -> bool:
    """Whether a path is a folder, by folders alone: no link leads out of the tree."""
    parts = [part for part in path.split("/") if part]
    whole = ("/".join(parts[: count + 1]) for count in range(len(parts)))
    return all(stat.S_ISDIR(_mode(tree / each)) for each in whole)


def _mode(path: Path) -> int:
    try:
        return path.lstat().st_mode
    except FileNotFoundError:
        return 0


def _make(tree: Path, path: str, view: LayerView) -> None:
    """Make one path of the tree what it is in the layers."""
    entry, target = view.lstat(f"/{path}"), tree / path
    there = _mode(target)
    if entry is not None and entry.is_folder and stat.S_ISDIR(there):
        shutil.copystat(entry.path, target)
        return
    if there:
        copies.remove(target)
    if entry is None:
        return
    if not entry.is_folder:
        _copy_file(entry, target)
        return
    target.mkdir()
    for name in view.names(f"/{path}"):
        _make(tree, f"{path}/{name}", view)
    shutil.copystat(entry.path, target)


def _copy_file(entry: Entry, target: Path) -> None:
    if not (stat.S_ISREG(entry.stat.st_mode) or entry.is_link) or entry.stat.st_nlink > 1:
        raise OSError(f"{entry.path} is not copied alone")
    shutil.copy2(entry.path, target, follow_symlinks=False)
