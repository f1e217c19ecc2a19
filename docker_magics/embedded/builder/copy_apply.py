"""Copy the files of a plan into an image's files.

source: moby builder/dockerfile/copy.go: performCopyForInfo, internals.go.
"""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ...wire import tarstream
from ..errors import ApiError, BadParameter
from ..images.compression import decompressed
from ..images.streams import stream_of
from ..images.unpack import unpack
from ..runtime import users
from ..storage.rootfs import Rootfs
from .copy_flags import CopyFlags
from .copy_plan import CopyPlan
from .copy_sources import CopiedFile

#: A user ID and a group ID.
Owner = tuple[int, int]


def apply_copy(plan: CopyPlan, root: Rootfs, flags: CopyFlags) -> None:
    """Copy the files, and unpack the archives.

    Raises:
        BadParameter: the owner does not exist.
        ApiError: the target is a folder where a file is expected, or the other way round.
    """
    owner = _resolve_owner(flags.chown, root)
    if owner is None and not flags.source:
        owner = (0, 0)
    try:
        if plan.sources or not plan.archives:
            _copy_files(plan, root, owner, flags.chmod)
        _unpack_archives(plan, root)
    except (FileExistsError, NotADirectoryError) as error:
        reason = os.strerror(error.errno or 0).lower()
        raise ApiError(f"failed to copy files: {plan.target}: {reason}") from error


def _resolve_owner(text: str, root: Rootfs) -> Owner | None:
    if not text:
        return None
    user, _, group = text.partition(":")
    try:
        resolved = users.resolve(f"{user}:{group or user}", (), root.read_text)
    except users.NoSuchUser as error:
        kind, name = error.kind, error.name
        raise BadParameter(
            "unable to convert uid/gid chown string to host mapping:"
            f" can't find {kind[0]}id for {kind} {name}: no such {kind}: {name}"
        ) from None
    return resolved.uid, resolved.gid


def _copy_files(plan: CopyPlan, root: Rootfs, owner: Owner | None, mode: int | None) -> None:
    files, folder = plan.files(), posixpath.normpath(plan.target)
    if not (plan.into_folder or _is_folder(root, folder)):
        folder, name = posixpath.split(folder)
        files = (replace(file, name=name) for file in files)
    os.close(root.make_dirs(folder, *(owner or (0, 0))))
    archive = stream_of(_archive(files, owner, mode))
    unpack(archive, root.path, into=root.resolve(folder))


def _unpack_archives(plan: CopyPlan, root: Rootfs) -> None:
    """Unpack archives, whose files keep their owners; the target is a folder."""
    folder = posixpath.normpath(plan.target)
    for path in plan.archives:
        os.close(root.make_dirs(folder))
        with plan.root.open_file(path) as file:
            unpack(decompressed(file), root.path, into=root.resolve(folder))


def _is_folder(root: Rootfs, path: str) -> bool:
    try:
        return stat.S_ISDIR(root.stat(path).st_mode)
    except OSError:
        return False


def _archive(files: Iterable[CopiedFile], owner: Owner | None, mode: int | None) -> Iterator[bytes]:
    """Yield an archive of the files, with another owner and mode unless these are None."""
    for file in files:
        info = tarstream.info_of(file.name or ".", file.status)
        if info is None or info.ischr() or info.isblk():
            continue
        if info.issym():
            info.linkname = file.link
        if owner:
            info.uid, info.gid = owner
        if mode is not None:
            info.mode = mode
        yield tarstream.header(info)
        if info.isreg():
            with file.open() as content:
                yield from tarstream.content(content, info.size)
    yield tarstream.END
