"""Entries of a tar that are made here, not read from a disk."""

from __future__ import annotations

import io
import tarfile


def folder(tar: tarfile.TarFile, name: str, mode: int, owner: int = 0) -> None:
    """A folder; its group has its owner's number."""
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.uid, entry.gid = tarfile.DIRTYPE, mode, owner, owner
    tar.addfile(entry)


def file(tar: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    """A file, root's."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    tar.addfile(entry, io.BytesIO(content))


def link(tar: tarfile.TarFile, name: str, target: str) -> None:
    """A symbolic link."""
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = tarfile.SYMTYPE, target
    tar.addfile(entry)
