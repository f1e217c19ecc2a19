"""A container's root with what is mounted into it, where nothing can be mounted."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path

from .rootfs import Rootfs


class MountedRootfs(Rootfs):
    """A directory that acts as "/", and others that act as folders in it.

    A walk from a folder's descriptor meets the folders that the mounts cover, not the mounts.

    Args:
        path: of the directory, on the host.
        mounts: a file or folder of the host, and the path in the root where it is shown, for each;
            later ones cover earlier ones.

    Raises:
        OSError: the directory cannot be opened.
    """

    def __init__(self, path: Path | str, mounts: Iterable[tuple[str, str]]) -> None:
        super().__init__(path)
        self._shown: list[tuple[Path, str]] = []  # the last mount first
        for source, target in mounts:
            self._shown.insert(0, (Path(source).resolve(), self.follow_links(target)))

    def open(self, path: str, flags: int = os.O_PATH, mode: int = 0) -> int:
        """Open a path, following symbolic links inside the root; return the descriptor.

        Raises:
            OSError: as open(2): FileNotFoundError, NotADirectoryError, ...
        """
        folder, inner = self.locate(self.follow_links(path))
        with Rootfs(folder) as tree:
            return tree.open(inner, flags, mode)

    def open_folder_or_file(self, path: str, *, follow: bool) -> int:
        """Open a path with O_PATH; unless `follow`, a symbolic link itself."""
        parent, name = os.path.split(path.rstrip("/"))
        if follow or name in {"", ".", ".."}:
            return self.open(path)
        folder, inner = self.locate(os.path.join(self.follow_links(parent), name))
        with Rootfs(folder) as tree:
            return tree.open_folder_or_file(inner, follow=False)

    def resolve(self, path: str) -> str:
        """Return a path without symbolic links, from the root: `/bin/sh` may be `/usr/bin/dash`."""
        os.close(self.open(path))
        return self.follow_links(path)

    def locate(self, path: str) -> tuple[Path, str]:
        """Return the host's directory that has a path without links, and the path in it.

        Raises:
            NotADirectoryError: a file is mounted at a folder of the path.
        """
        covering = [(source, target) for source, target in self._shown if _is_in(path, target)]
        source, target = max(covering, key=lambda pair: len(pair[1]), default=(self.path, "/"))
        inner = path[len(target.rstrip("/")) :] or "/"
        if source.is_dir():
            return source, inner
        if inner != "/":
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
        return source.parent, source.name

    def _read_link(self, path: str) -> str | None:
        try:
            folder, inner = self.locate(path)
            with Rootfs(folder) as tree:
                return tree._read_link(inner) if inner != "/" else None  # noqa: SLF001 - its own class
        except OSError:
            return None


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")
