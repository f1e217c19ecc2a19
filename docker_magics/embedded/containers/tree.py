"""Packing files of a container as a tar archive.

source: POSIX pax interchange format; moby daemon/archive.go, daemon/export.go.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Collection, Iterator

from ...wire import tarstream
from ..images.pack import archived, header_of
from ..storage import xattrs
from ..storage.rootfs import Rootfs
from ..storage.tree_walk import WalkedFile, walk


def pack_tree(
    root: Rootfs, path: str, *, inside: bool = False, hidden: Collection[int] = ()
) -> Iterator[bytes]:
    """Yield a file, or a folder and what is in it, as an archive.

    Files that vanish meanwhile or that cannot be read are left out, as by moby.

    Args:
        root: the container's files.
        path: the file or folder; its last part is the name in the archive.
        inside: whether names begin below the folder, as in an export.
        hidden: devices whose folders are packed as empty ones.
    """
    follow = path.endswith(("/", "/."))
    base = "." if path.endswith("/.") else posixpath.basename(posixpath.normpath(path))
    prefix = "" if inside else base or "/"
    #: The device and the inode of a file with several names -> its first name in the archive.
    first_names: dict[tuple[int, int], str] = {}
    top = root.open_folder_or_file(path, follow=follow)
    try:
        for file in walk(top, enters=lambda folder: folder.stat.st_dev not in hidden):
            if name := posixpath.join(prefix, file.path).rstrip("/") or prefix:
                yield from _pack(file, name, first_names)
    finally:
        os.close(top)
    yield tarstream.END


def _pack(file: WalkedFile, name: str, names: dict[tuple[int, int], str]) -> Iterator[bytes]:
    info = header_of(file, name)
    if info is None:
        return
    info.uname, info.gname = ("" if number else "root" for number in (info.uid, info.gid))
    if info.isdir():
        info.name = name.rstrip("/") + "/"
    if info.isreg():
        info.pax_headers = xattrs.headers_of(file.handle, (xattrs.CAPABILITY,))
    shared = info.isreg() and file.stat.st_nlink > 1
    if shared and file.identity in names:
        tarstream.make_hard_link(info, names[file.identity])
    pieces = archived(file, info)
    try:
        head = next(pieces)
    except OSError:  # it cannot be opened
        return
    if shared:
        names.setdefault(file.identity, name)
    yield head
    yield from pieces
