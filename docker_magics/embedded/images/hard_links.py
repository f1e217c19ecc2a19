"""Makes the hard links of an archive, but none to a file that containers have in common."""

from __future__ import annotations

import os
import shutil
import stat

from ..storage import ownership
from .disk_room import Disk

_CHUNK = 1 << 20


class HardLinks:
    """The hard links that one archive makes.

    Args:
        disk: must have room for what is copied.
    """

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        #: The files that had one name before, as device and inode.
        self._own: set[tuple[int, int]] = set()

    def make(self, fd: int, folder: int, name: str) -> None:
        """Give an open file another name.

        One that had several names before may be an image's own, in a container's root that shares
        its files (`storage/shared_tree.py`): it is copied.

        Args:
            fd: of the file (O_PATH).
            folder: the descriptor of the name's folder.
            name: does not exist.

        Raises:
            OSError: it cannot be made.
            DiskFull: the disk has no room for a copy.
        """
        status = os.fstat(fd)
        identity = status.st_dev, status.st_ino
        if status.st_nlink > 1 and stat.S_ISREG(status.st_mode) and identity not in self._own:
            self._disk.check(status.st_size)
            _copy(fd, folder, name)
            return
        os.link(_handle(fd), name, dst_dir_fd=folder, follow_symlinks=True)
        self._own.add(identity)


def _copy(fd: int, folder: int, name: str) -> None:
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    made = os.open(name, flags, 0o600, dir_fd=folder)
    with os.fdopen(made, "wb") as target, open(_handle(fd), "rb") as source:
        shutil.copyfileobj(source, target, _CHUNK)
        status = os.fstat(fd)
        ownership.chown(made, status.st_uid, status.st_gid)
        shutil.copystat(_handle(fd), _handle(made))


def _handle(fd: int) -> str:
    return f"/proc/self/fd/{fd}"
