"""The folders of an archive whose attributes are set last, kept on disk: there may be millions."""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Iterator
from typing import IO

from ..storage.rootfs import Rootfs

_PATH = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW


class LateFolders:
    """Folders in the order of the archive; a folder may be added again.

    Args:
        file: an empty temporary file for them.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def add(self, path: str, status: os.stat_result, member: tarfile.TarInfo) -> None:
        """Add a folder.

        Args:
            path: from the root.
            status: its stat(2), by which it is known again.
            member: has its owner, mode, times and extended attributes.
        """
        attributes = (member.uid, member.gid, member.mode, member.mtime, member.pax_headers)
        record = (path, status.st_dev, status.st_ino, *attributes)
        self._file.write(json.dumps(record) + "\n")

    def opened(self, root: Rootfs) -> Iterator[tuple[str, tarfile.TarInfo]]:
        """Yield the handle of each folder, and its header; none of those that were replaced."""
        self._file.seek(0)
        for line in self._file:
            path, device, inode, *attributes = json.loads(line)
            try:
                fd = root.open(path or "/", _PATH)
            except (FileNotFoundError, NotADirectoryError):
                continue
            try:
                status = os.fstat(fd)
                if (status.st_dev, status.st_ino) == (device, inode):
                    yield f"/proc/self/fd/{fd}", _header(*attributes)
            finally:
                os.close(fd)


def _header(
    uid: int, gid: int, mode: int, mtime: float, pax_headers: dict[str, str]
) -> tarfile.TarInfo:
    header = tarfile.TarInfo()
    header.uid, header.gid, header.mode, header.mtime = uid, gid, mode, mtime
    header.pax_headers = pax_headers
    return header
