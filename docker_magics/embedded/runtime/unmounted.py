"""What drivers share that cannot mount anything: files of mounts, and the end of processes."""

from __future__ import annotations

import contextlib
import os
import select
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from ..storage.rootfs import Rootfs
from . import child
from .spec import MountSpec


def source(mount: MountSpec, root: Path) -> str:
    """Return what is shown at a mount's target: for a tmpfs, a folder beside the files."""
    if mount["kind"] == "bind":
        return str(Path(mount["source"], mount.get("subpath", "")))
    folder = tmpfs_folder(root) / quote(mount["target"], safe="")
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder)


def tmpfs_folder(root: Path) -> Path:
    """Return the folder whose folders stand for a container's tmpfs mounts."""
    return root.parent / "memory"


def may_execute(files: Rootfs, path: str) -> bool:
    """Whether a path leads to a file that somebody may execute.

    Raises:
        OSError: it does not exist.
    """
    mode = files.stat(path).st_mode
    return stat.S_ISREG(mode) and bool(mode & 0o111)


def make_folder(files: Rootfs, path: str) -> None:
    """Make the working folder.

    Raises:
        CannotStart: it cannot be made.
    """
    try:
        os.close(files.make_dirs(path))
    except OSError as error:
        raise child.working_folder_error(path, error, made=True) from None


def signal_all(pids: list[int], number: int) -> None:
    """Signal processes, some of which may have ended."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


class End:
    """The end of a process; whoever waits need not be its parent."""

    def __init__(self, pidfd: int) -> None:
        self._pidfd = pidfd

    def wait(self, seconds: float | None) -> bool:
        """Whether it ends within some seconds; None waits forever."""
        return bool(self._pidfd < 0 or select.select([self._pidfd], [], [], seconds)[0])


@contextlib.contextmanager
def end_of(pid: int) -> Iterator[End]:
    """Watch a process while the block runs."""
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        yield End(-1)
        return
    try:
        yield End(pidfd)
    finally:
        os.close(pidfd)
