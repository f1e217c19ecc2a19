"""A container's /proc, /sys and /dev: mounted before anything of the image or of a volume.

Sysctls are written, and paths are masked, through descriptors of the container's procfs and sysfs,
because an image can have links and volumes at the same paths.

source: OCI runtime specification, "Default Filesystems"; opencontainers/runc,
libcontainer/rootfs_linux.go: mountToRootfs, maskPaths, readonlyPath; moby oci/defaults.go.
"""

from __future__ import annotations

import contextlib
import errno
import os
import posixpath
import stat
from collections.abc import Iterator

from .. import syscalls
from ..storage.beneath import open_beneath
from ..storage.rootfs import Rootfs
from ..syscalls import MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY, MS_REC, MS_REMOUNT
from . import dev, mount_points
from .child import CannotStart
from .mount_points import PROC as _PROC
from .mount_points import PROC_MAGIC, as_runc_error, bind, fd_path, make_read_only
from .spec import ContainerSpec, DeviceSpec, MountSpec, TmpfsSpec

_DEV, _SYS = "/dev", "/sys"
_CGROUP = "/sys/fs/cgroup"
_NO_DEVICES = MS_NOSUID | MS_NODEV | MS_NOEXEC
_INIT = "error during container init"


class KernelFilesystems:
    """A container's procfs and sysfs, while its root filesystem is mounted.

    What the container itself mounts at /proc, /sys or /dev replaces the default, as in dockerd.

    Args:
        root: the container's files; nothing is mounted in it yet.
        spec: the container.

    Raises:
        CannotStart: the image has a link or a file at /proc or /sys, or a mount fails.
        OSError: another mount failed.
    """

    def __init__(self, root: Rootfs, spec: ContainerSpec) -> None:
        self._root = root
        self._spec = spec
        requested = {mount["target"]: mount for mount in spec["mounts"]}
        self._proc = _mount_proc(root, spec, requested.get(_PROC))
        self._sys = _mount_sys(root, spec, requested.get(_SYS))
        self._has_own_dev = _mount_dev(root, spec, requested.get(_DEV))

    def further_mounts(self) -> list[MountSpec]:
        """Return the container's other mounts."""
        mounted = {_PROC, _SYS, *([_DEV] if self._has_own_dev else [])}
        return [mount for mount in self._spec["mounts"] if mount["target"] not in mounted]

    def devices(self) -> list[DeviceSpec]:
        """Return the devices that it was given; none if it has its own /dev."""
        return self._spec["devices"] if self._has_own_dev else []

    def close(self) -> None:
        """Close the descriptors."""
        os.close(self._proc)
        os.close(self._sys)

    def write_sysctl(self, name: str, value: str) -> None:
        """Set a kernel parameter. Call this before anything of the image is mounted.

        Raises:
            CannotStart: it does not exist, or has no such value.
        """
        path = f"sys/{name.replace('.', '/')}"
        with as_runc_error(f"open {_PROC}/{path}"):
            fd = open_beneath(self._proc, path, os.O_WRONLY)
            try:
                if syscalls.filesystem_type(fd) != PROC_MAGIC:
                    raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
                os.write(fd, value.encode())
            finally:
                os.close(fd)

    def mask(self) -> None:
        """Hide the masked paths: files behind the null device, folders behind an empty tmpfs.

        Raises:
            CannotStart: a path that exists cannot be masked, or the null device is not one.
        """
        if not self._spec["masked"]:
            return
        with _null_device(self._root) as null:
            for path in self._spec["masked"]:
                with self._opened(path, "mask path") as target:
                    if target is not None and stat.S_ISDIR(os.fstat(target).st_mode):
                        flags = MS_RDONLY | _NO_DEVICES
                        syscalls.mount("tmpfs", fd_path(target), "tmpfs", flags)
                    elif target is not None:
                        syscalls.mount(fd_path(null), fd_path(target), flags=MS_BIND)

    def make_read_only(self) -> None:
        """Make the read-only paths read-only.

        Raises:
            CannotStart: a path that exists cannot be made read-only.
        """
        for path in self._spec["read_only"]:
            with self._opened(path, "make read-only") as target:
                if target is not None:
                    mounted = bind(self._root, target, target, recursive=True)
                    make_read_only(mounted, "never")
                    os.close(mounted)

    @contextlib.contextmanager
    def _opened(self, path: str, action: str) -> Iterator[int | None]:
        """Open a path to protect; None if it is missing, or an outer sandbox hides it."""
        target = None
        with as_runc_error(f'can\'t {action} "{path}"'):
            with contextlib.suppress(FileNotFoundError, PermissionError):
                target = self._open(posixpath.normpath(path))
            try:
                yield target
            finally:
                if target is not None:
                    os.close(target)

    def _open(self, path: str) -> int:
        for folder, fd in ((_PROC, self._proc), (_SYS, self._sys)):
            if path.startswith(f"{folder}/"):
                return open_beneath(fd, path.removeprefix(f"{folder}/"))
        return self._root.open(path)


@contextlib.contextmanager
def _null_device(root: Rootfs) -> Iterator[int]:
    """Open the container's /dev/null, which is anything where a volume is mounted at /dev.

    Raises:
        CannotStart: it is missing, or is not the null device.
    """
    with as_runc_error("can't mask paths: open /dev/null"):
        fd = root.open("/dev/null")
    try:
        if not _is_null_device(os.fstat(fd)):
            raise CannotStart(f"{_INIT}: can't mask paths: container's /dev/null is invalid")
        yield fd
    finally:
        os.close(fd)


def _is_null_device(status: os.stat_result) -> bool:
    return stat.S_ISCHR(status.st_mode) and status.st_rdev == os.makedev(1, 3)


@contextlib.contextmanager
def _folder(root: Rootfs, path: str) -> Iterator[int]:
    """Open a folder of the container, or create it; yield its descriptor."""
    fd = root.make_dirs(path)
    try:
        yield fd
    finally:
        os.close(fd)


def _refuse_link(root: Rootfs, path: str, kind: str) -> None:
    """Refuse an image whose /proc or /sys is not a folder, as that could lead into the other."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISDIR(root.lstat(path).st_mode):
            reason = f'filesystem "{kind}" must be mounted on ordinary directory'
            raise CannotStart(f'{_INIT}: error mounting "{kind}" to rootfs at "{path}": {reason}')


def _mount_proc(root: Rootfs, spec: ContainerSpec, requested: MountSpec | None) -> int:
    """Mount a procfs, or what the user wants there; return its descriptor."""
    _refuse_link(root, _PROC, "proc")
    with _folder(root, _PROC) as target:
        if requested is not None:
            mount_points.mount_proc(root, requested, target)
        elif shares_processes(spec):
            _mount_proc_of(spec["namespaces"]["pid"], target)
        else:
            _mount_new_proc(fd_path(target))
    return root.open(_PROC)


def shares_processes(spec: ContainerSpec) -> bool:
    """Whether a container has the PID namespace of another one, which is not the host's."""
    pid = spec.get("namespaces", {}).get("pid", "new")
    return isinstance(pid, int) and not os.path.samefile(f"/proc/{pid}/ns/pid", "/proc/self/ns/pid")


def _mount_proc_of(pid: str | int, target: int) -> None:
    """Mount the procfs of a process of another container.

    To mount a new one, this process would have to be in that PID namespace, where the other
    container could see it, and open its root, which is still the host's.

    Raises:
        CannotStart: the other container has no such procfs any more.
    """
    own = os.open("/proc/self/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
    wanted = os.readlink(f"/proc/{pid}/ns/pid")
    try:
        syscalls.join_namespace(int(pid), "mnt")
        try:
            mounted = syscalls.open_tree(_PROC)
        finally:
            syscalls.setns(own)
        try:
            is_proc = syscalls.filesystem_type(mounted) == PROC_MAGIC
            if not is_proc or os.readlink("1/ns/pid", dir_fd=mounted) != wanted:
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
            syscalls.move_mount(mounted, "", target)
        finally:
            os.close(mounted)
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise CannotStart(f"cannot share the processes of {pid}: its /proc: {reason}") from error
    finally:
        os.close(own)


def _mount_new_proc(target: str) -> None:
    try:
        syscalls.mount("proc", target, "proc", _NO_DEVICES)
    except PermissionError:
        # with the host's PID namespace, a user namespace may only bind the existing mount
        syscalls.mount("/proc", target, flags=MS_BIND | MS_REC)


def _mount_sys(root: Rootfs, spec: ContainerSpec, requested: MountSpec | None) -> int:
    """Mount a sysfs and control groups, or what the user wants there; return its descriptor."""
    _refuse_link(root, _SYS, "sysfs")
    if requested is not None:
        mount_points.mount(root, requested)
        return root.open(_SYS)
    with _folder(root, _SYS) as target:
        _mount_new_sys(fd_path(target), read_only=not spec["privileged"])
    with contextlib.suppress(OSError):  # an outer sandbox may hide them
        _mount_cgroups(root, spec)
    return root.open(_SYS)


def _mount_new_sys(target: str, *, read_only: bool) -> None:
    flags = _NO_DEVICES | (MS_RDONLY if read_only else 0)
    try:
        syscalls.mount("sysfs", target, "sysfs", flags)
    except PermissionError:
        # with the host's network namespace, or in a sandbox, only the existing mount can be bound
        syscalls.mount("/sys", target, flags=MS_BIND | MS_REC)


def _mount_cgroups(root: Rootfs, spec: ContainerSpec) -> None:
    """Mount the container's control groups, where its programs look for their limits."""
    folders = spec.get("cgroup_folders") or {}
    if folders.keys() - {""}:
        with _folder(root, _CGROUP) as target:
            syscalls.mount("tmpfs", fd_path(target), "tmpfs", _NO_DEVICES, "mode=755")
    for name, folder in folders.items():
        with _folder(root, f"{_CGROUP}/{name}") as target:
            syscalls.mount(folder, fd_path(target), flags=MS_BIND)
        with _folder(root, f"{_CGROUP}/{name}") as target:
            is_writable = spec["privileged"] if name == "devices" else spec["writable_cgroups"]
            if not is_writable:
                flags = MS_BIND | MS_REMOUNT | MS_RDONLY | _NO_DEVICES
                syscalls.mount("none", fd_path(target), flags=flags)


def _mount_dev(root: Rootfs, spec: ContainerSpec, requested: MountSpec | None) -> bool:
    """Mount and fill a tmpfs at /dev, unless something is bound there; return whether it is."""
    data = "mode=755,size=65536k"
    default: TmpfsSpec = {"kind": "tmpfs", "target": _DEV, "flags": MS_NOSUID, "data": data}
    mount = requested or default
    if mount["kind"] == "bind":
        return False
    nodev = MS_NODEV if spec.get("nodev") else 0
    mount_points.mount(root, {**mount, "flags": mount["flags"] | nodev})
    with _folder(root, _DEV) as target:
        dev.fill(fd_path(target), spec)
    return True
