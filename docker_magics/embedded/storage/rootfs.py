"""Paths inside a directory that acts as "/": no link, however hostile, leads out of it.

source: openat2(2), RESOLVE_IN_ROOT; where a sandbox hides that call, a walk that does the same.
"""

from __future__ import annotations

import errno
import os
import stat
from collections import deque
from pathlib import Path
from typing import Self

from .. import syscalls
from .ownership import lchown

_MAX_LINKS = 40


class Rootfs:
    """A directory seen as "/".

    Attributes:
        path: the directory, as the engine sees it.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._root = os.open(self.path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)

    def close(self) -> None:
        """Let the directory go."""
        if self._root >= 0:
            os.close(self._root)
            self._root = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self, path: str, flags: int = os.O_PATH, mode: int = 0) -> int:
        """A descriptor of what `path` names, links followed inside the root.

        Raises:
            OSError: as open(2): FileNotFoundError, NotADirectoryError, ...
        """
        try:
            return syscalls.open_in_root(self._root, path, flags, mode)
        except OSError as error:
            if error.errno not in {errno.ENOSYS, errno.EPERM}:
                raise
        return self._walk(path, flags, mode)

    def open_parent(self, path: str) -> tuple[int, str]:
        """A descriptor of the directory that holds `path`, and the name in it."""
        parent, name = os.path.split(path.rstrip("/"))
        return self.open(parent or "/", os.O_PATH | os.O_DIRECTORY), name

    def open_folder_or_file(self, path: str, *, follow: bool) -> int:
        """A descriptor of what `path` names; of a link itself unless it is to be followed."""
        parent, name = self.open_parent(path)
        try:
            if follow or name in {"", ".", ".."}:
                return self.open(path)
            flags = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
            return os.open(name, flags, dir_fd=parent)
        finally:
            os.close(parent)

    def lstat(self, path: str) -> os.stat_result:
        """lstat(2): a link itself, not what it names."""
        parent, name = self.open_parent(path)
        try:
            if not name:
                return os.fstat(parent)
            return os.stat(name, dir_fd=parent, follow_symlinks=False)
        finally:
            os.close(parent)

    def stat(self, path: str) -> os.stat_result:
        """stat(2)."""
        fd = self.open(path)
        try:
            return os.fstat(fd)
        finally:
            os.close(fd)

    def exists(self, path: str) -> bool:
        """Whether `path` names something."""
        try:
            self.stat(path)
        except OSError:
            return False
        return True

    def read(self, path: str, limit: int = 1 << 20) -> bytes:
        """A regular file's first `limit` bytes."""
        fd = self.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(fd, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise OSError(errno.EINVAL, f"{path} is no regular file")
            return file.read(limit)

    def read_text(self, path: str) -> str:
        """A small text file; empty where there is none."""
        try:
            return self.read(path).decode(errors="replace")
        except OSError:
            return ""

    def make_dirs(self, path: str, uid: int = 0, gid: int = 0) -> int:
        """A descriptor of the directory `path`, made with its parents (0755) where missing."""
        try:
            return self.open(path, os.O_PATH | os.O_DIRECTORY)
        except FileNotFoundError:
            pass
        parent_path, name = os.path.split(path.rstrip("/"))
        parent = self.make_dirs(parent_path or "/", uid, gid)
        try:
            os.mkdir(name, 0o755, dir_fd=parent)
            if uid or gid:
                lchown(name, uid, gid, dir_fd=parent)
        finally:
            os.close(parent)
        return self.open(path, os.O_PATH | os.O_DIRECTORY)

    def make_file(self, path: str) -> int:
        """A descriptor of the file `path`, made empty with its parents where missing."""
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

    def resolve(self, path: str) -> str:
        """The path without links, as seen inside: `/bin/sh` may be `/usr/bin/dash`."""
        fd = self.open(path)
        try:
            real = os.readlink(f"/proc/self/fd/{fd}")
        finally:
            os.close(fd)
        base = os.readlink(f"/proc/self/fd/{self._root}").rstrip("/")
        return real.removeprefix(base) or "/"

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
            found = stack.pop()
            if not stack and not flags & os.O_PATH:
                reopened = os.open(".", flags | os.O_CLOEXEC, dir_fd=found)
                os.close(found)
                return reopened
            return found
        finally:
            for fd in stack:
                os.close(fd)
