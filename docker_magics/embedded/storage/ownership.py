"""Sets the owners of files, as far as the engine may."""

from __future__ import annotations

import errno
import os
from pathlib import Path


def lchown(path: str | Path, uid: int, gid: int, *, dir_fd: int | None = None) -> None:
    """Change a file's owner; with one mapped user ID, the file stays the engine's."""
    try:
        os.chown(path, uid, gid, dir_fd=dir_fd, follow_symlinks=False)
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.EINVAL}:
            raise
