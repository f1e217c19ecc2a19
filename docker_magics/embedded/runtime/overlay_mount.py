"""Mounts the layers of an image as one tree.

source: kernel, Documentation/filesystems/overlayfs.rst.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from .. import syscalls
from ..storage.driver import RootfsSpec


@contextlib.contextmanager
def _as_names(folders: list[str]) -> Iterator[list[str]]:
    """Yield short names of folders, relative to the working folder within the context.

    Mount options must fit into one page, and `,` and `:` are reserved in them. The numbers in
    /proc/self/fd are short enough for the 500 layers that overlayfs accepts.
    """
    fds = [os.open(folder, os.O_PATH | os.O_DIRECTORY) for folder in folders]
    before = os.open(".", os.O_PATH | os.O_DIRECTORY)
    try:
        os.chdir("/proc/self/fd")
        yield [str(fd) for fd in fds]
    finally:
        os.fchdir(before)
        for fd in (before, *fds):
            os.close(fd)


def mount_overlay(rootfs: RootfsSpec) -> None:
    """Mount layers (`lower`, bottom first) with `upper` and `work` on `merged`.

    An image may contain a layer several times, but overlayfs rejects a folder that is listed twice.
    Only the topmost is mounted: it hides everything in the others.

    Raises:
        OSError: a folder does not exist, or the kernel refuses the mount.
    """
    lower = list(dict.fromkeys(reversed(rootfs["lower"])))
    upper, work = rootfs.get("upper"), rootfs.get("work")
    with _as_names([*lower, *([upper, work] if upper else [])]) as names:
        options = [f"lowerdir={':'.join(names[: len(lower)])}"]
        if upper:
            options += [f"upperdir={names[-2]}", f"workdir={names[-1]}"]
        if rootfs.get("userxattr"):
            options.append("userxattr")
        syscalls.mount("overlay", rootfs["merged"], "overlay", data=",".join(options))
