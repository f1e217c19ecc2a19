"""How a layer says that something below it is gone, for overlayfs and in archives.

- In a layer's folder: a character device 0/0 is a whiteout; a folder with the attribute
  `overlay.opaque` hides all that is below it.
- In an archive: an empty file `.wh.NAME`, and `.wh..wh..opq` inside the folder.

source: kernel, Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories";
OCI image specification, layer.md, "Whiteouts".
"""

from __future__ import annotations

import contextlib
import os
import stat

PREFIX = ".wh."
OPAQUE = ".wh..wh..opq"
#: Other names that begin so are aufs's own business.
RESERVED = ".wh..wh."
#: Root may set the first; in a user namespace overlayfs is mounted with `userxattr`.
_OPAQUE_ATTRIBUTES = ("trusted.overlay.opaque", "user.overlay.opaque")
_WHITEOUT_ATTRIBUTE = "user.overlay.whiteout"
#: Attributes that steer overlayfs: they come from no archive and go into none.
OWN_ATTRIBUTES = ("trusted.overlay.", "user.overlay.")


def make_whiteout(name: str, folder: int) -> None:
    """Make `name` a whiteout in the folder of this descriptor."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)
    try:
        os.mknod(name, stat.S_IFCHR, 0, dir_fd=folder)
    except PermissionError:  # where no devices at all can be made; the proot driver reads it
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
        fd = os.open(name, flags, 0o600, dir_fd=folder)
        try:
            os.setxattr(fd, _WHITEOUT_ATTRIBUTE, b"y")
        finally:
            os.close(fd)


def make_opaque(folder: int) -> None:
    """Let the folder hide what is below it."""
    try:
        _set(folder, _OPAQUE_ATTRIBUTES[0])
    except PermissionError:
        _set(folder, _OPAQUE_ATTRIBUTES[1])


def _set(folder: int, attribute: str) -> None:
    os.setxattr(f"/proc/self/fd/{folder}", attribute, b"y")


def is_whiteout(path: str, found: os.stat_result) -> bool:
    """Whether an entry of a layer's folder says that the one below is gone."""
    if stat.S_ISCHR(found.st_mode):
        return found.st_rdev == 0
    if stat.S_ISREG(found.st_mode) and found.st_size == 0:
        return bool(_attribute(path, _WHITEOUT_ATTRIBUTE))
    return False


def is_opaque(path: str) -> bool:
    """Whether a folder hides what is below it."""
    return any(_attribute(path, name) == b"y" for name in _OPAQUE_ATTRIBUTES)


def _attribute(path: str, name: str) -> bytes:
    try:
        return os.getxattr(path, name, follow_symlinks=False)
    except OSError:
        return b""
