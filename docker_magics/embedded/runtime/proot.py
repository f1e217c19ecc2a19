"""The driver for where nothing is allowed: proot, which shows a process another root by ptrace.

Nothing is isolated: processes, network and users are the host's. Each container has a copy of its
image's files, as there is no mounting here.

source: proot(1); facts on its versions in the project's documentation.
"""

from __future__ import annotations

import contextlib
import functools
import os
import posixpath
import select
import shutil
import signal
import stat
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from . import child, proc, seccomp, syscalls
from .rootfs import Rootfs

NAME = "proot"
_HOSTS = ("/proc", "/dev", "/sys")
_ASK_AGAIN_S = 0.005
#: Its exit code where a signal has ended the program, whichever.
KILLED = 255


def warnings() -> tuple[str, ...]:
    """What is to be said of the version that is here, as `docker info` has it."""
    if _is_new():
        return ()
    return ("WARNING: This proot is old and slow (it stops programs at every system call): install 5.4",)  # fmt: skip  # noqa: E501


@functools.cache
def _is_new() -> bool:
    """Whether it is of 5.2 or later: it stops a program at the calls that carry paths alone."""
    done = subprocess.run(["proot", "--version"], check=False, capture_output=True, text=True)  # noqa: S607
    return "seccomp_filter = yes" in done.stdout + done.stderr


def execute(spec: Any) -> None:
    """Become proot with the container's program in it.

    Raises:
        CannotStart: the program, the user or the folder is none.
        OSError: there is no proot.
    """
    root = Path(spec["rootfs"]["merged"])
    folder = spec["cwd"] or "/"
    with Rootfs(root) as files:
        user = child.user_of(spec, files.read_text)
        _make_folder(files, folder)
        path = child.program(spec, lambda path: _may_execute(files, posixpath.join(folder, path)))
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
    if not _is_new() and (filter_ := seccomp.program(old=True)):
        syscalls.install_filter(filter_)
    proot = shutil.which("proot") or "proot"
    binds = [f"--bind={each}" for each in _HOSTS]
    binds += [f"--bind={_source(each, root)}:{each['target']}" for each in spec["mounts"]]
    words = ["--verbose=-1", f"--change-id={user.uid}:{user.gid}", f"--rootfs={root}", *binds]
    spec["args"] = [proot, *words, f"--cwd={folder}", path, *spec["args"][1:]]
    child.execute(spec, proot)


def _source(mount: Mapping[str, Any], root: Path) -> str:
    """What is shown at a mount's target; a folder beside the container's files for memory."""
    if mount["kind"] == "bind":
        return str(mount["source"])
    folder = _memory(root) / quote(mount["target"], safe="")
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder)


def forget_memory(spec: Mapping[str, Any]) -> None:
    """Empty what stands for a container's memory file systems, before it starts."""
    shutil.rmtree(_memory(Path(spec["rootfs"]["merged"])), ignore_errors=True)


def _memory(root: Path) -> Path:
    return root.parent / "memory"


def _may_execute(files: Rootfs, path: str) -> bool:
    mode = files.stat(path).st_mode
    return stat.S_ISREG(mode) and bool(mode & 0o111)


def _make_folder(files: Rootfs, path: str) -> None:
    try:
        os.close(files.make_dirs(path))
    except OSError as error:
        raise child.no_folder(path, error, made=True) from None


def signal_inside(proot: int, number: int) -> None:
    """Signal what runs in proot, which hands nothing on; itself while nothing runs in it."""
    inner = _inside(proot) if number == signal.SIGKILL else proc.children(proot)
    _signal(inner or [proot], number)


def _signal(pids: list[int], number: int) -> None:
    for each in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, number)


def _inside(proot: int) -> list[int]:
    """All that was started in it, also what has lost its parent and come to this process."""
    return [each for each in proc.below(os.getpid()) if each not in {os.getpid(), proot}]


def oversee(proot: int) -> None:
    """End the container with its first process: proot itself waits for the last one.

    Needs to run in the process that started proot, and that its orphans come to.
    """
    with _ends(proot) as end:
        while not _inside(proot):
            if end.wait(_ASK_AGAIN_S):
                return
        if first := proc.children(proot):
            with _ends(first[0]) as first_end:
                first_end.wait(None)
        while not end.wait(_ASK_AGAIN_S):
            _signal(_inside(proot), signal.SIGKILL)


class _End:
    """A process's end, to be waited for by who need not be its parent."""

    def __init__(self, pidfd: int) -> None:
        self._pidfd = pidfd

    def wait(self, seconds: float | None) -> bool:
        """Whether it has ended, within some seconds or (None) at last."""
        return bool(self._pidfd < 0 or select.select([self._pidfd], [], [], seconds)[0])


@contextlib.contextmanager
def _ends(pid: int) -> Iterator[_End]:
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        yield _End(-1)
        return
    try:
        yield _End(pidfd)
    finally:
        os.close(pidfd)


@contextlib.contextmanager
def tree(spec: Mapping[str, Any]) -> Iterator[Rootfs]:
    """A container's copy of its files. Volumes are not in it."""
    with Rootfs(spec["rootfs"]["merged"]) as root:
        yield root
