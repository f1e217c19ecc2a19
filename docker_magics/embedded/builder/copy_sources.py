"""The sources of a COPY or ADD. Their files are read anew for the digest and for the copy.

source: moby builder/dockerfile/copy.go.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Protocol

from ...wire import dockerignore
from ..storage.rootfs import Rootfs
from ..storage.tree_walk import WalkedFile, walk


@dataclass(frozen=True)
class CopiedFile:
    """One file or folder that is copied, until the next one is read.

    Attributes:
        name: its path below the target.
        status: its type, mode, owner, size and times.
        origin: its path in the context or image, which is a part of the digest.
        open: opens the content of a regular file.
        link: the target of a symbolic link.
    """

    name: str
    status: os.stat_result
    origin: str
    open: Callable[[], IO[bytes]]
    link: str = ""


class Source(Protocol):
    """One source. Implementations: `TreeSource`, `DataSource`.

    Attributes:
        is_folder: whether the files are the content of a folder.
    """

    is_folder: bool

    def files(self) -> Iterator[CopiedFile]:
        """Yield the files, in the order of an archive."""


class TreeSource:
    """A file of the context or of an image, or the content of a folder; links are not followed.

    Args:
        root: the context or image.
        origin: the path of the file or folder, without links.
        name: of the file, or what comes before the names of the content.
        is_folder: which of both it is.
        exclude: patterns for the content.
    """

    def __init__(
        self, root: Rootfs, origin: str, name: str, *, is_folder: bool, exclude: dockerignore.Ignore
    ) -> None:
        self._root = root
        self._origin = origin
        self._name = name
        self.is_folder = is_folder
        self._exclude = exclude

    def files(self) -> Iterator[CopiedFile]:
        """Yield the files."""
        fd = self._root.open(self._origin or "/")
        try:
            for file in walk(fd, enters=self._enters, onerror=_raise):
                if self.is_folder != bool(file.path) or self._excludes(file):
                    continue
                origin = f"{self._origin}/{file.path}" if file.path else self._origin
                name = self._name + file.path
                yield CopiedFile(name, file.stat, origin, file.open, file.link_target())
        finally:
            os.close(fd)

    def _excludes(self, file: WalkedFile) -> bool:
        return bool(file.path) and self._exclude.excludes(file.path)

    def _enters(self, folder: WalkedFile) -> bool:
        return not self._excludes(folder) or self._exclude.may_keep_below(folder.path)


class DataSource:
    """A file that is not on the disk of the context: a here-document or a download.

    Args:
        name: its name.
        size: its bytes.
        mode: its permissions.
        opens: opens its content.
    """

    is_folder = False

    def __init__(self, name: str, size: int, mode: int, opens: Callable[[], IO[bytes]]) -> None:
        now = int(time.time())
        status = os.stat_result((stat.S_IFREG | mode, 0, 0, 1, 0, 0, size, now, now, now))
        self._file = CopiedFile(name, status, name, opens)

    def files(self) -> Iterator[CopiedFile]:
        """Yield the file."""
        yield self._file


def _raise(error: OSError) -> None:
    raise error
