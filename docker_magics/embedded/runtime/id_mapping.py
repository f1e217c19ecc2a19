"""User and group IDs of containers: the host's, a range of subordinate ones, or one.

After `enter`, this process is uid 0 where it stands, with mounts of its own; what follows is the
same code on each level. Nothing is left behind on the host: mounts go with the last process.

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
    """Become root of this mapping's namespaces. The process must have one thread.

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
    # what is mounted on the host later is seen here too, for binds that ask for it
    syscalls.mount("none", "/", flags=syscalls.MS_REC | syscalls.MS_SLAVE)


def enter_of(pid: int) -> None:
    """Become root of the namespaces that a process of an earlier engine is in.

    Raises:
        OSError: they are not this user's.
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
    """Whether newuidmap and ranges of subordinate ids are there for this user."""
    helpers = shutil.which("newuidmap") and shutil.which("newgidmap")
    return bool(helpers and _range("/etc/subuid") and _range("/etc/subgid"))


def _range(path: str) -> tuple[int, int] | None:
    """The user's first subordinate range: (first id, how many)."""
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
    """Enter a user namespace; a child that stays outside has newuidmap write its maps."""
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
        raise PermissionError("newuidmap refused the ranges of /etc/subuid and /etc/subgid")
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
    """Have the one id that there is another number, in a user namespace of its own.

    Args:
        uid: whose this process, and all files of its user, are from now on.
        gid: the same of the group.
        further: namespaces to make along with it.

    Raises:
        OSError: the kernel or its policy forbids it.
    """
    own = os.getuid(), os.getgid()
    syscalls.unshare(syscalls.CLONE_NEWUSER | further)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {own[0]} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {own[1]} 1")
