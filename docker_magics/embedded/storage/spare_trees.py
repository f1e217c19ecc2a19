"""Shared root filesystems that are ready before a container needs them.

To link the files of a large image takes seconds, and so does removing the links. So roots are made
ahead for images that are expected to be run, more of them after several containers had to wait, and
the root of a removed container is renewed for another one of its image (`renewal.py`): in the
background.

FOLDER/NAME/       what `CopyDriver` has for a container: m/ and the records beside it
FOLDER/NAME/ready  its layers, as JSON: [[path, inode, time of birth in ns], ...]; without it, what
                   is in the folder is not complete
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..state import remove_leftover, write_json
from . import renewal, shared_tree
from .workers import Workers

READY, _TREE = "ready", "m"
#: A spare has few bytes, but each of the image's folders.
MAX_SPARES = 16
#: How many of one image are made ahead after so many containers at once found none.
MAX_AHEAD = 4
#: What has to be free on the disk for a spare, in bytes.
_ROOM = 1 << 30
#: How long after it is expected one is made ahead: containers that start now have the processor.
_PAUSE_S = 1.0
#: How long a container waits for a root that is renewed: what fills the old one may take longer.
_PATIENCE_S = 10.0
#: Of what no container waits for.
_NICENESS = 10
_log = logging.getLogger(__name__)

#: Which layers a root has: their paths, inodes and times of birth.
_Key = list[list[str | int]]
_Layers = tuple[str, ...]


@dataclass(frozen=True)
class _Spare:
    key: _Key
    folder: Path

    @property
    def layers(self) -> _Layers:
        return tuple(str(path) for path, *_ in self.key)


class SpareTrees:
    """Makes and keeps spare root filesystems. Thread-safe.

    Args:
        folder: on the layers' filesystem. Spares of an earlier engine in it are used.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        #: Notified of spares, and of roots that are not renewed after all.
        self._changed = threading.Condition()
        #: The oldest first.
        self._spares: list[_Spare] = []
        #: The layers of roots that are being renewed, and of containers that wait for them.
        self._in_renewal: list[_Layers] = []
        self._waiting: list[_Layers] = []
        #: How many are made ahead of layers that containers are expected to have.
        self._ahead: dict[_Layers, int] = {}
        self._queued: set[_Layers] = set()
        self._leftovers: list[Path] = []
        self._renewals = Workers(os.cpu_count() or 1)
        self._making = Workers(1, niceness=_NICENESS)
        self._removals = Workers(1, niceness=_NICENESS)
        for path in folder.iterdir():
            self._adopt(path)

    def take(self, layers: Sequence[str], target: Path) -> bool:
        """Move a spare to `target`, which must not exist; return whether there is one.

        Others are made if such containers are expected, unless roots of these layers come back.
        """
        try:
            spare = self._find(tuple(layers))
        except OSError as error:
            _log.warning("cannot find a spare root: %s", error)
            return False
        self._replace(tuple(layers), was_spare=spare is not None)
        return spare is not None and self._hand_over(spare, target)

    def _hand_over(self, spare: _Spare, target: Path) -> bool:
        """Move a spare, or remove one that cannot be moved; return whether it is moved."""
        try:
            (spare.folder / READY).unlink()
            spare.folder.rename(target)
        except OSError as error:
            _log.warning("cannot use a spare root: %s", error)
            self._discard(spare)
            return False
        return True

    def _find(self, layers: _Layers) -> _Spare | None:
        """Take a spare, or None; wait up to `_PATIENCE_S` for one that is being renewed.

        No more containers wait than spares come.
        """
        key = _key(layers)
        with self._changed:
            if self._waiting.count(layers) < self._in_renewal.count(layers):
                self._waiting.append(layers)
                self._changed.wait_for(
                    lambda: self._newest(key) or layers not in self._in_renewal, _PATIENCE_S
                )
                self._waiting.remove(layers)
            if spare := self._newest(key):
                self._spares.remove(spare)
            return spare

    def _newest(self, key: _Key) -> _Spare | None:
        return next((spare for spare in reversed(self._spares) if spare.key == key), None)

    def expect(self, layers: Sequence[str]) -> None:
        """Make a spare for containers with these layers in the background, unless one is there."""
        with self._changed:
            self._ahead.setdefault(tuple(layers), 1)
            self._make_later(tuple(layers))

    def _replace(self, layers: _Layers, *, was_spare: bool) -> None:
        """Make further spares after a container took one, or found none."""
        with self._changed:
            if layers not in self._ahead:  # as of a build's step: another one is unlikely
                return
            if not was_spare:
                self._ahead[layers] = min(self._ahead[layers] + 1, MAX_AHEAD)
            self._make_later(layers)

    def recycle(self, layers: Sequence[str], used: Path) -> None:
        """Take over the folder of a root that no process uses, to make a spare of it.

        Raises:
            OSError: it cannot be moved.
        """
        own = self._take_over(used)
        with self._changed:
            self._in_renewal.append(tuple(layers))
        self._renewals.add(lambda: self._renew(tuple(layers), own))

    def remove(self, used: Path) -> None:
        """Take over the folder of a root, to remove it.

        Raises:
            OSError: it cannot be moved.
        """
        self._remove_later(self._take_over(used))

    def forget(self) -> None:
        """Remove the spares of which a layer was removed, and what an earlier engine has left."""
        with self._changed:
            for layers in [*self._ahead]:
                if not all(map(os.path.exists, layers)):
                    del self._ahead[layers]
            for spare in [spare for spare in self._spares if not _exists(spare.key)]:
                self._evict(spare)
            leftovers, self._leftovers = self._leftovers, []
        for folder in leftovers:
            self._remove_later(folder)

    def _adopt(self, folder: Path) -> None:
        """Add what an earlier engine has left: a spare, or what it did not finish."""
        with contextlib.suppress(OSError, ValueError, TypeError):  # as of another version
            key = json.loads((folder / READY).read_bytes())
            shared = shared_tree.record(folder / _TREE)
            is_here = shared and shared.device == (folder / _TREE).stat().st_dev
            if is_here and _exists(key):
                self._spares.append(_Spare(key, folder))
                return
        self._leftovers.append(folder)

    def _take_over(self, used: Path) -> Path:
        own = self._new_folder()
        try:
            used.rename(own)
        except OSError:
            own.rmdir()
            raise
        return own

    def _new_folder(self) -> Path:
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        folder.chmod(0o755)
        return folder

    def _evict(self, spare: _Spare) -> None:
        self._spares.remove(spare)
        self._discard(spare)

    def _discard(self, spare: _Spare) -> None:
        """Remove what is no spare any more."""
        with contextlib.suppress(OSError):
            (spare.folder / READY).unlink(missing_ok=True)
        self._remove_later(spare.folder)

    def _remove_later(self, folder: Path) -> None:
        self._removals.add(lambda: remove_leftover(folder))

    def _make_later(self, layers: _Layers) -> None:
        """Make spares ahead, unless that will be done; the caller holds the lock."""
        if layers not in self._queued:
            self._queued.add(layers)
            self._making.add(lambda: self._make_ahead(layers))

    def _make_ahead(self, layers: _Layers) -> None:
        time.sleep(_PAUSE_S)
        with self._changed:
            self._queued.remove(layers)
            self._changed.wait_for(lambda: layers not in self._in_renewal, _PATIENCE_S)
        key = _key(layers)
        while self._has_room_for(key, self._ahead.get(layers, 0)):
            self._make(key, lambda tree: shared_tree.link(layers, tree))

    def _renew(self, layers: _Layers, used: Path) -> None:
        try:
            key = _key(layers)
            if self._has_room_for(key, MAX_SPARES):
                self._make(key, lambda tree: renewal.renew(used / _TREE, tree, layers))
        finally:
            with self._changed:
                self._in_renewal.remove(layers)
                self._changed.notify_all()
            self._remove_later(used)

    def _has_room_for(self, key: _Key, most: int) -> bool:
        """Whether there are fewer spares than `most` of the same layers, and space for one."""
        with self._changed:
            count = sum(spare.key == key for spare in self._spares)
        return count < most and shutil.disk_usage(self._folder).free > _ROOM

    def _make(self, key: _Key, make: Callable[[Path], None]) -> None:
        spare = _Spare(key, self._new_folder())
        try:
            (spare.folder / _TREE).mkdir()
            make(spare.folder / _TREE)
            write_json(spare.folder / READY, key)
        except BaseException:  # the disk may be full
            self._discard(spare)
            raise
        with self._changed:
            self._spares.append(spare)
            self._changed.notify_all()
            if not _exists(key):  # the image was removed meanwhile
                self._evict(spare)
            elif len(self._spares) > MAX_SPARES:
                self._evict(self._least_useful())

    def _least_useful(self) -> _Spare:
        """Return the oldest of layers that are not expected, else of those with several spares."""
        keys = [spare.key for spare in self._spares]

        def uselessness(spare: _Spare) -> tuple[bool, bool]:
            return spare.layers not in self._ahead, keys.count(spare.key) > 1

        return max(self._spares, key=uselessness)


def _exists(key: _Key) -> bool:
    """Whether the layers are still those that a root was made of."""
    try:
        return _key([str(path) for path, *_ in key]) == key
    except OSError:
        return False


def _key(layers: Sequence[str]) -> _Key:
    """Return which layers a root has.

    Raises:
        OSError: one does not exist, or the filesystem has no times of birth.
    """
    return [[layer, *shared_tree.identity(layer)] for layer in layers]
