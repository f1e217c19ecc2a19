"""User and group IDs of containers: the host's, a range of subordinate ones, or one.

After `enter`, this process is user 0 of its user namespace and has a private mount namespace, so
that all other code is the same for each mapping. The host keeps nothing: the kernel removes the
mounts with the last process.

source: user_namespaces(7), newuidmap(1), subuid(5).
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from enum import StrEnum
from pathlib import Path

from .. import syscalls


class IdMapping(StrEnum):
    """Which user and group IDs exist inside a container."""

    #: The engine runs as root: chown, su and mknod are real.
    ROOT = "root"
    #: A range of subordinate IDs: chown and su are real, mknod is not.
    SUBUID = "subuid"
    #: One ID: chown and setuid only appear to succeed.
    SINGLE = "single"
    #: No user namespace (proot): every ID is faked.
    NONE = "none"

    @property
    def fakes_ownership(self) -> bool:
        """Whether chown and a change of user only appear to succeed."""
        return self in {IdMapping.SINGLE, IdMapping.NONE}


def enter(mapping: IdMapping) -> None:
    """Become root of a mapping's namespaces. The process must have one thread.

    Raises:
        OSError: the kernel or its policy forbids it.
    """
    match mapping:
        case IdMapping.ROOT:
            syscalls.unshare(syscalls.CLONE_NEWNS)
        case IdMapping.SUBUID:
            _enter_mapped()
        case IdMapping.SINGLE:
            appear_as(0, 0, syscalls.CLONE_NEWNS)
        case IdMapping.NONE:
            return
    # later mounts of the host propagate here, for bind mounts that ask for it
    syscalls.mount("none", "/", flags=syscalls.MS_REC | syscalls.MS_SLAVE)


def enter_of(pid: int) -> None:
    """Become root of the namespaces of a process that an earlier engine started.

    Raises:
        OSError: they belong to another user.
    """
    fds = [
        os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY | os.O_CLOEXEC) for name in ("user", "mnt")
    ]
    for fd in fds:
        syscalls.setns(fd)
        os.close(fd)
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)


def has_subuids() -> bool:
    """Whether newuidmap is installed and this user has ranges of subordinate IDs."""
    helpers = shutil.which("newuidmap") and shutil.which("newgidmap")
    return bool(helpers and _range("/etc/subuid") and _range("/etc/subgid"))


def _range(path: str) -> tuple[int, int] | None:
    """Return the user's first subordinate range as (first ID, count)."""
    uid = os.getuid()
    try:
        names = {str(uid), pwd.getpwuid(uid).pw_name}
        lines = Path(path).read_text().splitlines()
    except (OSError, KeyError):
        return None
    for line in lines:
        name, _, rest = line.partition(":")
        first, _, count = rest.partition(":")
        if name in names and first.isdigit() and count.isdigit():
            return int(first), int(count)
    return None


def _enter_mapped() -> None:
    """Enter a user namespace; a child outside of it executes newuidmap, which writes its maps."""
    ranges = _range("/etc/subuid"), _range("/etc/subgid")
    own = os.getuid(), os.getgid()
    me = os.getpid()
    ready, go = os.pipe()
    helper = os.fork()
    if helper == 0:
        os.close(go)
        os.read(ready, 1)
        os._exit(_write_maps(me, own, ranges))
    os.close(ready)
    try:
        syscalls.unshare(syscalls.CLONE_NEWUSER | syscalls.CLONE_NEWNS)
    finally:
        os.close(go)
        _, status = os.waitpid(helper, 0)
    if status:
        raise PermissionError("newuidmap rejected the ranges of /etc/subuid and /etc/subgid")
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    os.setgroups([])


def _write_maps(
    pid: int, own: tuple[int, int], ranges: tuple[tuple[int, int] | None, tuple[int, int] | None]
) -> int:
    for program, mine, others in zip(("newuidmap", "newgidmap"), own, ranges, strict=True):
        first, count = others or (0, 0)
        line = [program, *map(str, (pid, 0, mine, 1, 1, first, count))]
        if subprocess.run(line, check=False, capture_output=True).returncode:  # noqa: S603
            return 1
    return 0


def appear_as(uid: int, gid: int, further: int = 0) -> None:
    """Map this process's user ID to another one, in a new user namespace.

    Args:
        uid: the owner of this process, and of all files of its user, as it sees them.
        gid: the group.
        further: flags of other namespaces to create with it.

    Raises:
        OSError: the kernel or its policy forbids it.
    """
    own = os.getuid(), os.getgid()
    syscalls.unshare(syscalls.CLONE_NEWUSER | further)
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 1)  # otherwise its files in /proc are not its own
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {own[0]} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {own[1]} 1")
