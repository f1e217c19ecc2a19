"""Mounts binds, images and tmpfs in a container's root filesystem.

The image, and volumes that other containers write to, decide which links a target's path has. So a
target is opened once, checked, and mounted over by its descriptor.

source: opencontainers/runc, libcontainer/rootfs_linux.go: createOpenMountpoint, checkProcMount;
lxcfs(1) for the files of /proc that may be replaced.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator

from .. import syscalls
from ..storage.beneath import open_beneath
from ..storage.rootfs import Rootfs
from ..syscalls import MS_BIND, MS_RDONLY, MS_REC, MS_REMOUNT
from .child import CannotStart
from .overlay_mount import mount_overlay
from .spec import BindSpec, DeviceSpec, MountSpec, Submounts, TmpfsSpec

PROC = "/proc"
PROC_MAGIC = 0x9FA0
#: What lxcfs and similar programs emulate.
_REPLACEABLE = frozenset({
    "/proc/cpuinfo", "/proc/diskstats", "/proc/meminfo", "/proc/stat", "/proc/swaps",
    "/proc/uptime", "/proc/loadavg", "/proc/slabinfo", "/proc/sys/kernel/ns_last_pid",
    "/proc/sys/crypto/fips_enabled",
})  # fmt: skip
#: What a system call fails with that the kernel does not have, or that a sandbox hides.
_HIDDEN = {errno.ENOSYS, errno.EPERM}
_PROPAGATIONS = {
    "private": syscalls.MS_PRIVATE,
    "slave": syscalls.MS_SLAVE,
    "shared": syscalls.MS_SHARED,
}


def fd_path(fd: int) -> str:
    """Return a path of an open file that no rename and no symbolic link can redirect."""
    return f"/proc/self/fd/{fd}"


@contextlib.contextmanager
def as_runc_error(step: str) -> Iterator[None]:
    """Turn an OSError into one with runc's message.

    Raises:
        CannotStart: in place of the OSError.
    """
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise CannotStart(f"error during container init: {step}: {reason}") from error


def mount(root: Rootfs, spec: MountSpec) -> None:
    """Mount a bind or a tmpfs; its target is created if it is missing.

    Raises:
        CannotStart: the target is inside /proc, or a step fails; the message is runc's.
    """
    if spec["kind"] == "tmpfs":
        data = _tmpfs_data(root, spec)
        with opened_target(root, spec, is_folder=True) as target, as_runc_error(_call(spec)):
            syscalls.mount("tmpfs", fd_path(target), "tmpfs", spec["flags"], data)
        return
    with _shown(spec), _source(spec) as source:
        is_folder = stat.S_ISDIR(os.fstat(source).st_mode)
        with opened_target(root, spec, is_folder=is_folder) as target, as_runc_error(_call(spec)):
            _attach(root, spec, source, target)


@contextlib.contextmanager
def _shown(spec: BindSpec) -> Iterator[None]:
    """Mount the image at the bind's source, in this mount namespace only."""
    image = spec.get("image")
    if image is None:
        yield
        return
    with as_runc_error(_step(spec)):
        mount_overlay(image)
    try:
        yield
    finally:
        syscalls.unmount(image["merged"])


@contextlib.contextmanager
def _source(spec: BindSpec) -> Iterator[int]:
    """Open what is bound: a path of the host, or a part of a volume, which containers write to."""
    with as_runc_error(_step(spec)):
        source = _open_source(spec["source"])
        if subpath := spec.get("subpath"):
            volume = source
            try:
                source = open_beneath(volume, subpath, links=True)
            finally:
                os.close(volume)
    try:
        yield source
    finally:
        os.close(source)


def _open_source(path: str) -> int:
    flags = os.O_PATH | os.O_CLOEXEC
    try:
        return os.open(path, flags | os.O_DIRECTORY)  # without O_DIRECTORY, autofs does not mount
    except NotADirectoryError:
        return os.open(path, flags)


def _tmpfs_data(root: Rootfs, spec: TmpfsSpec) -> str:
    """Return the options of a tmpfs: unless they say otherwise, it has the mode of its target."""
    try:
        mode = stat.S_IMODE(root.stat(spec["target"]).st_mode)
    except OSError:
        return spec["data"]
    return ",".join(filter(None, (f"mode={mode:04o}", spec["data"])))


@contextlib.contextmanager
def opened_target(root: Rootfs, spec: MountSpec | DeviceSpec, *, is_folder: bool) -> Iterator[int]:
    """Open where a mount appears; create it if it is missing.

    Raises:
        CannotStart: it cannot be created, or nothing may be mounted there.
    """
    path = spec["target"]
    step = f"{_step(spec)}: create mountpoint for {path} mount"
    with as_runc_error(f'{step}: make mountpoint "{path}"'):
        target = _make(root, path, is_folder=is_folder)
    try:
        if reason := _refusal(root.path_of(target), path):
            raise CannotStart(f"error during container init: {step}: {reason}")
        yield target
    finally:
        os.close(target)


def _make(root: Rootfs, path: str, *, is_folder: bool) -> int:
    """Open a target; create it, or what a dangling link at its path points to, if missing."""
    try:
        return root.open(path)  # whatever it is: mounting fails if it is of another kind
    except FileNotFoundError:
        make = root.make_dirs if is_folder else root.make_file
    try:
        return make(path)
    except FileExistsError:  # a dangling link, or a container that shares a volume was faster
        return make(root.follow_links(path))


def _refusal(place: str, path: str) -> str:
    """Return why nothing may be mounted at a place; empty if it may.

    Args:
        place: the target without symbolic links.
        path: the target that was asked for.
    """
    if place == "/":
        return f'mountpoint "{path}" is on the top of rootfs'
    check = f'check proc-safety of {path} mount: "{place}" cannot be mounted because it is'
    if place == PROC:
        return f"{check} not of type proc"
    if place.startswith(f"{PROC}/") and place not in _REPLACEABLE:
        return f"{check} inside /proc"
    return ""


def mount_proc(root: Rootfs, spec: MountSpec, target: int) -> None:
    """Bind the host's procfs over the container's folder /proc, as the user asks for.

    Raises:
        CannotStart: the source is not a procfs, or cannot be mounted.
    """
    if spec["kind"] == "bind":
        with _shown(spec), _source(spec) as source, as_runc_error(_call(spec)):
            if syscalls.filesystem_type(source) == PROC_MAGIC:
                _attach(root, spec, source, target)
                return
    step = f"{_step(spec)}: create mountpoint for {PROC} mount"
    raise CannotStart(f"error during container init: {step}: {_refusal(PROC, PROC)}")


def _attach(root: Rootfs, spec: BindSpec, source: int, target: int) -> None:
    if stat.S_ISDIR(os.fstat(source).st_mode) != stat.S_ISDIR(os.fstat(target).st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    mounted = bind(root, source, target, recursive=spec.get("recursive", True))
    try:
        propagation = spec.get("propagation") or "rprivate"
        flags = _PROPAGATIONS[propagation.removeprefix("r")]
        flags |= MS_REC if propagation.startswith("r") else 0
        syscalls.mount("none", fd_path(mounted), flags=flags)
        if spec["readonly"]:
            make_read_only(mounted, spec.get("readonly_submounts", "if possible"))
    finally:
        os.close(mounted)


def bind(root: Rootfs, source: int, target: int, *, recursive: bool) -> int:
    """Bind an open file or folder over another one; return a descriptor of the new mount.

    Args:
        root: where the target lies.
        source: what is bound.
        target: where it appears.
        recursive: whether the mounts below the source appear too.
    """
    try:
        mounted = syscalls.open_tree("", source, recursive=recursive)
    except OSError as error:
        if error.errno not in _HIDDEN:
            raise
        return _bind_by_path(root, source, target, recursive=recursive)
    try:
        syscalls.move_mount(mounted, "", target)
    except OSError:
        os.close(mounted)
        raise
    return mounted


def _bind_by_path(root: Rootfs, source: int, target: int, *, recursive: bool) -> int:
    """Do as `bind` on kernels before 5.2, where a new mount can only be found by its path."""
    place = root.path_of(target)
    flags = MS_BIND | (MS_REC if recursive else 0)
    syscalls.mount(fd_path(source), fd_path(target), flags=flags)
    mounted = root.open(place)
    if root.path_of(mounted) != place or not os.path.sameopenfile(mounted, source):
        os.close(mounted)
        raise OSError(errno.EBUSY, f"{place} was replaced while it was mounted over")
    return mounted


def make_read_only(mounted: int, submounts: Submounts) -> None:
    """Make a mount read-only.

    Args:
        mounted: a descriptor of it.
        submounts: whether those below it become read-only as well.

    Raises:
        CannotStart: they must, and this kernel cannot do that.
    """
    try:
        syscalls.set_read_only(mounted, recursive=submounts != "never")
    except OSError as error:
        if error.errno not in _HIDDEN:
            raise
        if submounts == "always":
            reason = f"{os.strerror(error.errno).lower()} (kernel is older than 5.12?)"
            raise CannotStart(f"rro is not supported: {reason}") from error
        # only the owner of the mount may clear these flags
        kept = os.fstatvfs(mounted).f_flag & (os.ST_NOSUID | os.ST_NODEV | os.ST_NOEXEC)
        flags = MS_BIND | MS_REMOUNT | MS_RDONLY | kept
        syscalls.mount("none", fd_path(mounted), flags=flags)


def _step(spec: MountSpec | DeviceSpec) -> str:
    source = spec.get("source", "tmpfs")
    return f'error mounting "{source}" to rootfs at "{spec["target"]}"'


#: The flags that runc names, in its order. source: runc libcontainer/mount_linux.go.
_FLAGS = {
    "MS_RDONLY": syscalls.MS_RDONLY,
    "MS_NOSUID": syscalls.MS_NOSUID,
    "MS_NODEV": syscalls.MS_NODEV,
    "MS_NOEXEC": syscalls.MS_NOEXEC,
    "MS_BIND": syscalls.MS_BIND,
    "MS_REC": syscalls.MS_REC,
}
#: The number of runc's descriptor of the target; it varies.
_FD = 14


def _call(spec: MountSpec) -> str:
    """Return what runc calls the mount itself."""
    target, data = spec["target"], ""
    if spec["kind"] == "bind":
        source, flags = spec["source"], MS_BIND | (MS_REC if spec.get("recursive", True) else 0)
    else:
        source, flags = "tmpfs", spec["flags"]
        data = f", data={spec['data']}" if spec["data"] else ""
    names = "|".join(name for name, flag in _FLAGS.items() if flags & flag)
    call = f"mount src={source}, dst={target}, dstFd=/proc/thread-self/fd/{_FD}, flags={names}"
    return f"{_step(spec)}: {call}{data}"
