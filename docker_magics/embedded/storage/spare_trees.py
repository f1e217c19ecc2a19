"""Shared root filesystems that are ready before a container needs them.

To link the files of a large image takes seconds, and so does removing the links. So one is made
ahead for an image that is new, and the root of a removed container is made over for another one of
its image (`renewal.py`): in the background, in one thread.

FOLDER/NAME/       what `CopyDriver` has for a container: m/ and the records beside it
FOLDER/NAME/ready  its layers, as JSON: [[path, inode, time of birth in ns], ...]; without it, what
                   is in the folder is not complete
"""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import shutil
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..state import remove_leftover, write_json
from . import renewal, shared_tree

READY, _TREE = "ready", "m"
#: A spare has few bytes, but each of the image's folders.
MAX_SPARES = 8
#: What has to be free on the disk for a spare, in bytes.
_ROOM = 1 << 30
#: How long nothing else is to do before one is made ahead.
_PAUSE_S = 1.0
#: How long a container waits for a root that is made over: what fills the old one may take longer.
_PATIENCE_S = 10.0
_log = logging.getLogger(__name__)

#: Which layers a root has: their paths, inodes and times of birth.
_Key = list[list[str | int]]


@dataclass(frozen=True)
class _Spare:
    key: _Key
    folder: Path


class SpareTrees:
    """Makes and keeps spare root filesystems. Thread-safe.

    Args:
        folder: on the layers' filesystem. Spares of an earlier engine in it are used.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        #: Notified of new jobs, and of spares.
        self._changed = threading.Condition()
        #: The oldest first.
        self._spares: list[_Spare] = []
        #: The layers of roots that are being made over.
        self._in_renewal: list[Sequence[str]] = []
        self._jobs: deque[Callable[[], object]] = deque()
        self._wanted: list[Sequence[str]] = []
        self._thread: threading.Thread | None = None
        for path in folder.iterdir():
            self._adopt(path)

    def take(self, layers: Sequence[str], target: Path) -> bool:
        """Move a spare to `target`, which must not exist; return whether there is one.

        Another one is made, unless a root of these layers comes back soon.
        """
        try:
            spare = self._find(layers)
            if spare is None:
                return False
            (spare.folder / READY).unlink()
            spare.folder.rename(target)
        except OSError as error:
            _log.warning("cannot use a spare root: %s", error)
            return False
        self.expect(layers)
        return True

    def _find(self, layers: Sequence[str]) -> _Spare | None:
        """Take a spare, or None; wait up to `_PATIENCE_S` for one that is being renewed."""
        key = _key(layers)
        with self._changed:
            self._changed.wait_for(
                lambda: self._newest(key) or layers not in self._in_renewal, _PATIENCE_S
            )
            if spare := self._newest(key):
                self._spares.remove(spare)
            return spare

    def _newest(self, key: _Key) -> _Spare | None:
        return next((spare for spare in reversed(self._spares) if spare.key == key), None)

    def expect(self, layers: Sequence[str]) -> None:
        """Make a spare for containers with these layers in the background, unless one is there."""
        with self._changed:
            if layers not in self._wanted:
                self._wanted.append(layers)
            self._wake()

    def recycle(self, layers: Sequence[str], used: Path) -> None:
        """Take over the folder of a root that no process uses, to make a spare of it.

        Raises:
            OSError: it cannot be moved.
        """
        own = self._take_over(used)
        with self._changed:
            self._in_renewal.append(layers)
            self._jobs.appendleft(lambda: self._renew(layers, own))  # a container may wait for it
            self._wake()

    def remove(self, used: Path) -> None:
        """Take over the folder of a root, to remove it.

        Raises:
            OSError: it cannot be moved.
        """
        own = self._take_over(used)
        with self._changed:
            self._remove_later(own)

    def forget(self) -> None:
        """Remove the spares of which a layer was removed."""
        with self._changed:
            for spare in [spare for spare in self._spares if not _exists(spare.key)]:
                self._evict(spare)

    def _adopt(self, folder: Path) -> None:
        """Add what an earlier engine has left: a spare, or what it did not finish."""
        with contextlib.suppress(OSError, ValueError):
            key = json.loads((folder / READY).read_bytes())
            shared = shared_tree.record(folder / _TREE)
            is_here = shared and shared.device == (folder / _TREE).stat().st_dev
            if is_here and _exists(key):
                self._spares.append(_Spare(key, folder))
                return
        self._jobs.append(lambda: remove_leftover(folder))

    def _take_over(self, used: Path) -> Path:
        own = self._new_folder()
        used.rename(own)
        return own

    def _new_folder(self) -> Path:
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        folder.chmod(0o755)
        return folder

    def _evict(self, spare: _Spare) -> None:
        self._spares.remove(spare)
        (spare.folder / READY).unlink(missing_ok=True)
        self._remove_later(spare.folder)

    def _remove_later(self, folder: Path) -> None:
        self._jobs.append(lambda: remove_leftover(folder))
        self._wake()

    def _wake(self) -> None:
        """Wake the thread, or start it; the caller holds the lock."""
        self._changed.notify_all()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="spares", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            job = self._next_job()
            try:
                job()
            except Exception as error:  # containers wait for this thread
                _log.warning("cannot make a spare root: %s", error)

    def _next_job(self) -> Callable[[], object]:
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self._wanted)
            if self._changed.wait_for(lambda: self._jobs, _PAUSE_S):
                return self._jobs.popleft()
            return functools.partial(self._make_ahead, self._wanted.pop(0))

    def _make_ahead(self, layers: Sequence[str]) -> None:
        key = _key(layers)
        if self._has_room_for(key, 1):
            self._make(key, lambda tree: shared_tree.link(layers, tree))

    def _renew(self, layers: Sequence[str], used: Path) -> None:
        try:
            key = _key(layers)
            if self._has_room_for(key, MAX_SPARES):
                self._make(key, lambda tree: renewal.renew(used / _TREE, tree, layers))
        finally:
            with self._changed:
                self._in_renewal.remove(layers)
                self._changed.notify_all()
            remove_leftover(used)

    def _has_room_for(self, key: _Key, most: int) -> bool:
        """Whether there are fewer spares than `most` of the same layers, and space for one."""
        with self._changed:
            count = sum(spare.key == key for spare in self._spares)
        return count < most and shutil.disk_usage(self._folder).free > _ROOM

    def _make(self, key: _Key, make: Callable[[Path], None]) -> None:
        folder = self._new_folder()
        (folder / _TREE).mkdir()
        try:
            make(folder / _TREE)
        except BaseException:
            remove_leftover(folder)
            raise
        write_json(folder / READY, key)
        with self._changed:
            self._spares.append(_Spare(key, folder))
            if not _exists(key):  # the image was removed meanwhile
                self._evict(self._spares[-1])
            elif len(self._spares) > MAX_SPARES:  # the oldest of the layers that have the most
                keys = [spare.key for spare in self._spares]
                self._evict(max(self._spares, key=lambda spare: keys.count(spare.key)))


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
