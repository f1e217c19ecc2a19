"""Opens paths inside a directory that acts as "/": no symbolic link leads out of it.

source: openat2(2), RESOLVE_IN_ROOT; if a sandbox hides that call, an equivalent walk.
"""

from __future__ import annotations

import errno
import os
import stat
from collections import deque
from pathlib import Path
from typing import BinaryIO, Self

from .. import syscalls
from .ownership import lchown

_MAX_LINKS = 40
_MAX_RETRIES = 100


class Rootfs:
    """A directory that acts as "/".

    Args:
        path: of the directory, on the host.

    Raises:
        OSError: it cannot be opened.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._root = os.open(self.path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)

    def close(self) -> None:
        """Close the directory. Idempotent."""
        if self._root >= 0:
            os.close(self._root)
            self._root = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self, path: str, flags: int = os.O_PATH, mode: int = 0) -> int:
        """Open a path, following symbolic links inside the root; return the descriptor.

        Raises:
            OSError: as open(2): FileNotFoundError, NotADirectoryError, ...
        """
        for _ in range(_MAX_RETRIES):
            try:
                return syscalls.open_in_root(self._root, path, flags, mode)
            except OSError as error:
                if error.errno in {errno.ENOSYS, errno.EPERM}:
                    break
                if error.errno != errno.EAGAIN:  # something was renamed while `..` was followed
                    raise
        return self._walk(path, flags, mode)

    def open_parent(self, path: str) -> tuple[int, str]:
        """Open the parent directory of `path`; return its descriptor and the last name."""
        parent, name = os.path.split(path.rstrip("/"))
        return self.open(parent or "/", os.O_PATH | os.O_DIRECTORY), name

    def open_folder_or_file(self, path: str, *, follow: bool) -> int:
        """Open a path with O_PATH; unless `follow`, a symbolic link itself."""
        parent, name = self.open_parent(path)
        try:
            if follow or name in {"", ".", ".."}:
                return self.open(path)
            flags = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
            return os.open(name, flags, dir_fd=parent)
        finally:
            os.close(parent)

    def lstat(self, path: str) -> os.stat_result:
        """Return lstat(2) of a path: of a symbolic link itself."""
        fd = self.open_folder_or_file(path, follow=False)
        try:
            return os.fstat(fd)
        finally:
            os.close(fd)

    def stat(self, path: str) -> os.stat_result:
        """Return stat(2) of a path: symbolic links are followed."""
        fd = self.open(path)
        try:
            return os.fstat(fd)
        finally:
            os.close(fd)

    def exists(self, path: str) -> bool:
        """Whether a path exists."""
        try:
            self.stat(path)
        except OSError:
            return False
        return True

    def open_file(self, path: str) -> BinaryIO:
        """Open a regular file for reading.

        Raises:
            OSError: it does not exist, or is not a regular file.
        """
        fd = self.open(path)
        try:
            if not stat.S_ISREG(os.fstat(fd).st_mode):  # opening another one could have effects
                raise OSError(errno.EINVAL, f"{path} is not a regular file")
            return open(f"/proc/self/fd/{fd}", "rb", buffering=0)
        finally:
            os.close(fd)

    def read(self, path: str, limit: int = 1 << 20) -> bytes:
        """Read the first `limit` bytes of a regular file, which cannot block.

        Files of the kernel (`/proc/kmsg`), which may block, have no size: nothing of them is read.

        Raises:
            OSError: it does not exist, or is not a regular file.
        """
        with self.open_file(path) as file:
            return file.read(min(limit, os.fstat(file.fileno()).st_size))

    def read_text(self, path: str) -> str:
        """Read a small text file; return "" if it cannot be read."""
        try:
            return self.read(path).decode(errors="replace")
        except OSError:
            return ""

    def make_dirs(self, path: str, uid: int = 0, gid: int = 0) -> int:
        """Open a directory; create it and its parents (0755) if missing.

        Args:
            path: of the directory.
            uid: the owner of created directories.
            gid: their group.
        """
        made = path.rstrip("/") or "/"
        missing: list[str] = []
        while (fd := self._open_dir(made)) is None:
            made, name = os.path.split(made)
            made = made or "/"
            missing.append(name)
        for name in reversed(missing):
            try:
                os.mkdir(name, 0o755, dir_fd=fd)
                if uid or gid:
                    lchown(name, uid, gid, dir_fd=fd)
            finally:
                os.close(fd)
            made = os.path.join(made, name)
            fd = self.open(made, os.O_PATH | os.O_DIRECTORY)
        return fd

    def _open_dir(self, path: str) -> int | None:
        """Open a directory; return None if it is missing."""
        try:
            return self.open(path, os.O_PATH | os.O_DIRECTORY)
        except FileNotFoundError:
            return None

    def make_file(self, path: str) -> int:
        """Open a file with O_PATH; create it empty, with its parents, if missing."""
        try:
            return self.open(path)
        except FileNotFoundError:
            pass
        parent_path, name = os.path.split(path)
        parent = self.make_dirs(parent_path or "/")
        try:
            os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644, dir_fd=parent))
        finally:
            os.close(parent)
        return self.open(path)

    def follow_links(self, path: str) -> str:
        """Return a path without symbolic links, though what they point to may be missing.

        Raises:
            OSError: ELOOP if it has too many links.
        """
        parts, resolved, links = deque(path.split("/")), [""], 0
        while parts:
            part = parts.popleft()
            if part in {"", "."}:
                continue
            if part == "..":
                del resolved[max(1, len(resolved) - 1) :]
                continue
            target = self._read_link(f"{'/'.join(resolved)}/{part}")
            if target is None:
                resolved.append(part)
                continue
            links += 1
            if links > _MAX_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
            if target.startswith("/"):
                resolved = [""]
            parts.extendleft(reversed(target.split("/")))
        return "/".join(resolved) or "/"

    def _read_link(self, path: str) -> str | None:
        """Return the target of a symbolic link; None if it is anything else, or missing."""
        try:
            fd = self.open_folder_or_file(path, follow=False)
        except OSError:
            return None
        try:
            return os.readlink("", dir_fd=fd)
        except OSError:
            return None
        finally:
            os.close(fd)

    def resolve(self, path: str) -> str:
        """Return a path without symbolic links, from the root: `/bin/sh` may be `/usr/bin/dash`."""
        fd = self.open(path)
        try:
            return self.path_of(fd)
        finally:
            os.close(fd)

    def locate(self, path: str) -> tuple[Path, str]:
        """Return the host's directory that has a path without links, and the path in it."""
        return self.path, path

    def path_of(self, fd: int) -> str:
        """Return the path from the root of a file that was opened below it."""
        base = os.readlink(f"/proc/self/fd/{self._root}").rstrip("/")
        return os.readlink(f"/proc/self/fd/{fd}").removeprefix(base) or "/"

    def _walk(self, path: str, flags: int, mode: int) -> int:
        """Open `path` one part after another, following links by hand."""
        parts = deque(part for part in path.split("/") if part not in {"", "."})
        stack = [os.dup(self._root)]
        links = 0
        try:
            while parts:
                part = parts.popleft()
                if part == "..":
                    if len(stack) > 1:
                        os.close(stack.pop())
                    continue
                try:
                    target = os.readlink(part, dir_fd=stack[-1])
                except OSError:
                    last = not parts
                    keep = flags if last else os.O_PATH | os.O_DIRECTORY
                    keep |= os.O_NOFOLLOW | os.O_CLOEXEC
                    stack.append(os.open(part, keep, mode, dir_fd=stack[-1]))
                    continue
                links += 1
                if links > _MAX_LINKS:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
                if target.startswith("/"):
                    while len(stack) > 1:
                        os.close(stack.pop())
                parts.extendleft(
                    part for part in reversed(target.split("/")) if part not in {"", "."}
                )
            opened = stack.pop()
            if not stack and not flags & os.O_PATH:
                reopened = os.open(".", flags | os.O_CLOEXEC, dir_fd=opened)
                os.close(opened)
                return reopened
            return opened
        finally:
            for fd in stack:
                os.close(fd)
