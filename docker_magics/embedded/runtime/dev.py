"""Fills a container's /dev: devices, links, terminals, shared memory and message queues.

source: OCI runtime specification, "Default Devices", "Dev symbolic links".
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat

from .. import syscalls
from ..syscalls import MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID
from . import messages
from .spec import ContainerSpec

_DEVICES = {
    "null": (1, 3),
    "zero": (1, 5),
    "full": (1, 7),
    "random": (1, 8),
    "urandom": (1, 9),
    "tty": (5, 0),
}
_LINKS = {
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
    "ptmx": "pts/ptmx",
}
_SHM = "/dev/shm"  # noqa: S108 - a mount point
_FLAGS = MS_NOSUID | MS_NODEV | MS_NOEXEC


def fill(folder: str, spec: ContainerSpec) -> None:
    """Create the devices, links and mounts of a container's /dev.

    Args:
        folder: where an empty tmpfs is mounted.
        spec: the container.

    Raises:
        OSError: a device cannot be created or bound, or a mount failed.
    """
    for name, (major, minor) in _DEVICES.items():
        _create_device(f"{folder}/{name}", f"/dev/{name}", os.makedev(major, minor))
    for name, target in _LINKS.items():
        os.symlink(target, f"{folder}/{name}")
    os.mkdir(f"{folder}/pts")
    pts = "newinstance,ptmxmode=0666,mode=0620"
    try:
        syscalls.mount("devpts", f"{folder}/pts", "devpts", MS_NOSUID | MS_NOEXEC, f"{pts},gid=5")
    except OSError:
        syscalls.mount("devpts", f"{folder}/pts", "devpts", MS_NOSUID | MS_NOEXEC, pts)
    if spec["namespaces"].get("ipc") != "none":
        _fill_ipc(folder, spec)


def _fill_ipc(folder: str, spec: ContainerSpec) -> None:
    os.mkdir(f"{folder}/mqueue")
    if _SHM not in {mount["target"] for mount in spec["mounts"]}:
        os.mkdir(f"{folder}/shm")
        _mount_shm(f"{folder}/shm", spec)
    with contextlib.suppress(OSError):  # some kernels have no message queues
        syscalls.mount("mqueue", f"{folder}/mqueue", "mqueue", _FLAGS)


def _mount_shm(target: str, spec: ContainerSpec) -> None:
    """Mount /dev/shm: a new one, or that of the IPC namespace which the container shares."""
    match spec["namespaces"].get("ipc"):
        case int(pid):
            _mount_shm_of(pid, target)
        case "host" if os.path.isdir(_SHM):
            syscalls.mount(_SHM, target, flags=MS_BIND)
        case _:
            size = f"mode=1777,size={spec['shm_size'] or 64 << 20}"
            syscalls.mount("shm", target, "tmpfs", _FLAGS, size)


def _mount_shm_of(pid: int, target: str) -> None:
    """Mount another container's /dev/shm: a child in its mount namespace sends a copy of the mount.

    Raises:
        OSError: that container has none.
    """
    ours, theirs = messages.pair()
    with ours, theirs:
        child = os.fork()
        if child == 0:
            with contextlib.suppress(OSError):
                syscalls.join_namespace(pid, "mnt")
                messages.send(theirs, {}, (syscalls.open_tree(_SHM),))
            os._exit(0)
        theirs.close()
        received = messages.receive(ours)
        os.waitpid(child, 0)
    if received is None:
        raise OSError(errno.EINVAL, f"no {_SHM} to share")
    (mount,) = received[1]
    syscalls.move_mount(mount, target)
    os.close(mount)


def _create_device(path: str, source: str, number: int) -> None:
    """Create a device node, or bind the host's where a user namespace cannot create one."""
    mask = os.umask(0)
    try:
        os.mknod(path, 0o666 | stat.S_IFCHR, number)
        with open(path, "rb"):  # a node created in a user namespace cannot be opened
            return
    except OSError as error:
        if error.errno == errno.ENXIO:  # /dev/tty of a process without a terminal
            return
        if error.errno not in {errno.EPERM, errno.EACCES}:
            raise
    finally:
        os.umask(mask)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o666))
    syscalls.mount(source, path, flags=MS_BIND)
