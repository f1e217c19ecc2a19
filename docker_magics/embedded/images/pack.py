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

from ...wire import digest, tarstream
from ..storage import whiteouts
from .unpack import _XATTR, _XATTRS


def packed(folder: Path) -> Iterator[bytes]:
    """The archive of a layer's folder, piece by piece."""
    seen: dict[tuple[int, int], str] = {}
    for path, name in _walk(folder):
        yield from _member(path, name, seen)
    yield tarstream.END


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
        yield tarstream.header(tarfile.TarInfo(f"{above}/{whiteouts.PREFIX}{leaf}".lstrip("/")))
        return
    info = _described(path, name, found)
    if info is None:
        return
    first = seen.setdefault((found.st_dev, found.st_ino), name) if found.st_nlink > 1 else name
    if first != name and not stat.S_ISDIR(found.st_mode):
        tarstream.make_hard_link(info, first)
    yield tarstream.header(info)
    if info.isreg():
        with open(path, "rb", buffering=0) as file:
            yield from tarstream.content(file, info.size)
    if info.isdir() and whiteouts.is_opaque(path):
        yield tarstream.header(tarfile.TarInfo(f"{name}/{whiteouts.OPAQUE}"))


def _described(path: str, name: str, found: os.stat_result) -> tarfile.TarInfo | None:
    info = tarstream.info_of(name, found)
    if info is None:
        return None
    if info.issym():
        info.linkname = os.readlink(path)
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
