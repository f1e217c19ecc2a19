"""Pack a folder as a layer's archive. Deterministic: equal content gives equal bytes.

A layer that was made here is thus stored as a folder only: it is packed again when it is needed,
and its digest shows whether the folder has changed.

source: OCI image specification, layer.md; POSIX pax interchange format.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path

from ...wire import digest, tarstream
from ..storage import whiteouts, xattrs


def packed(folder: Path) -> Iterator[bytes]:
    """Yield the archive of a layer's folder. Overlayfs whiteouts become `.wh.` names."""
    seen: dict[tuple[int, int], str] = {}
    for path, name in _walk(folder):
        yield from _member(path, name, seen)
    yield tarstream.END


def digest_of(folder: Path) -> tuple[str, int]:
    """Return the digest that the archive would have, and the bytes of the files in it."""
    hashed = hashlib.sha256()
    for piece in packed(folder):
        hashed.update(piece)
    return digest.PREFIX + hashed.hexdigest(), content_size(folder)


def content_size(folder: Path) -> int:
    """Return the bytes of the files in a folder; a file with several names counts once.

    Containers that use the folder may remove files meanwhile, and others the folder itself.
    """
    sizes: dict[tuple[int, int], int] = {}
    for parent, folders, files in os.walk(folder):  # which skips what is gone
        for name in (*folders, *files):
            with contextlib.suppress(FileNotFoundError):
                status = os.lstat(f"{parent}/{name}")
                if not stat.S_ISDIR(status.st_mode):
                    sizes[status.st_dev, status.st_ino] = status.st_size
    return sum(sizes.values())


def _walk(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield path and name of everything below, sorted, each folder before its content."""
    pending = [(os.fspath(folder), "")]
    while pending:
        path, name = pending.pop()
        if name:
            yield path, name
        if not name or stat.S_ISDIR(os.lstat(path).st_mode):
            prefix = f"{name}/" if name else ""
            children = sorted(os.listdir(path), reverse=True)
            pending += [(f"{path}/{child}", f"{prefix}{child}") for child in children]


def _member(path: str, name: str, seen: dict[tuple[int, int], str]) -> Iterator[bytes]:
    status = os.lstat(path)
    if whiteouts.is_whiteout(path, status):
        parent, _, leaf = name.rpartition("/")
        yield tarstream.header(tarfile.TarInfo(f"{parent}/{whiteouts.PREFIX}{leaf}".lstrip("/")))
        return
    info = _info(path, name, status)
    if info is None:
        return
    first = seen.setdefault((status.st_dev, status.st_ino), name) if status.st_nlink > 1 else name
    if first != name and not stat.S_ISDIR(status.st_mode):
        tarstream.make_hard_link(info, first)
    yield tarstream.header(info)
    if info.isreg():
        with open(path, "rb", buffering=0) as file:
            yield from tarstream.content(file, info.size)
    if info.isdir() and whiteouts.is_opaque(path):
        yield tarstream.header(tarfile.TarInfo(f"{name}/{whiteouts.OPAQUE}"))


def _info(path: str, name: str, status: os.stat_result) -> tarfile.TarInfo | None:
    info = tarstream.info_of(name, status)
    if info is None:
        return None
    if info.issym():
        info.linkname = os.readlink(path)
    info.pax_headers = xattrs.headers_of(path, xattrs.IN_LAYERS)
    return info
