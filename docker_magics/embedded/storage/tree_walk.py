"""Walks trees that containers may change at the same time, without following what they swap in.

Each file is opened once, with O_PATH and without following a symbolic link. What the walk then
reads (type, content, link target, attributes) is read of that descriptor, never of a name.

source: openat(2), "O_PATH"; proc_pid_fd(5); CVE-2018-15664.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..descriptors import SHORTAGES

#: The longest path that the kernel takes, without the NUL at its end. Longer ones are left out of
#: walks, as by moby, whose walks use paths.
MAX_PATH = 4095
#: How many levels of folders keep their descriptors. Deeper ones are found again through `..`.
_MAX_OPEN = 64
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_PATH = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
#: Never waits for a FIFO's other end and never takes over a terminal.
_CONTENT = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


@dataclass(slots=True)
class WalkedFile:
    """A file, folder or link that is held by a descriptor.

    Attributes:
        path: from the top of the walk, as `etc/passwd`; empty for the top.
        fd: opened with O_PATH; closed when the walk goes on.
        stat: its fstat(2).
    """

    path: str
    fd: int
    stat: os.stat_result

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return stat.S_ISDIR(self.stat.st_mode)

    @property
    def is_regular(self) -> bool:
        """Whether it is a regular file."""
        return stat.S_ISREG(self.stat.st_mode)

    @property
    def identity(self) -> tuple[int, int]:
        """Its device and inode."""
        return self.stat.st_dev, self.stat.st_ino

    @property
    def handle(self) -> str:
        """A path that leads to this file itself, for calls that take no descriptor."""
        return f"/proc/self/fd/{self.fd}"

    def open(self) -> BinaryIO:
        """Open the content of a regular file.

        Root may read a file of mode 000, and a container's root often is an ordinary user: the mode
        of this user's own file allows it while it is opened.

        Raises:
            OSError: it cannot be read, or is not a regular file.
        """
        if not self.is_regular:
            raise OSError(f"{self.path} is not a regular file")
        try:
            fd = os.open(self.handle, _CONTENT)
        except PermissionError:
            if self.stat.st_uid != os.geteuid():
                raise
            os.chmod(self.handle, stat.S_IMODE(self.stat.st_mode) | stat.S_IRUSR)
            try:
                fd = os.open(self.handle, _CONTENT)
            finally:
                os.chmod(self.handle, stat.S_IMODE(self.stat.st_mode))
        return open(fd, "rb", buffering=0)

    def link_target(self) -> str:
        """Return the target of a symbolic link; empty if it is not one."""
        if not stat.S_ISLNK(self.stat.st_mode):
            return ""
        return os.readlink("", dir_fd=self.fd)

    def names(self) -> list[str]:
        """Return the names in a folder, sorted.

        Raises:
            OSError: it cannot be read.
        """
        fd = os.open(".", _FOLDER, dir_fd=self.fd)
        try:
            return sorted(os.listdir(fd))
        finally:
            os.close(fd)


@dataclass(slots=True)
class _Level:
    """A folder whose content is being walked; its descriptor is -1 while it is closed."""

    fd: int
    identity: tuple[int, int]
    path: str
    names: list[str]  # in reverse order


def walk(
    top: Path | str | int,
    *,
    enters: Callable[[WalkedFile], bool] = lambda _: True,
    onerror: Callable[[OSError], None] = lambda _: None,
) -> Iterator[WalkedFile]:
    """Yield a file or folder and all that is below it, sorted, each folder before its content.

    Files that vanish meanwhile are left out. Folders of any depth are walked without recursion and
    with a bounded number of descriptors.

    Args:
        top: a path on the host that no container controls, or a descriptor.
        enters: whether to walk a folder's content; asked after the folder was yielded.
        onerror: receives what keeps a file or folder from being opened; without it, the file or the
            folder's content is left out.

    Raises:
        OSError: the top does not exist, or descriptors are short.
    """
    levels: list[_Level] = []
    fd = os.dup(top) if isinstance(top, int) else os.open(top, _PATH)
    file: WalkedFile | None = WalkedFile("", fd, os.fstat(fd))
    try:
        while file is not None or levels:
            if file is not None:
                yield file
                if file.is_folder and enters(file):
                    _enter(file, levels, onerror)
                os.close(file.fd)
                file = None
            elif levels[-1].names:
                file = _open_next(levels[-1], onerror)
            else:
                _leave(levels)
    finally:
        if file is not None:
            os.close(file.fd)
        for level in levels:
            _close(level)


def _enter(folder: WalkedFile, levels: list[_Level], onerror: Callable[[OSError], None]) -> None:
    """Make a folder the innermost level."""
    try:
        names = folder.names()
    except OSError as error:
        _report(error, onerror)
        return
    names.reverse()
    levels.append(_Level(os.dup(folder.fd), folder.identity, folder.path, names))
    if len(levels) > _MAX_OPEN + 1:
        _close(levels[-2])


def _open_next(level: _Level, onerror: Callable[[OSError], None]) -> WalkedFile | None:
    """Open the next name of a folder; None if that fails, or if no path can name it."""
    name = level.names.pop()
    path = f"{level.path}/{name}" if level.path else name
    if len(os.fsencode(path)) > MAX_PATH:
        return None
    fd = -1
    try:
        fd = os.open(name, _PATH, dir_fd=level.fd)
        return WalkedFile(path, fd, os.fstat(fd))
    except OSError as error:
        if fd >= 0:
            os.close(fd)
        _report(error, onerror)
        return None


def _report(error: OSError, onerror: Callable[[OSError], None]) -> None:
    """Report what keeps a file from being opened, unless the file has vanished."""
    if error.errno in SHORTAGES:
        raise error
    if error.errno != errno.ENOENT:
        onerror(error)


def _leave(levels: list[_Level]) -> None:
    """Go back to the folder above; to the nearest open one if a container moved this one."""
    left = levels.pop()
    try:
        if levels and levels[-1].fd < 0 and not _reopen(levels[-1], left.fd):
            del levels[_MAX_OPEN:]
    finally:
        _close(left)


def _reopen(level: _Level, below: int) -> bool:
    """Open a level by the descriptor of one of its folders; return whether that is still in it."""
    try:
        above = os.open("..", _PATH, dir_fd=below)
    except PermissionError:
        return False
    level.fd = above
    status = os.fstat(above)
    if (status.st_dev, status.st_ino) != level.identity:
        _close(level)
    return level.fd >= 0


def _close(level: _Level) -> None:
    if level.fd >= 0:
        os.close(level.fd)
        level.fd = -1
