"""Creates a container's namespaces and mounts its root filesystem, in its init process.

source: OCI runtime specification, "Linux Container Configuration", "Default Filesystems";
moby oci/defaults.go for the mounts, and for masked and read-only paths.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator

from .. import syscalls
from ..storage.driver import RootfsSpec
from ..storage.rootfs import Rootfs
from ..syscalls import MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY, MS_REC, MS_REMOUNT
from . import dev
from .child import CannotStart, working_folder_error
from .spec import ContainerSpec, MountSpec, Namespaces, TreeSpec

_CGROUP = "/sys/fs/cgroup"
_PROPAGATIONS = {
    "private": syscalls.MS_PRIVATE,
    "slave": syscalls.MS_SLAVE,
    "shared": syscalls.MS_SHARED,
}
_NO_DEVICES = MS_NOSUID | MS_NODEV | MS_NOEXEC
_RECURSIVE_BIND = MS_BIND | MS_REC
_NAMESPACE_FLAGS = {
    "net": syscalls.CLONE_NEWNET,
    "ipc": syscalls.CLONE_NEWIPC,
    "uts": syscalls.CLONE_NEWUTS,
}


def unshare(namespaces: Namespaces) -> None:
    """Create or join the mount, net, ipc and uts namespaces of a container.

    Raises:
        OSError: the kernel or its policy forbids it.
    """
    flags = syscalls.CLONE_NEWNS
    for name, flag in _NAMESPACE_FLAGS.items():
        match namespaces.get(name, "new"):
            case "new" | "none":
                flags |= flag
            case int(pid):
                syscalls.join_namespace(pid, name)
    syscalls.unshare(flags)


def build(spec: ContainerSpec) -> None:
    """Mount a container's root filesystem, and make it the root of this process.

    Raises:
        CannotStart: a mount, a hostname or a sysctl fails; the message is runc's.
        OSError: another step failed.
    """
    merged = spec["rootfs"]["merged"]
    mount_overlay(spec["rootfs"])
    with Rootfs(merged) as root:
        _mount_kernel_filesystems(root, spec)
        for mount in spec["mounts"]:
            with _as_runc_error(_mount_description(mount)):
                _mount_one(root, mount)
        for device in spec["devices"]:
            with _as_runc_error(f"error creating device nodes: mknod {device['target']}"):
                dev.add(root, device)
        _make_working_folder(root, spec["cwd"])
    if spec["rootfs"].get("readonly"):
        syscalls.mount("none", merged, flags=MS_BIND | MS_REMOUNT | MS_RDONLY)
    if spec.get("nodev"):
        dev.disable_others(merged, spec["devices"])
    syscalls.pivot_root(merged)
    _set_hostname(spec)
    with contextlib.suppress(CannotStart):  # an outer sandbox may forbid it
        _write_sysctls(spec["default_sysctls"])
    _write_sysctls(spec["sysctls"])
    if not spec["privileged"]:
        _mask_paths(spec)
        _make_read_only(spec)


@contextlib.contextmanager
def _as_runc_error(step: str) -> Iterator[None]:
    """Turn an OSError into one with runc's message."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise CannotStart(f"error during container init: {step}: {reason}") from error


def _mount_description(mount: MountSpec) -> str:
    """Return what runc calls mounting it; its descriptor always has the number 6."""
    target, data = mount["target"], ""
    if mount["kind"] == "bind":
        source, flags = mount["source"], _RECURSIVE_BIND
    else:
        source, flags = "tmpfs", mount["flags"]
        data = f", data: {mount['data']}" if mount["data"] else ""
    call = f"mount {source}:{target} (via /proc/self/fd/6), flags: {flags:#x}{data}"
    return f'error mounting "{source}" to rootfs at "{target}": {call}'


def _make_working_folder(root: Rootfs, path: str) -> None:
    try:
        os.close(root.make_dirs(path))
    except OSError as error:
        raise working_folder_error(path, error, made=True) from None


def mount_tree(spec: TreeSpec) -> None:
    """Mount the file tree of a container that does not run, and change this process's folder to it.

    Raises:
        OSError: a mount failed; the message names it.
    """
    mount_overlay(spec["rootfs"])
    os.chdir(spec["rootfs"]["merged"])
    with Rootfs(".") as root:
        for mount in spec["mounts"]:
            if mount["kind"] == "bind":
                _mount_one(root, mount)


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


def _fd_path(fd: int) -> str:
    return f"/proc/self/fd/{fd}"


@contextlib.contextmanager
def _mount_point(root: Rootfs, path: str) -> Iterator[str]:
    """Create a folder in the container; yield a path of it that no symbolic link can redirect."""
    fd = root.make_dirs(path)
    try:
        yield _fd_path(fd)
    finally:
        os.close(fd)


def _mount_kernel_filesystems(root: Rootfs, spec: ContainerSpec) -> None:
    with _mount_point(root, "/proc") as target:
        _mount_proc(target)
    with _mount_point(root, "/sys") as target:
        _mount_sys(target, read_only=not spec["privileged"])
    with contextlib.suppress(OSError):  # an outer sandbox may hide them
        _mount_cgroups(root, spec)
    with _mount_point(root, "/dev") as target:
        flags = MS_NOSUID | (MS_NODEV if spec.get("nodev") else 0)
        syscalls.mount("tmpfs", target, "tmpfs", flags, "mode=755,size=65536k")
    with _mount_point(root, "/dev") as target:
        dev.fill(target, spec)


def _mount_proc(target: str) -> None:
    try:
        syscalls.mount("proc", target, "proc", _NO_DEVICES)
    except PermissionError:
        # with the host's PID namespace, a user namespace may only bind the existing mount
        syscalls.mount("/proc", target, flags=MS_BIND | MS_REC)


def _mount_sys(target: str, *, read_only: bool) -> None:
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
        with _mount_point(root, _CGROUP) as target:
            syscalls.mount("tmpfs", target, "tmpfs", _NO_DEVICES, "mode=755")
    for name, folder in folders.items():
        with _mount_point(root, f"{_CGROUP}/{name}") as target:
            syscalls.mount(folder, target, flags=MS_BIND)
        with _mount_point(root, f"{_CGROUP}/{name}") as target:
            is_writable = spec["privileged"] if name == "devices" else spec["writable_cgroups"]
            if not is_writable:
                flags = MS_BIND | MS_REMOUNT | MS_RDONLY | _NO_DEVICES
                syscalls.mount("none", target, flags=flags)


def _mount_one(root: Rootfs, mount: MountSpec) -> None:
    target = mount["target"]
    if mount["kind"] == "tmpfs":
        with _mount_point(root, target) as path:
            syscalls.mount("tmpfs", path, "tmpfs", mount["flags"], mount["data"])
        return
    is_folder = os.path.isdir(mount["source"])
    fd = root.make_dirs(target) if is_folder else root.make_file(target)
    try:
        syscalls.mount(mount["source"], _fd_path(fd), flags=_RECURSIVE_BIND)
    finally:
        os.close(fd)
    propagation = mount.get("propagation") or "rprivate"
    fd = root.open(target)
    try:
        syscalls.mount(
            "none", _fd_path(fd), flags=MS_REC | _PROPAGATIONS[propagation.removeprefix("r")]
        )
        if mount.get("readonly"):
            _remount_read_only(fd)
    finally:
        os.close(fd)


def _remount_read_only(fd: int) -> None:
    # only the owner of the mount may clear these flags
    flags = os.fstatvfs(fd).f_flag
    kept = flags & (os.ST_NOSUID | os.ST_NODEV | os.ST_NOEXEC)
    syscalls.mount("none", _fd_path(fd), flags=MS_BIND | MS_REMOUNT | MS_RDONLY | kept)


def _set_hostname(spec: ContainerSpec) -> None:
    if spec["namespaces"].get("uts", "new") != "new":
        return
    with _as_runc_error("sethostname"):
        socket.sethostname(spec["hostname"])
    if domain := spec["domainname"]:
        with _as_runc_error("setdomainname"):
            syscalls.set_domain_name(domain)


def _write_sysctls(values: dict[str, str]) -> None:
    for name, value in values.items():
        path = f"/proc/sys/{name.replace('.', '/')}"
        with _as_runc_error(f"open {path}"), open(path, "w") as file:
            file.write(value)


def _mask_paths(spec: ContainerSpec) -> None:
    for path in spec["masked"]:
        if not os.path.exists(path):
            continue
        with contextlib.suppress(OSError):
            if os.path.isdir(path):
                syscalls.mount("tmpfs", path, "tmpfs", MS_RDONLY | _NO_DEVICES)
            else:
                syscalls.mount("/dev/null", path, flags=MS_BIND)


def _make_read_only(spec: ContainerSpec) -> None:
    for path in spec["read_only"]:
        if os.path.exists(path):
            with contextlib.suppress(OSError):
                syscalls.mount(path, path, flags=MS_BIND | MS_REC)
                flags = MS_BIND | MS_REMOUNT | MS_RDONLY | _NO_DEVICES
                syscalls.mount("none", path, flags=flags)
