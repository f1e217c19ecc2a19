"""Moves and links files between folders of a container's root, where its border does not.

Landlock refuses what would let a file be written to that could not be before, as where it goes from
a folder of linked files to one of copies (EXDEV). Here the file passes through the folder beside
the root, where no container reaches it, and is made the container's own.

source: landlock(7): LANDLOCK_ACCESS_FS_REFER; rename(2), link(2).
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from dataclasses import dataclass

from .own_files import OwnFiles

#: How often to try again if a file is exchanged meanwhile.
_TURNS = 8


@dataclass(frozen=True)
class Name:
    """A name in a folder.

    Attributes:
        folder: its descriptor, as by O_PATH.
        name: has no slash.
    """

    folder: int
    name: str


class MovedFiles:
    """Moves and links files and symbolic links of a root.

    Args:
        own: makes them the container's own.
    """

    def __init__(self, own: OwnFiles) -> None:
        self._own = own

    def move(self, source: Name, target: Name) -> int:
        """Rename a file; return its descriptor (O_PATH).

        Raises:
            OSError: EXDEV if it is a folder or a special file, or not in the root; else as
                rename(2).
        """
        self._check(source, target)
        with self._own.locked():
            return self._move(source, target)

    def link(self, source: Name, target: Name) -> int:
        """Give a file a second name; return its descriptor (O_PATH). An image's is copied before.

        Raises:
            OSError: EXDEV as for `move`; ESTALE if it is exchanged again and again; else as
                link(2).
        """
        self._check(source, target)
        for _ in range(_TURNS):
            draft = self._draft()
            _link(source, draft)
            try:
                _check_kind(draft)
                if not self._own.is_shared(draft.name):
                    _link(draft, target)
                    return _look(target)
            finally:
                os.unlink(draft.name, dir_fd=draft.folder)
            self._make_own(source)
        raise OSError(errno.ESTALE, "it is exchanged again and again")

    def _move(self, source: Name, target: Name) -> int:
        _check_kind(source)
        draft = self._draft()
        # by a link, the file is never lost, and a folder never leaves the root with what uses it
        _link(source, draft)
        try:
            if _is_same(draft, target):
                return _look(target)
            self._own.replace_draft(draft.name)
            os.rename(draft.name, target.name, src_dir_fd=draft.folder, dst_dir_fd=target.folder)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(draft.name, dir_fd=draft.folder)
        os.unlink(source.name, dir_fd=source.folder)
        return _look(target)

    def _make_own(self, source: Name) -> None:
        file = _look(source)
        try:
            os.close(self._own.open(file, os.O_PATH))
        except OSError as error:  # it is the container's by now, or has moved
            if error.errno not in {errno.EXDEV, errno.ESTALE}:
                raise
        finally:
            os.close(file)

    def _check(self, *places: Name) -> None:
        for place in places:
            if not place.name or place.name in {".", ".."} or "/" in place.name:
                raise OSError(errno.EINVAL, "it is no name")
            if not self._own.is_inside(place.folder):
                raise OSError(errno.EXDEV, "it is not in the root")

    def _draft(self) -> Name:
        return Name(self._own.drafts, f"moved-{secrets.token_hex(8)}")


def _status(file: Name) -> os.stat_result:
    return os.stat(file.name, dir_fd=file.folder, follow_symlinks=False)


def _check_kind(file: Name) -> None:
    mode = _status(file).st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISLNK(mode):
        raise OSError(errno.EXDEV, "neither a regular file nor a symbolic link")


def _is_same(one: Name, other: Name) -> bool:
    """Whether both are names of one file: rename(2) keeps both then."""
    with contextlib.suppress(FileNotFoundError):
        return os.path.samestat(_status(one), _status(other))
    return False


def _link(source: Name, target: Name) -> None:
    folders = {"src_dir_fd": source.folder, "dst_dir_fd": target.folder}
    os.link(source.name, target.name, **folders, follow_symlinks=False)


def _look(file: Name) -> int:
    return os.open(file.name, os.O_PATH | os.O_NOFOLLOW, dir_fd=file.folder)
