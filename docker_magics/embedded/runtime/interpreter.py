"""Lets the engine run from a read-only mount of its interpreter.

Until it executes a container's program, the process of a container executes the engine's Python. A
program that starts with `#!/proc/self/exe` executes that file again, with the image's dynamic
loader, and could change its mode, its owner or its content on the host (CVE-2019-5736). On a
read-only mount it cannot, and no container can remount it.

source: execve(2), mount(2), proc(5); opencontainers/runc, libcontainer/dmz.
"""

from __future__ import annotations

import os
from pathlib import Path

from .. import private_environment, syscalls
from ..syscalls import MS_BIND, MS_RDONLY, MS_REC, MS_REMOUNT, MS_SLAVE
from . import messages

_EXE = "/proc/self/exe"
_KEPT_FLAGS = os.ST_NOSUID | os.ST_NODEV | os.ST_NOEXEC


def is_read_only() -> bool:
    """Whether this process was executed from a read-only mount."""
    return bool(os.statvfs(_EXE).f_flag & os.ST_RDONLY)


def execute_again() -> None:
    """Execute this process again from a read-only mount, unless it was executed from one.

    The process must have one thread. It inherits the mount namespace as a descriptor: the loader
    reads the path of the interpreter, which is complete while the namespace exists.

    Raises:
        OSError: namespaces or mounts are forbidden here.
    """
    if is_read_only():
        return
    interpreter, namespace = _mount_in_child()
    os.set_inheritable(namespace, True)  # noqa: FBT003 - a positional parameter
    arguments = Path("/proc/self/cmdline").read_bytes().split(b"\0")[:-1]
    os.execve(f"/proc/self/fd/{interpreter}", arguments, private_environment.hide())  # noqa: S606


def _mount_in_child() -> list[int]:
    """Return descriptors of the interpreter on a read-only mount, and of its mount namespace."""
    ours, theirs = messages.pair()
    with ours, theirs:
        pid = os.fork()
        if pid == 0:
            try:
                messages.send(theirs, {}, _mount())
            except OSError as error:
                messages.send(theirs, {"errno": error.errno, "error": str(error)})
            os._exit(0)
        theirs.close()
        received = messages.receive(ours)
        os.waitpid(pid, 0)
    message, fds = received or ({"errno": None, "error": "the process that mounts it died"}, [])
    if "error" in message:
        raise OSError(message["errno"], f"cannot mount the interpreter: {message['error']}")
    return fds


def _mount() -> tuple[int, int]:
    """Mount the interpreter on itself, read-only, in a new mount namespace."""
    path = os.readlink(_EXE)
    as_user = syscalls.CLONE_NEWUSER if os.geteuid() else 0
    syscalls.unshare(syscalls.CLONE_NEWNS | as_user)
    syscalls.mount("none", "/", flags=MS_REC | MS_SLAVE)
    syscalls.mount(path, path, flags=MS_BIND)
    kept = os.statvfs(path).f_flag & _KEPT_FLAGS  # a user namespace may not clear them
    syscalls.mount("none", path, flags=MS_BIND | MS_REMOUNT | MS_RDONLY | kept)
    return os.open(path, os.O_PATH), os.open("/proc/self/ns/mnt", os.O_RDONLY)
