"""System calls that mount, recorded instead of made."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from docker_magics.embedded import syscalls
from docker_magics.embedded.runtime import mount_points


class Kernel:
    """Records the calls that mount, with the paths of their descriptors.

    Attributes:
        calls: the name of each, and its arguments.
        missing: the names of calls that fail, as on an old kernel.
        type: of every filesystem.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.calls: list[Any] = []
        self.missing: set[str] = set()
        for name in ("mount", "open_tree", "move_mount", "set_read_only", "filesystem_type"):
            patch.setattr(syscalls, name, getattr(self, name))
        self.type = mount_points.PROC_MAGIC

    def _call(self, name: str, *values: object) -> None:
        if name in self.missing:
            raise OSError(errno.ENOSYS, "missing")
        self.calls.append((name, *values))

    def mount(
        self, source: str, target: str, kind: str = "", flags: int = 0, data: str = ""
    ) -> None:
        names = [_real(source), _real(target)]
        self._call("mount", *names, kind, flags, data)

    def open_tree(self, _path: str, folder: int, *, recursive: bool) -> int:
        self._call("open_tree", _real(f"/proc/self/fd/{folder}"), recursive)
        return os.dup(folder)

    def move_mount(self, _mount: int, _path: str, target: int) -> None:
        self._call("move_mount", _real(f"/proc/self/fd/{target}"))

    def set_read_only(self, _mount: int, *, recursive: bool) -> None:
        self._call("set_read_only", recursive)

    def filesystem_type(self, _fd: int) -> int:
        return self.type


def _real(path: str) -> str:
    return str(Path(path).readlink()) if path.startswith("/proc/self/fd/") else path
