"""Unpack untrusted archives: nothing escapes the folder, nothing fills memory or disk.

Devices are skipped: an ordinary user cannot make them, and containers have a /dev of their own.

source: OCI image specification, layer.md; POSIX pax and GNU tar formats as Python's tarfile reads.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tarfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import IO, cast

from ...wire.tarstream import Readable
from ..errors import ApiError, BadParameter
from ..state import remove_tree
from ..storage import whiteouts, xattrs
from ..storage.ownership import lchown
from ..storage.rootfs import Rootfs

_COPY = 1 << 20
#: tarfile copies up to this much of its buffer for each header.
_BUFFER = 1 << 16
#: The largest header that is accepted: names have 4 KiB, attributes 64 KiB.
_MAX_HEADER = 1 << 20
_MAX_ENTRIES = 2_000_000
#: The bytes of the disk that stay free.
_RESERVE = 64 << 20
#: The bytes written between two checks of the disk.
_CHECK_EVERY = 64 << 20
#: The latest time that 64 bits of nanoseconds can express.
_LATEST_S = 2**63 // 1_000_000_000
#: dockerd unpacks in a process of its own, whose failures begin so.
_FAILED = "Error processing tar file(exit status 1)"


class _Header(tarfile.TarInfo):
    """A header whose extensions are bounded, as tarfile reads them into memory."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        extension = self.type in {
            tarfile.GNUTYPE_LONGNAME,
            tarfile.GNUTYPE_LONGLINK,
            tarfile.XHDTYPE,
            tarfile.XGLTYPE,
            tarfile.SOLARIS_XHDTYPE,
        }
        if self.size < 0 or (extension and self.size > _MAX_HEADER):
            raise BadParameter("invalid tar header: too large")
        return super()._proc_member(archive)  # type: ignore[misc,no-any-return]


class _WholeBlocks:
    """Pads a stream's last block, as the docker CLI's contexts may end in the middle of one.

    An empty stream becomes an empty archive.

    source: docker/cli, cli/command/image/build/context.go, AddDockerfileToBuildContext.
    """

    def __init__(self, source: Readable) -> None:
        self._source = source
        self._read = 0

    def read(self, size: int) -> bytes:
        data = self._source.read(size)
        if not data and self._read == 0:
            data = bytes(2 * tarfile.BLOCKSIZE)
        elif not data and self._read > tarfile.BLOCKSIZE:  # else it is not an archive
            data = bytes(-self._read % tarfile.BLOCKSIZE)
        self._read += len(data)
        return data


@contextlib.contextmanager
def opened(source: Readable) -> Iterator[tarfile.TarFile]:
    """Open an archive as a stream of members.

    Raises:
        BadParameter: it is not an archive, or damaged.
    """
    try:
        file = cast("IO[bytes]", _WholeBlocks(source))
        with tarfile.open(fileobj=file, mode="r|", tarinfo=_Header, bufsize=_BUFFER) as archive:
            yield archive
    except (tarfile.TarError, EOFError, UnicodeError, OverflowError, ValueError) as error:
        raise BadParameter(f"{_FAILED}: {_go_message(error)}") from error


def _go_message(error: Exception) -> str:
    """Return the message of Go's archive/tar for an error, where it has one."""
    if isinstance(error, EOFError) or str(error) in {"truncated header", "unexpected end of data"}:
        return "unexpected EOF"
    if str(error) in {"invalid header", "bad checksum"}:
        return "archive/tar: invalid tar header"
    return str(error)


def unpack(
    source: Readable,
    folder: Path,
    *,
    layer: bool = False,
    into: str = "/",
    busy: Collection[str] | None = None,
    keep_kinds: bool = False,
    owner: tuple[int, int] | None = None,
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

    Returns:
        The bytes of the regular files and of the links' targets.

    Raises:
        BadParameter: a damaged archive, or a name that escapes the folder.
        ApiError: the disk is full.
    """
    with Rootfs(folder) as root, opened(source) as archive:
        unpacking = _Unpacking(
            root, layer=layer, into=into, busy=busy, keep_kinds=keep_kinds, owner=owner
        )
        return unpacking.run(archive)


class _Unpacking:
    """Unpacks one archive; see `unpack` for the arguments."""

    def __init__(
        self,
        root: Rootfs,
        *,
        layer: bool,
        into: str,
        busy: Collection[str] | None,
        keep_kinds: bool,
        owner: tuple[int, int] | None,
    ) -> None:
        self._root = root
        self._owner = owner
        self._layer = layer
        self._busy = busy
        self._keep_kinds = keep_kinds
        self._into = into.strip("/")
        self._size = self._since_check = 0
        self._folders: dict[str, tarfile.TarInfo] = {}
        self._parent = ("", -1)
        # An ordinary user owns every file, and must be able to read what the image's root can.
        self._min_mode = 0 if os.geteuid() == 0 else 0o600

    def run(self, archive: tarfile.TarFile) -> int:
        self._check_disk()
        try:
            for count, member in enumerate(archive):
                if count >= _MAX_ENTRIES:
                    raise BadParameter(f"more than {_MAX_ENTRIES} entries in an archive")
                self._add(archive, member)
                archive.members = []  # type: ignore[attr-defined]  # else it keeps all of them
            for path in sorted(self._folders, reverse=True):
                self._finish_folder(path, self._folders[path])
        except OSError as error:
            raise _as_api_error(error) from error
        finally:
            self._close_parent()
        return self._size

    def _add(self, archive: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        if self._owner is not None:
            member.uid, member.gid = self._owner
        path = self._path(member.name)
        if path == ("" if self._busy is None else self._into):
            if self._busy is None:
                self._folders[""] = member
            return
        self._check_busy(path, member)
        above, _, name = path.rpartition("/")
        if self._layer and name.startswith(whiteouts.PREFIX):
            self._whiteout(above, name)
            return
        if member.isdir():
            self._make_folder(path, above, name, member)
            return
        parent = self._open_parent(above)
        if member.isreg():
            self._write(archive, member, parent, name)
            return
        self._clear(parent, name)
        if member.issym():
            self._size += len(os.fsencode(member.linkname))
            os.symlink(member.linkname, name, dir_fd=parent)
            self._finish(parent, name, member)
        elif member.islnk():
            self._link(member, parent, name)
        elif member.isfifo():
            os.mkfifo(name, dir_fd=parent)
            os.chmod(name, member.mode & 0o7777, dir_fd=parent)
            self._finish(parent, name, member)

    def _check_busy(self, path: str, member: tarfile.TarInfo) -> None:
        """Refuse to replace a mount point, or a folder above one."""
        points = self._busy or ()
        replaces_above = not member.isdir() and any(
            point.startswith(f"/{path}/") for point in points
        )
        if replaces_above or f"/{path}" in points:
            raise ApiError(f"{_FAILED}: unlinkat /{path}: device or resource busy")

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

    def _make_folder(self, path: str, above: str, name: str, member: tarfile.TarInfo) -> None:
        parent = self._open_parent(above)
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
                os.mkdir(name, 0o700, dir_fd=parent)
        # Modes and times are set last: a read-only folder could not be filled.
        self._folders[path] = member

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

    def _write(
        self, archive: tarfile.TarFile, member: tarfile.TarInfo, parent: int, name: str
    ) -> None:
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            fd = os.open(name, flags, 0o600, dir_fd=parent)
        except FileExistsError:
            self._clear(parent, name)
            fd = os.open(name, flags, 0o600, dir_fd=parent)
        with os.fdopen(fd, "wb", buffering=0) as file:
            content = archive.extractfile(member)
            while content is not None and (data := content.read(_COPY)):
                file.write(data)
                self._count(len(data))
            if member.uid or member.gid:
                lchown(name, member.uid, member.gid, dir_fd=parent)
            os.fchmod(fd, member.mode & 0o7777 | self._min_mode)  # after chown, which clears setuid
            self._set_attributes(fd, member)  # and capabilities
            os.utime(fd, ns=_times(member))

    def _count(self, size: int) -> None:
        self._size += size
        self._since_check += size
        if self._since_check >= _CHECK_EVERY:
            self._check_disk()

    def _check_disk(self) -> None:
        self._since_check = 0
        disk = os.statvfs(self._root.path)
        if disk.f_bavail * disk.f_frsize < _RESERVE:
            raise ApiError("no space left on device")

    def _link(self, member: tarfile.TarInfo, parent: int, name: str) -> None:
        """Make a hard link to a file inside the folder."""
        target = self._path(member.linkname)
        folder, leaf = self._root.open_parent(target)
        try:
            status = os.stat(leaf, dir_fd=folder, follow_symlinks=False)
            if stat.S_ISDIR(status.st_mode):
                raise BadParameter(f'invalid hard link in archive: "{member.linkname}"')
            os.link(leaf, name, src_dir_fd=folder, dst_dir_fd=parent, follow_symlinks=False)
        except FileNotFoundError as error:
            raise BadParameter(
                f'invalid hard link in archive: "{member.linkname}" is not in it'
            ) from error
        finally:
            os.close(folder)

    def _set_attributes(self, fd: int, member: tarfile.TarInfo) -> None:
        for key, value in member.pax_headers.items():
            name = key.removeprefix(xattrs.PREFIX)
            # An empty value means that there is none, as in Go; the kernel cannot read it back.
            allowed = bool(value) and name != key and name.startswith(xattrs.IN_LAYERS)
            if allowed and not name.startswith(whiteouts.OWN_ATTRIBUTES):
                with contextlib.suppress(OSError):  # where this user may
                    os.setxattr(fd, name, value.encode("utf-8", "surrogateescape"))

    def _finish(self, parent: int, name: str, member: tarfile.TarInfo) -> None:
        if member.uid or member.gid:
            lchown(name, member.uid, member.gid, dir_fd=parent)
        os.utime(name, ns=_times(member), dir_fd=parent, follow_symlinks=False)

    def _finish_folder(self, path: str, member: tarfile.TarInfo) -> None:
        try:
            fd = self._root.open(path or "/", os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except (FileNotFoundError, NotADirectoryError):
            return  # replaced by a later member
        try:
            lchown(".", member.uid, member.gid, dir_fd=fd)
            os.fchmod(fd, member.mode & 0o7777 | (self._min_mode and 0o700))
            self._set_attributes(fd, member)
            os.utime(fd, ns=_times(member))
        finally:
            os.close(fd)


def _times(member: tarfile.TarInfo) -> tuple[int, int]:
    """Return access and modification time in nanoseconds; those out of Go's range are 0."""
    seconds = float(member.mtime)
    ns = int(seconds * 1_000_000_000) if 0 <= seconds < _LATEST_S else 0
    return ns, ns


def _as_api_error(error: OSError) -> ApiError:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return ApiError("no space left on device")
        case errno.EEXIST | errno.ELOOP | errno.ENAMETOOLONG | errno.ENOENT | errno.ENOTDIR:
            return BadParameter(f"invalid path in archive: {error}")
    return ApiError(f"unpacking failed: {error}")
