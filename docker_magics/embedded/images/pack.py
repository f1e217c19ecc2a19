"""Pack a folder as a layer's archive. Deterministic: equal content gives equal bytes.

A layer that was made here is thus stored as a folder only: it is packed again when it is needed,
and its digest shows whether the folder has changed.

source: OCI image specification, layer.md; POSIX pax interchange format.
"""

from __future__ import annotations

import contextlib
import hashlib
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ...wire import digest, tarstream
from ..storage import whiteouts, xattrs
from ..storage.ownership import owner_in_container
from ..storage.tree_walk import WalkedFile, walk


def packed(folder: Path) -> Iterator[bytes]:
    """Yield the archive of a layer's folder. Overlayfs whiteouts become `.wh.` names.

    Raises:
        OSError: a file cannot be read.
    """
    seen: dict[tuple[int, int], str] = {}
    for file in walk(folder, onerror=_raise):
        if file.path:
            yield from _member(file, seen)
    yield tarstream.END


def _raise(error: OSError) -> None:
    raise error


class Measured(NamedTuple):
    """Measurements of the archive that a folder would be.

    Attributes:
        digest: its digest.
        size: its bytes.
        content_size: the bytes of the files in it.
    """

    digest: str
    size: int
    content_size: int


def measure(folder: Path) -> Measured:
    """Measure the archive that a folder would be."""
    hashed = hashlib.sha256()
    size = 0
    for piece in packed(folder):
        hashed.update(piece)
        size += len(piece)
    return Measured(digest.PREFIX + hashed.hexdigest(), size, content_size(folder))


def content_size(folder: Path) -> int:
    """Return the bytes of the files in a folder; a file with several names counts once.

    Containers that use the folder may change files meanwhile, and others remove the folder itself.
    """
    sizes: dict[tuple[int, int], int] = {}
    total = 0
    with contextlib.suppress(FileNotFoundError):
        for file in walk(folder):
            if file.is_folder:
                continue
            if file.stat.st_nlink == 1:
                total += file.stat.st_size
            else:
                sizes[file.identity] = file.stat.st_size
    return total + sum(sizes.values())


def _member(file: WalkedFile, seen: dict[tuple[int, int], str]) -> Iterator[bytes]:
    if whiteouts.is_whiteout(file.handle, file.stat):
        parent, _, leaf = file.path.rpartition("/")
        yield tarstream.header(tarfile.TarInfo(f"{parent}/{whiteouts.PREFIX}{leaf}".lstrip("/")))
        return
    info = header_of(file, file.path)
    if info is None:
        return
    info.pax_headers = xattrs.headers_of(file.handle, xattrs.IN_LAYERS)
    shared = file.stat.st_nlink > 1 and not file.is_folder
    first = seen.setdefault(file.identity, file.path) if shared else file.path
    if first != file.path:
        tarstream.make_hard_link(info, first)
    yield from archived(file, info)
    if info.isdir() and whiteouts.is_opaque(file.handle):
        yield tarstream.header(tarfile.TarInfo(f"{file.path}/{whiteouts.OPAQUE}"))


def header_of(file: WalkedFile, name: str) -> tarfile.TarInfo | None:
    """Return the header of a file; None for a socket, which has no place in an archive."""
    info = tarstream.info_of(name, file.stat)
    if info is not None:
        info.linkname = file.link_target()
        info.uid, info.gid = owner_in_container(info.uid, info.gid)
    return info


def archived(file: WalkedFile, info: tarfile.TarInfo) -> Iterator[bytes]:
    """Yield a file's header, and the content of one that is not a hard link to an earlier member.

    Raises:
        OSError: the content cannot be read; nothing was yielded.
    """
    if not info.isreg():
        yield tarstream.header(info)
        return
    with file.open() as content:
        yield tarstream.header(info)
        yield from tarstream.content(content, info.size)
