"""Room that stays free on a disk, however much an archive has."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import DISK_FULL, ApiError

#: The bytes of the disk that stay free.
RESERVE = 64 << 20
#: The bytes written between two checks of the disk.
CHECK_EVERY = 64 << 20


class DiskFull(ApiError):
    """The disk has no more room than `RESERVE`."""

    def __init__(self) -> None:
        super().__init__(DISK_FULL)


class Disk:
    """Keeps `RESERVE` bytes free on the disk of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._since_check = 0

    def count(self, size: int) -> None:
        """Note that bytes were written.

        Raises:
            DiskFull: the disk is full.
        """
        self._since_check += size
        if self._since_check >= CHECK_EVERY:
            self.check()

    def check(self, needed: int = 0) -> None:
        """Raise DiskFull if the disk is full, or has no room for `needed` bytes."""
        self._since_check = 0
        disk = os.statvfs(self._folder)
        if disk.f_bavail * disk.f_frsize < RESERVE + needed:
            raise DiskFull
