"""Whiteouts: how a layer deletes files of the layers below, for overlayfs and in archives.

- In a layer's folder: a character device 0/0 deletes the file of its name; a folder with the
  attribute `overlay.opaque` hides everything in the same folder below.
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
#: Other names with this prefix are aufs's metadata.
RESERVED = ".wh..wh."
#: Only root may set the first; in a user namespace overlayfs is mounted with `userxattr`.
_OPAQUE_ATTRIBUTES = ("trusted.overlay.opaque", "user.overlay.opaque")
_WHITEOUT_ATTRIBUTE = "user.overlay.whiteout"
#: Overlayfs's attributes: archives must neither set nor contain them.
OWN_ATTRIBUTES = ("trusted.overlay.", "user.overlay.")


def make_whiteout(name: str, folder: int) -> None:
    """Make `name` a whiteout.

    Args:
        name: of the file it deletes.
        folder: a descriptor of the folder.

    Raises:
        OSError: the filesystem does not support it.
    """
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)
    try:
        os.mknod(name, stat.S_IFCHR, 0, dir_fd=folder)
    except PermissionError:  # only root may create devices; `is_whiteout` reads the attribute
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
        fd = os.open(name, flags, 0o600, dir_fd=folder)
        try:
            os.setxattr(fd, _WHITEOUT_ATTRIBUTE, b"y")
        finally:
            os.close(fd)


def make_opaque(folder: int) -> None:
    """Make a folder hide everything in the same folder below.

    Args:
        folder: its descriptor.

    Raises:
        OSError: the filesystem does not support it.
    """
    try:
        _set(folder, _OPAQUE_ATTRIBUTES[0])
    except PermissionError:
        _set(folder, _OPAQUE_ATTRIBUTES[1])


def _set(folder: int, attribute: str) -> None:
    os.setxattr(f"/proc/self/fd/{folder}", attribute, b"y")


def is_whiteout(path: str, status: os.stat_result) -> bool:
    """Whether a file of a layer is a whiteout.

    Args:
        path: leads to the file itself: in a layer, or a `tree_walk.WalkedFile.handle`.
        status: its lstat(2).
    """
    if stat.S_ISCHR(status.st_mode):
        return status.st_rdev == 0
    if stat.S_ISREG(status.st_mode) and status.st_size == 0:
        return bool(_attribute(path, _WHITEOUT_ATTRIBUTE))
    return False


def is_opaque(path: str) -> bool:
    """Whether a folder, given as for `is_whiteout`, hides everything in the same folder below."""
    return any(_attribute(path, name) == b"y" for name in _OPAQUE_ATTRIBUTES)


def _attribute(path: str, name: str) -> bytes:
    try:
        return os.getxattr(path, name)
    except OSError:
        return b""
