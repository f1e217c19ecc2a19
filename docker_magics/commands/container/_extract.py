"""Extracting archives that strangers made: nothing is written, linked or made outside the folder.

tarfile's own filters are not in every Python 3.11, and let through links that only look as if they
stayed inside (CVE-2025-4517).
"""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from docker_magics.errors import UsageError


class Refused(Exception):
    """An entry that is left out, and why."""


def unpack(
    archive: Any, folder: str, rename: Callable[[str], str], say: Callable[[str], None]
) -> None:
    """Extract an archive; what would leave the folder is left out, with a word.

    Modes stay, but for setuid and its like; everything is the user's own.

    Args:
        archive: a file, read once from its beginning.
        folder: where the entries go.
        rename: an entry's name -> the one that it gets.
        say: is told what was left out.

    Raises:
        UsageError: the archive is cut off, or a file cannot be written.
    """
    root = Path(folder).resolve()
    folders: dict[Path, tarfile.TarInfo] = {}
    try:
        with tarfile.open(fileobj=archive, mode="r|") as tar:
            for member in tar:
                try:
                    target = _parent(root, rename(member.name)) / _parts(rename(member.name))[-1]
                    _extract(tar, member, target, root, rename)
                except Refused as error:
                    say(f"left out: {member.name!r} {error}")
                    continue
                if member.isdir():
                    folders[target] = member
        _finish(folders.items())
    except (tarfile.ReadError, EOFError) as error:
        raise UsageError("unexpected EOF") from error
    except OSError as error:
        raise UsageError(f"{error.filename or folder}: {str(error.strerror).lower()}") from error


def _parts(name: str) -> list[str]:
    """A name's parts below the folder; the last of `/` is `.`."""
    parts = [part for part in name.split("/") if part not in {"", "."}]
    if ".." in parts:
        raise Refused("leads out of the folder")
    return parts or ["."]


def _parent(root: Path, name: str) -> Path:
    """The folder of an entry, made where it is missing; no link leads there."""
    place = root
    for part in _parts(name)[:-1]:
        place /= part
        if place.is_symlink():
            raise Refused("leads through a link")
        place.mkdir(exist_ok=True)
    return place


def _extract(
    tar: tarfile.TarFile,
    member: tarfile.TarInfo,
    target: Path,
    root: Path,
    rename: Callable[[str], str],
) -> None:
    if member.isdir():
        if target.is_symlink():
            target.unlink()
        target.mkdir(exist_ok=True)
        return
    if member.issym():
        _check_link(member.linkname, depth=len(target.relative_to(root).parts) - 1)
        _make_room(target)
        target.symlink_to(member.linkname)
    elif member.islnk():
        linked = rename(member.linkname)
        source = _parent(root, linked) / _parts(linked)[-1]
        if source.is_symlink() or not source.is_file():
            raise Refused("is a link to what is not in the archive")
        _make_room(target)
        target.hardlink_to(source)
    elif member.isreg():
        _make_room(target)
        _write(tar, member, target)
    else:
        raise Refused("is no file, folder or link")


def _check_link(to: str, *, depth: int) -> None:
    """Refuse a link that leaves: `..` may climb as far as the link lies deep, and only at first.

    Behind a name it could come from wherever another link led.
    """
    parts = [part for part in to.split("/") if part not in {"", "."}]
    climbs = 0
    while climbs < len(parts) and parts[climbs] == "..":
        climbs += 1
    if to.startswith("/") or climbs > depth or ".." in parts[climbs:]:
        raise Refused(f"is a link that leads out of the folder: {to!r}")


def _make_room(target: Path) -> None:
    """A file or link that stands there is replaced, never written through."""
    if target.is_symlink() or target.is_file():
        target.unlink()


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    content = tar.extractfile(member)
    with target.open("xb") as file:
        if content is not None:
            shutil.copyfileobj(content, file)
    _take_over(member, target)


def _finish(folders: Iterable[tuple[Path, tarfile.TarInfo]]) -> None:
    """Modes and times of folders come last, the deepest first: a read-only one takes no files."""
    for target, member in sorted(folders, reverse=True):
        if target.is_dir() and not target.is_symlink():
            _take_over(member, target)


def _take_over(member: tarfile.TarInfo, target: Path) -> None:
    target.chmod(member.mode & 0o777)
    os.utime(target, (member.mtime, member.mtime))
