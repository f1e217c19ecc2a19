"""Fills a container's /dev: devices, links, terminals, shared memory and message queues.

source: OCI runtime specification, "Default Devices", "Dev symbolic links".
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat

from .. import syscalls
from ..storage.rootfs import Rootfs
from ..syscalls import MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID
from . import messages, mount_points
from .spec import ContainerSpec, DeviceSpec

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


def add(root: Rootfs, device: DeviceSpec) -> None:
    """Add a host device to a container: a new device node in /dev, else a bind of the host's.

    Raises:
        CannotStart: nothing may be mounted there.
        OSError: neither can be had.
    """
    if device["target"].startswith("/dev/"):
        with contextlib.suppress(PermissionError, FileExistsError):
            _add_node(root, device)
            return
    with mount_points.opened_target(root, device, is_folder=False) as target:
        source = os.open(device["source"], os.O_PATH | os.O_CLOEXEC)
        try:
            mounted = mount_points.bind(root, source, target, recursive=False)
        finally:
            os.close(source)
    _protect(mounted)


def _add_node(root: Rootfs, device: DeviceSpec) -> None:
    """Create a node like the host's.

    Raises:
        PermissionError: a user namespace cannot; or devices have no effect there.
        FileExistsError: a file of this name exists.
    """
    parent, name = os.path.split(device["target"])
    folder = root.make_dirs(parent)
    mask = os.umask(0)
    try:
        if os.fstatvfs(folder).f_flag & os.ST_NODEV:
            raise PermissionError(errno.EPERM, device["target"])
        os.mknod(name, device["mode"], device["number"], dir_fd=folder)
        os.chown(name, device["uid"], device["gid"], dir_fd=folder, follow_symlinks=False)
    finally:
        os.umask(mask)
        os.close(folder)


def open_device(path: str, major: int, minor: int, flags: int) -> int:
    """Open a character device of a container, in which a program may have replaced it.

    Raises:
        OSError: it is something else, which is not opened.
    """
    fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        status = os.fstat(fd)
        if not stat.S_ISCHR(status.st_mode) or status.st_rdev != os.makedev(major, minor):
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV), path)
        return os.open(f"/proc/self/fd/{fd}", flags | os.O_CLOEXEC)
    finally:
        os.close(fd)


def disable_others(folder: str, devices: list[DeviceSpec]) -> None:
    """Disable the devices on all mounts of a container, but terminals and those it was given.

    Args:
        folder: where its root filesystem is mounted.
        devices: those it was given.

    Raises:
        OSError: the kernel is older than 5.12.
    """
    given = [*(f"/dev/{name}" for name in (*_DEVICES, "pts"))]
    given += [device["target"] for device in devices]
    nodev = syscalls.MOUNT_ATTR_NODEV
    with Rootfs(folder) as root:
        fd = root.open("/")
        syscalls.set_mount_flags(fd, nodev, recursive=True)
        os.close(fd)
        for target in given:
            with contextlib.suppress(OSError):  # it has another /dev
                fd = root.open(target)
                syscalls.set_mount_flags(fd, 0, nodev)
                os.close(fd)


def _protect(mounted: int) -> None:
    """Make the bind of a host's device read-only: it works, but its mode cannot be changed."""
    try:
        mount_points.make_read_only(mounted, "never")
    finally:
        os.close(mounted)


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
    _protect(os.open(path, os.O_PATH | os.O_CLOEXEC))
