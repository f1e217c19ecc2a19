"""Opens paths below a folder that others write to, such as a volume's: no path leads out of it.

source: openat2(2), RESOLVE_BENEATH; if a sandbox hides that call, a walk that refuses links.
"""

from __future__ import annotations

import errno
import os
import stat

from .. import syscalls


def open_beneath(folder: int, path: str, flags: int = os.O_PATH, *, links: bool = False) -> int:
    """Open a path below a folder.

    Args:
        folder: its descriptor.
        path: relative to it; empty for the folder itself.
        flags: of open(2).
        links: whether to follow symbolic links that stay below the folder.

    Raises:
        OSError: EXDEV if the path leads out of the folder; ELOOP if it has a link that is not
            followed; as open(2) otherwise.
    """
    path = path or "."
    try:
        return syscalls.open_beneath(folder, path, flags, links=links)
    except OSError as error:
        if error.errno not in {errno.ENOSYS, errno.EPERM}:
            raise
    return _walk(folder, path, flags)


def _walk(folder: int, path: str, flags: int) -> int:
    """Open a path one part after another; refuse all links, as they cannot be followed safely."""
    parts = [part for part in path.split("/") if part not in {"", "."}] or ["."]
    if path.startswith("/") or ".." in parts:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), path)
    above = os.dup(folder)
    for number, part in enumerate(parts, 1):
        wanted = flags if number == len(parts) else os.O_PATH | os.O_DIRECTORY
        try:
            below = os.open(part, wanted | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=above)
        finally:
            os.close(above)
        above = below
        if stat.S_ISLNK(os.fstat(above).st_mode):  # O_PATH opens the link itself
            os.close(above)
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
    return above
