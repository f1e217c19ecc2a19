"""Tar archives that are written piece by piece: headers, contents and the end.

source: POSIX, pax interchange format; GNU tar manual, "Basic Tar Format".
"""

from __future__ import annotations

import os
import stat
import tarfile
from collections.abc import Iterator
from typing import Literal, Protocol

#: tarfile's PAX_FORMAT and GNU_FORMAT.
Format = Literal[1, 2]
#: Two blocks of zeros end an archive.
END = bytes(2 * tarfile.BLOCKSIZE)
_CHUNK = 1 << 20
_TYPES = {
    stat.S_IFREG: tarfile.REGTYPE,
    stat.S_IFDIR: tarfile.DIRTYPE,
    stat.S_IFLNK: tarfile.SYMTYPE,
    stat.S_IFIFO: tarfile.FIFOTYPE,
    stat.S_IFCHR: tarfile.CHRTYPE,
    stat.S_IFBLK: tarfile.BLKTYPE,
}


class Readable(Protocol):
    """A binary file, or something that reads like one."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; none at the end."""


def info_of(name: str, status: os.stat_result) -> tarfile.TarInfo | None:
    """Return the header of a file: type, size, permissions, owner's ids, time, device.

    The target of a symbolic link is left to the caller.

    Returns:
        None for a socket, which has no place in an archive.
    """
    kind = stat.S_IFMT(status.st_mode)
    if kind not in _TYPES:
        return None
    info = tarfile.TarInfo(name)
    info.type, info.mode = _TYPES[kind], stat.S_IMODE(status.st_mode)
    info.uid, info.gid, info.mtime = status.st_uid, status.st_gid, int(status.st_mtime)
    if info.isreg():
        info.size = status.st_size
    elif info.isdev() and not info.isfifo():
        info.devmajor, info.devminor = os.major(status.st_rdev), os.minor(status.st_rdev)
    return info


def make_hard_link(info: tarfile.TarInfo, target: str) -> None:
    """Turn a file's header into that of a hard link to an earlier member."""
    info.type, info.linkname, info.size = tarfile.LNKTYPE, target, 0


def header(info: tarfile.TarInfo, form: Format = tarfile.PAX_FORMAT) -> bytes:
    """Return the blocks of a member's header; names that are not UTF-8 keep their bytes.

    Args:
        info: the header.
        form: the format of what does not fit into plain fields, such as long names.
    """
    return info.tobuf(form, "utf-8", "surrogateescape")


def content(file: Readable, size: int) -> Iterator[bytes]:
    """Yield exactly `size` bytes, whatever happens to the file meanwhile, and the padding.

    A file that has shrunk since its header was made is filled with zeros.
    """
    left = size
    while left:
        piece = file.read(min(_CHUNK, left)) or bytes(min(_CHUNK, left))
        left -= len(piece)
        yield piece
    yield from padding(size)


def padding(size: int) -> Iterator[bytes]:
    """Yield the zeros between a content of `size` bytes and the next block, if any."""
    if rest := -size % tarfile.BLOCKSIZE:
        yield bytes(rest)


def member(
    info: tarfile.TarInfo, data: bytes, form: Format = tarfile.PAX_FORMAT
) -> Iterator[bytes]:
    """Yield a regular file whose content is in memory; sets the header's size."""
    info.size = len(data)
    yield header(info, form)
    yield data
    yield from padding(len(data))
