"""Opens a container's own files where others of its root are an image's, and makes those its own.

What it is asked for comes from strangers: it opens only files that are in the root at that moment
and do not belong to an image.

source: renameat2(2); proc(5): /proc/PID/fd.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from .. import syscalls
from ..storage import shared_tree

_FLAGS = (
    os.O_ACCMODE | os.O_TRUNC | os.O_APPEND | os.O_NONBLOCK | os.O_SYNC | os.O_DIRECT
    | os.O_NOATIME | os.O_PATH
)  # fmt: skip
#: What the kernel adds to the path of a file without a name.
_DELETED = " (deleted)"
#: A symbolic link beside the root, named after the draft of a copy: the copy's inode and path.
_COPY = "-copy"


class OwnFiles:
    """Opens those files of a root that are the container's own, and makes them so.

    Args:
        root: the root.
        files: which of its files are an image's.
    """

    def __init__(self, root: Path, files: shared_tree.SharedFiles) -> None:
        self._root = os.open(root, os.O_PATH | os.O_DIRECTORY)
        self._prefix = self._path()
        #: A folder on the root's filesystem that the container does not reach.
        self.drafts = os.open(root.parent, os.O_RDONLY | os.O_DIRECTORY)
        self._files = files

    def open(self, fd: int, flags: int) -> int:
        """Open a file that is in the root; an image's is copied before.

        Args:
            fd: of the file, as by O_PATH.
            flags: of open(2). With O_PATH, the answer is for other changes than of the content;
                with O_EXCL, it was just made, and its mode does not matter.

        Raises:
            OSError: EXDEV if O_PATH asks to change a file that is not an image's; ESTALE if an
                image's file has no name in the root; EACCES if another is outside of the root.
        """
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISFIFO(status.st_mode):
            raise PermissionError(errno.EACCES, "it is no file")
        is_shared = self._files.has(status)
        if flags & os.O_PATH and not is_shared:
            raise OSError(errno.EXDEV, "it is no image's")
        own = self._earlier_copy(fd) if is_shared else None
        if own is None:
            with self._find(fd, status) as (folder, name):
                if not is_shared:
                    return _open(fd, status, flags)
                _check_writable(fd, flags)
                # the filesystem may refuse O_DIRECT, and then truncates nothing
                truncates = flags & os.O_TRUNC and not flags & os.O_DIRECT
                own = self._copy(fd, status, folder, name, with_content=not truncates)
        try:
            return _open(own, os.fstat(own), flags & ~os.O_EXCL)
        finally:
            os.close(own)

    def is_inside(self, folder: int) -> bool:
        """Whether a folder is the root or in it."""
        path = os.fsencode(os.readlink(f"/proc/self/fd/{folder}")) + b"/"
        return self._path() == self._prefix and path.startswith(self._prefix)

    def is_shared(self, draft: str) -> bool:
        """Whether a file in `drafts` is an image's, whose content must not change."""
        status = os.stat(draft, dir_fd=self.drafts, follow_symlinks=False)
        return stat.S_ISREG(status.st_mode) and self._files.has(status)

    def replace_draft(self, draft: str) -> None:
        """Put a copy in the place of a file in `drafts` that is an image's."""
        if not self.is_shared(draft):
            return
        fd = os.open(draft, os.O_PATH | os.O_NOFOLLOW, dir_fd=self.drafts)
        copied = f"{draft}{_COPY}"
        made = os.open(copied, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=self.drafts)
        try:
            _fill(made, fd, os.fstat(fd), with_content=True)
            os.rename(copied, draft, src_dir_fd=self.drafts, dst_dir_fd=self.drafts)
        except OSError:
            os.unlink(copied, dir_fd=self.drafts)
            raise
        finally:
            os.close(made)
            os.close(fd)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Let no other shim change the root, and no engine make it over (`renewal.py`).

        Raises:
            OSError: ESTALE if it is another container's by now.
        """
        fcntl.flock(self.drafts, fcntl.LOCK_EX)
        try:
            if self._path() != self._prefix:
                raise OSError(errno.ESTALE, "the root is another container's by now")
            yield
        finally:
            fcntl.flock(self.drafts, fcntl.LOCK_UN)

    def _path(self) -> bytes:
        """Return where the root is: it is moved when its container is removed."""
        return os.fsencode(os.readlink(f"/proc/self/fd/{self._root}")) + b"/"

    @contextlib.contextmanager
    def _find(self, fd: int, status: os.stat_result) -> Iterator[tuple[int, str]]:
        """Yield the folder in which a file is, and its name there."""
        path = os.fsencode(os.readlink(f"/proc/self/fd/{fd}"))
        if not path.startswith(self._prefix):
            number = errno.ESTALE if self._files.has(status) else errno.EACCES
            raise OSError(number, "it is outside of the root")
        above, name = os.path.split(os.fsdecode(path.removeprefix(self._prefix)))
        flags = os.O_PATH | os.O_DIRECTORY
        folder = syscalls.open_beneath(self._root, above or ".", flags, links=False)
        try:
            present = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if not os.path.samestat(present, status):
                raise OSError(errno.ESTALE, "it has moved")
            yield folder, name
        except FileNotFoundError:
            raise OSError(errno.ESTALE, "it was removed") from None
        finally:
            os.close(folder)

    def _earlier_copy(self, fd: int) -> int | None:
        """Return the copy (O_PATH) of an image's file that was opened before it was copied."""
        place = os.readlink(f"/proc/self/fd/{fd}").removesuffix(_DELETED)
        folder, name = os.path.split(place)
        if os.fsencode(folder) != os.path.dirname(self._prefix[:-1]):
            return None
        try:
            inode, path = os.readlink(name + _COPY, dir_fd=self.drafts).split(" ", 1)
            own = syscalls.open_beneath(self._root, path, os.O_PATH, links=False)
        except OSError:  # no such copy, or it has been removed
            return None
        status = os.fstat(own)
        if stat.S_ISREG(status.st_mode) and status.st_ino == int(inode):
            return own
        os.close(own)
        return None

    def _copy(
        self, fd: int, status: os.stat_result, folder: int, name: str, *, with_content: bool
    ) -> int:
        """Put a copy of a file in its place; return its descriptor (O_PATH).

        Only one is made at a time: another shim could replace a copy that is already written to.
        """
        with self.locked():
            present = os.open(name, os.O_PATH | os.O_NOFOLLOW, dir_fd=folder)
            there = os.fstat(present)
            if stat.S_ISREG(there.st_mode) and not self._files.has(there):
                return present  # another shim has copied it
            os.close(present)
            if not os.path.samestat(there, status):
                raise OSError(errno.ESTALE, "it has moved")
            return self._replace(fd, status, folder, name, with_content=with_content)

    def _replace(
        self, fd: int, status: os.stat_result, folder: int, name: str, *, with_content: bool
    ) -> int:
        draft = f"draft-{secrets.token_hex(8)}"
        times = os.stat(f"/proc/self/fd/{folder}")
        made = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=self.drafts)
        try:
            _fill(made, fd, status, with_content=with_content)
            opened = os.open(draft, os.O_PATH | os.O_NOFOLLOW, dir_fd=self.drafts)
            with _changeable(folder):
                syscalls.exchange(draft, name, self.drafts, folder)
                replaced = os.stat(draft, dir_fd=self.drafts, follow_symlinks=False)
                if not os.path.samestat(replaced, status):  # a process has replaced it meanwhile
                    syscalls.exchange(draft, name, self.drafts, folder)
                    os.close(opened)
                    raise OSError(errno.ESTALE, "it has moved")
            self._note(opened, draft)
        finally:
            os.close(made)
            os.unlink(draft, dir_fd=self.drafts)
        with contextlib.suppress(OSError):
            os.utime(f"/proc/self/fd/{folder}", ns=(times.st_atime_ns, times.st_mtime_ns))
        return opened

    def _note(self, copy: int, draft: str) -> None:
        """Note where a copy is: what it replaces has the path of its draft, without a file."""
        path = os.fsencode(os.readlink(f"/proc/self/fd/{copy}")).removeprefix(self._prefix)
        target = f"{os.fstat(copy).st_ino} {os.fsdecode(path)}"
        with contextlib.suppress(OSError):  # the path is too long
            os.symlink(target, draft + _COPY, dir_fd=self.drafts)


@contextlib.contextmanager
def _changeable(folder: int) -> Iterator[None]:
    """Let files of a folder be replaced though its mode forbids it: theirs may allow writing."""
    path = f"/proc/self/fd/{folder}"
    mode = stat.S_IMODE(os.stat(path).st_mode)
    changeable = mode | stat.S_IWUSR | stat.S_IXUSR
    if mode == changeable:
        yield
        return
    os.chmod(path, changeable)
    try:
        yield
    finally:
        os.chmod(path, mode)


def _fill(made: int, source: int, status: os.stat_result, *, with_content: bool) -> None:
    """Give a new file the content, mode, times and attributes of another."""
    if with_content and status.st_size:
        content = _open(source, status, os.O_RDONLY)  # an image's file keeps its mode
        try:
            _copy_content(content, made)
        finally:
            os.close(content)
    shutil.copystat(f"/proc/self/fd/{source}", f"/proc/self/fd/{made}")


def _copy_content(source: int, target: int) -> None:
    with open(source, "rb", 0, closefd=False) as reader, open(target, "wb", 0, closefd=False) as to:
        shutil.copyfileobj(reader, to, 1 << 20)


def _check_writable(fd: int, flags: int) -> None:
    """Refuse what the mode forbids before the copy is made, which may have no content."""
    writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_TRUNC) and not flags & os.O_PATH
    if writes and not os.access(f"/proc/self/fd/{fd}", os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _open(fd: int, status: os.stat_result, flags: int) -> int:
    """Open a file again; if it was just made, whatever its mode."""
    path = f"/proc/self/fd/{fd}"
    if stat.S_ISFIFO(status.st_mode):  # os.open would try again after a signal
        return syscalls.open_once(path, (flags & _FLAGS) | os.O_NOCTTY)
    try:
        return os.open(path, (flags & _FLAGS) | os.O_NOCTTY)
    except PermissionError:
        if not flags & os.O_EXCL:
            raise
    os.chmod(path, stat.S_IMODE(status.st_mode) | stat.S_IRUSR | stat.S_IWUSR)
    try:
        return os.open(path, (flags & _FLAGS) | os.O_NOCTTY)
    finally:
        os.chmod(path, stat.S_IMODE(status.st_mode))
