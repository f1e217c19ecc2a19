"""Packing files of a container as a tar archive.

source: POSIX pax interchange format; moby daemon/archive.go, daemon/export.go.
"""

from __future__ import annotations

import contextlib
import os
import posixpath
import stat
import tarfile
from collections.abc import Collection, Iterator

from ...wire import tarstream
from ..storage import xattrs
from ..storage.rootfs import Rootfs

#: The device and the inode of a file with several names -> its first name in the archive.
_Names = dict[tuple[int, int], str]


def pack_tree(
    root: Rootfs, path: str, *, inside: bool = False, hidden: Collection[int] = ()
) -> Iterator[bytes]:
    """Yield a file, or a folder and what is in it, as an archive.

    Files that vanish meanwhile are left out.

    Args:
        root: the container's files.
        path: the file or folder; its last part is the name in the archive.
        inside: whether names begin below the folder, as in an export.
        hidden: devices whose folders are packed as empty ones.
    """
    follow = path.endswith(("/", "/."))
    base = "." if path.endswith("/.") else posixpath.basename(posixpath.normpath(path))
    top = root.open_folder_or_file(path, follow=follow)
    try:
        if inside:
            yield from _pack_content(f"/proc/self/fd/{top}", "", {}, hidden)
        else:
            yield from _pack(f"/proc/self/fd/{top}", base or "/", {}, hidden, top)
    finally:
        os.close(top)
    yield tarstream.END


def _pack(
    path: str, name: str, names: _Names, hidden: Collection[int], fd: int = -1
) -> Iterator[bytes]:
    """Yield a file's header and content; a folder's too, and what is in it."""
    try:
        status = os.fstat(fd) if fd >= 0 else os.lstat(path)
    except OSError:
        return
    info = _header(path, name, status, fd)
    if info is None:
        return
    if stat.S_ISREG(status.st_mode):
        key = (status.st_dev, status.st_ino)
        if status.st_nlink > 1 and key in names:
            tarstream.make_hard_link(info, names[key])
        else:
            names[key] = info.name
    yield tarstream.header(info)
    if info.isreg():
        with open(path, "rb") as file:
            yield from tarstream.content(file, info.size)
    if stat.S_ISDIR(status.st_mode) and status.st_dev not in hidden:
        yield from _pack_content(path, name, names, hidden)


def _pack_content(path: str, name: str, names: _Names, hidden: Collection[int]) -> Iterator[bytes]:
    with contextlib.suppress(PermissionError):
        for entry in sorted(os.listdir(path)):
            yield from _pack(f"{path}/{entry}", posixpath.join(name, entry), names, hidden)


def _header(path: str, name: str, status: os.stat_result, fd: int) -> tarfile.TarInfo | None:
    info = tarstream.info_of(name, status)
    if info is None:
        return None
    info.uname, info.gname = ("" if number else "root" for number in (info.uid, info.gid))
    if info.isdir():
        info.name = name.rstrip("/") + "/"
    if info.issym():
        info.linkname = os.readlink("", dir_fd=fd) if fd >= 0 else os.readlink(path)
    elif info.isreg():
        info.pax_headers = xattrs.headers_of(path, (xattrs.CAPABILITY,))
    return info
