"""A folder as a layer's archive, always the same bytes for the same content.

So a layer that was made here needs no archive of its own beside its folder: it is packed again
where it is wanted, and its digest tells whether it is still what it was.

source: OCI image specification, layer.md; POSIX pax interchange format.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path

from ...wire import digest
from ..storage import whiteouts
from .unpack import _XATTR, _XATTRS

_COPY = 1 << 20
_BLOCK = 512


def packed(folder: Path) -> Iterator[bytes]:
    """The archive of a layer's folder, piece by piece."""
    seen: dict[tuple[int, int], str] = {}
    for path, name in _walk(folder):
        yield from _member(path, name, seen)
    yield bytes(2 * _BLOCK)


def digest_of(folder: Path) -> tuple[str, int]:
    """What the archive's digest would be, and the bytes of the regular files in it."""
    hashed = hashlib.sha256()
    for piece in packed(folder):
        hashed.update(piece)
    return digest.PREFIX + hashed.hexdigest(), content_size(folder)


def content_size(folder: Path) -> int:
    """The bytes of what is in a folder, each file once however many names it has."""
    found = (os.lstat(path) for path, _ in _walk(folder))
    sizes = {(s.st_dev, s.st_ino): s.st_size for s in found if not stat.S_ISDIR(s.st_mode)}
    return sum(sizes.values())


def _walk(folder: Path) -> Iterator[tuple[str, str]]:
    """Everything below, each folder before what is in it, in the order of names."""
    waiting = [(os.fspath(folder), "")]
    while waiting:
        path, name = waiting.pop()
        if name:
            yield path, name
        if not name or stat.S_ISDIR(os.lstat(path).st_mode):
            prefix = f"{name}/" if name else ""
            inside = sorted(os.listdir(path), reverse=True)
            waiting += [(f"{path}/{each}", f"{prefix}{each}") for each in inside]


def _member(path: str, name: str, seen: dict[tuple[int, int], str]) -> Iterator[bytes]:
    found = os.lstat(path)
    if whiteouts.is_whiteout(path, found):
        above, _, leaf = name.rpartition("/")
        yield _header(tarfile.TarInfo(f"{above}/{whiteouts.PREFIX}{leaf}".lstrip("/")))
        return
    info = _described(path, name, found)
    if info is None:
        return
    first = seen.setdefault((found.st_dev, found.st_ino), name) if found.st_nlink > 1 else name
    if first != name and not stat.S_ISDIR(found.st_mode):
        info.type, info.linkname, info.size = tarfile.LNKTYPE, first, 0
    yield _header(info)
    if info.type == tarfile.REGTYPE:
        yield from _content(path, info.size)
    if info.isdir() and whiteouts.is_opaque(path):
        yield _header(tarfile.TarInfo(f"{name}/{whiteouts.OPAQUE}"))


def _described(path: str, name: str, found: os.stat_result) -> tarfile.TarInfo | None:
    info = tarfile.TarInfo(name)
    mode = found.st_mode
    info.mode, info.uid, info.gid = stat.S_IMODE(mode), found.st_uid, found.st_gid
    info.mtime = int(found.st_mtime)
    if stat.S_ISREG(mode):
        info.size = found.st_size
    elif stat.S_ISDIR(mode):
        info.type = tarfile.DIRTYPE
    elif stat.S_ISLNK(mode):
        info.type, info.linkname = tarfile.SYMTYPE, os.readlink(path)
    elif stat.S_ISFIFO(mode):
        info.type = tarfile.FIFOTYPE
    elif stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        info.type = tarfile.CHRTYPE if stat.S_ISCHR(mode) else tarfile.BLKTYPE
        info.devmajor, info.devminor = os.major(found.st_rdev), os.minor(found.st_rdev)
    else:
        return None  # sockets have no place in an archive
    info.pax_headers = _attributes(path)
    return info


def _attributes(path: str) -> dict[str, str]:
    try:
        names = os.listxattr(path, follow_symlinks=False)
    except OSError as error:
        if error.errno in {errno.ENOTSUP, errno.EPERM}:
            return {}
        raise
    return {
        _XATTR + name: os.getxattr(path, name, follow_symlinks=False).decode(
            "utf-8", "surrogateescape"
        )
        for name in sorted(names)
        if name.startswith(_XATTRS) and not name.startswith(whiteouts.OWN_ATTRIBUTES)
    }


def _header(info: tarfile.TarInfo) -> bytes:
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


def _content(path: str, size: int) -> Iterator[bytes]:
    """Exactly `size` bytes, whatever happens to the file meanwhile, and the padding."""
    left = size
    with open(path, "rb", buffering=0) as file:
        while left and (data := file.read(min(_COPY, left))):
            left -= len(data)
            yield data
    if left:
        yield bytes(left)
    yield bytes(-size % _BLOCK)
