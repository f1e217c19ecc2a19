"""Unpack untrusted archives: nothing escapes the folder, nothing fills memory or disk.

Devices are skipped: an ordinary user cannot make them, and containers have a /dev of their own.

source: OCI image specification, layer.md; moby pkg/archive/archive.go: createTarFile.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tarfile
import tempfile
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from ...wire.tarreader import XATTR, TarError, TarReader
from ...wire.tarstream import Readable
from ..errors import DISK_FULL, ApiError, BadParameter, full_disk_as_api_error
from ..state import remove_tree
from ..storage import whiteouts, xattrs
from ..storage.ownership import chown
from ..storage.rootfs import Rootfs
from . import disk_room
from .disk_room import Disk
from .hard_links import HardLinks
from .late_folders import LateFolders
from .tar_split import TarSplit

_COPY = 1 << 20
_MAX_ENTRIES = 2_000_000
#: The latest time that 64 bits of nanoseconds can express.
_LATEST_S = 2**63 // 1_000_000_000
#: The bytes of the folders' attributes that are kept in memory; the rest is in a temporary file.
_FOLDERS_IN_MEMORY = 1 << 20


class _Source:
    """An archive whose own errors are not taken for those of what is unpacked."""

    def __init__(self, source: Readable) -> None:
        self._source = source

    def read(self, size: int, /) -> bytes:
        try:
            return self._source.read(size)
        except OSError as error:
            raise ApiError(f"cannot read the archive: {error}") from error


@contextlib.contextmanager
def opened(
    source: Readable, on_bytes: Callable[[bytes], object] | None = None
) -> Iterator[TarReader]:
    """Read an archive as a stream of members.

    Args:
        source: the archive, not compressed.
        on_bytes: receives all but the content that is read from the reader.

    Raises:
        BadParameter: it is not an archive, or damaged.
    """
    try:
        reader = TarReader(_Source(source), on_bytes)
        yield reader
        reader.skip_rest()
    except TarError as error:
        raise BadParameter(str(error)) from error


def unpack(
    source: Readable,
    folder: Path,
    *,
    layer: bool = False,
    into: str = "/",
    busy: Collection[str] | None = None,
    keep_kinds: bool = False,
    owner: tuple[int, int] | None = None,
    split: TarSplit | None = None,
) -> int:
    """Unpack a tar stream below a folder.

    Args:
        source: the stream, not compressed.
        folder: exists; acts as "/" for every name and link in the archive.
        layer: turn `.wh.` names into overlayfs whiteouts.
        into: the folder's subfolder that the archive's names are relative to.
        busy: a container's mount points, which are not replaced; None outside of a container.
            In a container the archive's entry of `into` itself is ignored.
        keep_kinds: refuse to replace a folder with a file, or a file with a folder.
        owner: the owner and group of everything; None for the archive's.
        split: receives what the archive has beyond the files.

    Returns:
        The bytes of the regular files and of the links' targets.

    Raises:
        BadParameter: a damaged archive, or a name that escapes the folder.
        ApiError: the disk is full.
    """
    disk = Disk(folder)

    def keep(data: bytes) -> None:
        if split is not None:
            split.write(data)
            disk.count(len(data))

    with (
        full_disk_as_api_error(),
        Rootfs(folder) as root,
        opened(source, keep) as archive,
        tempfile.SpooledTemporaryFile(_FOLDERS_IN_MEMORY, "w+") as folders,
    ):
        unpacking = _Unpacking(
            root,
            LateFolders(folders),
            disk,
            layer=layer,
            into=into,
            busy=busy,
            keep_kinds=keep_kinds,
            owner=owner,
            split=split,
        )
        return unpacking.run(archive)


class _Unpacking:
    """Unpacks one archive; see `unpack` for the arguments."""

    def __init__(
        self,
        root: Rootfs,
        folders: LateFolders,
        disk: Disk,
        *,
        layer: bool,
        into: str,
        busy: Collection[str] | None,
        keep_kinds: bool,
        owner: tuple[int, int] | None,
        split: TarSplit | None,
    ) -> None:
        self._root = root
        self._split = split
        self._links = HardLinks(disk)
        self._owner = owner
        self._layer = layer
        self._busy = busy
        self._keep_kinds = keep_kinds
        self._into = into.strip("/")
        self._size = 0
        self._folders = folders
        self._disk = disk
        self._parent = ("", -1)
        # An ordinary user owns every file, and must be able to read what the image's root can.
        self._min_mode = 0 if os.geteuid() == 0 else 0o600

    def run(self, archive: TarReader) -> int:
        self._disk.check()
        try:
            for count, member in enumerate(archive):
                if count >= _MAX_ENTRIES:
                    raise BadParameter(f"more than {_MAX_ENTRIES} entries in an archive")
                self._add(archive, member)
            # Modes and times come last: a read-only folder could not be filled.
            for folder, member in self._folders.opened(self._root):
                mode = member.mode | (self._min_mode and 0o700)
                self._set_attributes(folder, member, mode)
        except OSError as error:
            raise _as_api_error(error) from error
        finally:
            self._close_parent()
        return self._size

    def _add(self, archive: TarReader, member: tarfile.TarInfo) -> None:
        if self._owner is not None:
            member.uid, member.gid = self._owner
        path = self._path(member.name)
        if path == ("" if self._busy is None else self._into):
            if self._busy is None:
                self._folders.add("", self._root.stat("/"), member)
            return
        self._check_busy(path, member)
        above, _, name = path.rpartition("/")
        if self._layer and name.startswith(whiteouts.PREFIX):
            self._whiteout(above, name)
            return
        parent = self._open_parent(above)
        if member.isdir():
            self._make_folder(path, parent, name, member)
        elif member.isreg():
            self._write(archive, member, parent, name)
            if self._split is not None and not archive.is_sparse:
                self._split.add_file(path, member.size)
        elif not member.isdev() or member.isfifo():
            self._clear(parent, name)
            self._make_special(member, parent, name)

    def _make_special(self, member: tarfile.TarInfo, parent: int, name: str) -> None:
        if member.islnk():
            self._link(member, parent, name)
        elif member.issym():
            os.symlink(member.linkname, name, dir_fd=parent)
            self._size += len(os.fsencode(member.linkname))
            self._finish(parent, name, member, stat.S_IFLNK)
        elif member.isfifo():
            os.mkfifo(name, 0o600, dir_fd=parent)
            self._finish(parent, name, member, stat.S_IFIFO)
        else:
            kind = ord(member.type)
            raise BadParameter(f"unhandled tar header type {kind}")

    def _check_busy(self, path: str, member: tarfile.TarInfo) -> None:
        """Refuse to replace a mount point, or a folder above one."""
        points = self._busy or ()
        below = [point for point in points if point.startswith(f"/{path}/")]
        if f"/{path}" in points or (below and not member.isdir()):
            relative = path.removeprefix(f"{self._into}/")
            raise ApiError(f"RemoveAll {relative}: device or resource busy")

    def _path(self, name: str) -> str:
        """Return a member's path below the folder, in which `..` may not escape."""
        if "\0" in name:
            raise BadParameter("invalid tar header: NUL in a name")
        kept: list[str] = []
        for part in name.split("/"):
            if part == "..":
                if not kept:
                    raise BadParameter(f'invalid path in archive: "{name}" leads out of it')
                kept.pop()
            elif part not in {"", "."}:
                kept.append(part)
        return "/".join([self._into, *kept] if self._into else kept)

    def _open_parent(self, path: str) -> int:
        """Return a descriptor of a folder, which stays open for further members of it."""
        if self._parent[1] < 0 or self._parent[0] != path:
            self._close_parent()
            self._parent = (path, self._root.make_dirs(path or "/"))
        return self._parent[1]

    def _close_parent(self) -> None:
        if self._parent[1] >= 0:
            os.close(self._parent[1])
        self._parent = ("", -1)

    def _clear(self, parent: int, name: str) -> None:
        """Remove an earlier member of the same name."""
        try:
            os.unlink(name, dir_fd=parent)
        except FileNotFoundError:
            return
        except (IsADirectoryError, PermissionError):
            if self._keep_kinds:
                raise BadParameter(
                    f'cannot overwrite directory "{name}" with non-directory'
                ) from None
            remove_tree(name, dir_fd=parent)
        self._removed()

    def _removed(self) -> None:
        """Note that an earlier member is gone, with a content that the archive has."""
        if self._split is not None:
            self._split.is_exact = False

    def _make_folder(self, path: str, parent: int, name: str, member: tarfile.TarInfo) -> None:
        try:
            os.mkdir(name, 0o700, dir_fd=parent)
        except FileExistsError:
            status = os.stat(name, dir_fd=parent, follow_symlinks=False)
            if not stat.S_ISDIR(status.st_mode):
                if self._keep_kinds:
                    raise BadParameter(
                        f'cannot overwrite non-directory "{name}" with directory'
                    ) from None
                os.unlink(name, dir_fd=parent)
                self._removed()
                os.mkdir(name, 0o700, dir_fd=parent)
        status = os.stat(name, dir_fd=parent, follow_symlinks=False)
        self._folders.add(path, status, member)

    def _whiteout(self, above: str, name: str) -> None:
        parent = self._open_parent(above)
        if name == whiteouts.OPAQUE:
            whiteouts.make_opaque(parent)
        elif not name.startswith(whiteouts.RESERVED):
            hidden = name.removeprefix(whiteouts.PREFIX)
            if hidden in {"", ".", ".."}:
                raise BadParameter(f'invalid path in archive: "{name}"')
            self._clear(parent, hidden)
            whiteouts.make_whiteout(hidden, parent)

    def _write(self, archive: TarReader, member: tarfile.TarInfo, parent: int, name: str) -> None:
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            fd = os.open(name, flags, 0o600, dir_fd=parent)
        except FileExistsError:
            self._clear(parent, name)
            fd = os.open(name, flags, 0o600, dir_fd=parent)
        if member.size >= disk_room.CHECK_EVERY:
            self._disk.check(member.size)
        with os.fdopen(fd, "wb", buffering=0) as file:
            while data := archive.read(_COPY):
                file.write(data)
                self._size += len(data)
                self._disk.count(len(data))
            self._set_attributes(fd, member, member.mode | self._min_mode)

    def _link(self, member: tarfile.TarInfo, parent: int, name: str) -> None:
        """Make a hard link to a file inside the folder."""
        target = self._path(member.linkname)
        try:
            fd = self._root.open_folder_or_file(f"/{target}", follow=False)
        except FileNotFoundError as error:
            raise BadParameter(
                f'invalid hard link in archive: "{member.linkname}" is not in it'
            ) from error
        try:
            if stat.S_ISDIR(os.fstat(fd).st_mode):
                raise BadParameter(f'invalid hard link in archive: "{member.linkname}"')
            self._links.make(fd, parent, name)
        finally:
            os.close(fd)

    def _finish(self, parent: int, name: str, member: tarfile.TarInfo, kind: int) -> None:
        """Set what a new link or FIFO has, unless a container has replaced it meanwhile."""
        try:
            fd = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
        except FileNotFoundError:
            return
        try:
            if stat.S_IFMT(os.fstat(fd).st_mode) == kind:
                mode = None if kind == stat.S_IFLNK else member.mode
                self._set_attributes(_handle(fd), member, mode)
        finally:
            os.close(fd)

    @staticmethod
    def _set_attributes(file: int | str, member: tarfile.TarInfo, mode: int | None) -> None:
        """Set owner, mode (None for a link), extended attributes and times.

        Args:
            file: a descriptor, or the handle of one that was opened with O_PATH.
            member: has them.
            mode: of the file; set after the owner, which clears setuid and capabilities.
        """
        chown(file, member.uid, member.gid)
        if mode is not None:
            os.chmod(file, mode & 0o7777)
            _set_extended_attributes(file, member)
        os.utime(file, ns=_times(member))


def _handle(fd: int) -> str:
    """Return a path that leads to an open file itself, for calls that do not take O_PATH."""
    return f"/proc/self/fd/{fd}"


def _set_extended_attributes(file: int | str, member: tarfile.TarInfo) -> None:
    for key, value in member.pax_headers.items():
        name = key.removeprefix(XATTR)
        # An empty value means that there is none, as in Go; the kernel cannot read it back.
        allowed = bool(value) and name.startswith(xattrs.IN_LAYERS)
        if allowed and not name.startswith(whiteouts.OWN_ATTRIBUTES):
            with contextlib.suppress(OSError):  # where this user may
                os.setxattr(file, name, value.encode("utf-8", "surrogateescape"))


def _times(member: tarfile.TarInfo) -> tuple[int, int]:
    """Return access and modification time in nanoseconds; those out of Go's range are 0."""
    seconds = float(member.mtime)
    ns = int(seconds * 1_000_000_000) if 0 <= seconds < _LATEST_S else 0
    return ns, ns


def _as_api_error(error: OSError) -> ApiError:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return ApiError(DISK_FULL)
        case errno.EEXIST | errno.ELOOP | errno.ENAMETOOLONG | errno.ENOENT | errno.ENOTDIR:
            return BadParameter(f"invalid path in archive: {error}")
    return ApiError(f"unpacking failed: {error}")
