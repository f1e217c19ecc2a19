"""Sets the owners of files, as far as the engine may."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path


def lchown(path: str | Path, uid: int, gid: int, *, dir_fd: int | None = None) -> None:
    """Change a file's owner; with one mapped user ID, the file stays the engine's."""
    with _as_far_as_allowed():
        os.chown(path, uid, gid, dir_fd=dir_fd, follow_symlinks=False)


def chown(file: int | str, uid: int, gid: int) -> None:
    """Do as `lchown` with a descriptor, or with a path of it below /proc/self/fd."""
    with _as_far_as_allowed():
        os.chown(file, uid, gid)


def owner_in_container(uid: int, gid: int) -> tuple[int, int]:
    """Return a file's owner as containers see it: the engine's user is root.

    An ordinary user without subordinate IDs owns all files, also those that root owns elsewhere.
    """
    return 0 if uid == os.geteuid() else uid, 0 if gid == os.getegid() else gid


@contextlib.contextmanager
def _as_far_as_allowed() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.EINVAL}:
            raise
