"""Extracting untrusted archives: nothing is created outside of the target folder.

tarfile's filters are missing in early releases of Python 3.11, and accept links that only seem to
stay inside (CVE-2025-4517).
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
    """An entry is skipped; the message says why."""


def unpack(archive: Any, folder: str, rename: Callable[[str], str]) -> list[str]:
    """Extract an archive; skip entries that would escape the folder, and return why.

    Links keep their targets, absolute ones too, but nothing is written through a link. Modes are
    kept, except for setuid, setgid and sticky bits; the user owns all files.

    Args:
        archive: a file, read once from its beginning.
        folder: the target folder.
        rename: an entry's name -> its new name.

    Raises:
        UsageError: the archive is truncated, or a file cannot be written.
    """
    root = Path(folder).resolve()
    folders: dict[Path, tarfile.TarInfo] = {}
    refusals: list[str] = []
    try:
        with tarfile.open(fileobj=archive, mode="r|") as tar:
            for member in tar:
                try:
                    target = _parent(root, rename(member.name)) / _parts(rename(member.name))[-1]
                    _extract(tar, member, target, root, rename)
                except Refused as error:
                    refusals.append(str(error))
                    continue
                if member.isdir():
                    folders[target] = member
        _finish(folders.items())
    except (tarfile.ReadError, EOFError) as error:
        raise UsageError("unexpected EOF") from error
    except OSError as error:
        raise UsageError(f"{error.filename or folder}: {str(error.strerror).lower()}") from error
    return refusals


def _parts(name: str) -> list[str]:
    """Return the parts of a name below the folder; ["."] for the folder itself."""
    parts = [part for part in name.split("/") if part not in {"", "."}]
    if ".." in parts:
        raise Refused(f"skipped: {name!r} leads out of the folder")
    return parts or ["."]


def _parent(root: Path, name: str) -> Path:
    """Return an entry's parent folder, creating it if missing; no part may be a link."""
    place = root
    for part in _parts(name)[:-1]:
        place /= part
        if place.is_symlink():
            raise Refused(f"skipped: {name!r} leads through a link")
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
        _check_link(target, member.linkname, root)
        _make_room(target)
        target.symlink_to(member.linkname)
    elif member.islnk():
        linked = rename(member.linkname)
        source = _parent(root, linked) / _parts(linked)[-1]
        if source.is_symlink() or not source.is_file():
            raise Refused(
                f"skipped: {member.name!r} is a hard link to a file outside of the archive"
            )
        _make_room(target)
        target.hardlink_to(source)
    elif member.isreg():
        _make_room(target)
        _write(tar, member, target)
    elif member.isfifo():
        _make_room(target)
        os.mkfifo(target)
        _apply_metadata(member, target)
    else:
        raise Refused(f"skipped: {member.name!r} is a device")


def _check_link(link: Path, to: str, root: Path) -> None:
    """Reject a relative link that leads out of the folder, as the docker CLI does.

    source: moby/go-archive, archive.go: createTarFile.
    """
    if not Path(os.path.normpath(f"{link.parent}/{to}")).is_relative_to(root):
        raise Refused(f'invalid symlink "{link}" -> "{to}"')


def _make_room(target: Path) -> None:
    """Remove an existing file or link, so that nothing is written through a link."""
    if target.is_symlink() or target.is_file():
        target.unlink()


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    content = tar.extractfile(member)
    with target.open("xb") as file:
        if content is not None:
            shutil.copyfileobj(content, file)
    _apply_metadata(member, target)


def _finish(folders: Iterable[tuple[Path, tarfile.TarInfo]]) -> None:
    """Apply modes and times of folders at the end, the deepest first: they may be read-only."""
    for target, member in sorted(folders, reverse=True):
        if target.is_dir() and not target.is_symlink():
            _apply_metadata(member, target)


def _apply_metadata(member: tarfile.TarInfo, target: Path) -> None:
    target.chmod(member.mode & 0o777)
    os.utime(target, (member.mtime, member.mtime))
