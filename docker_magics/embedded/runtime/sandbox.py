"""A container's root file system and namespaces, made from inside by its first process.

source: OCI runtime specification, "Linux Container Configuration", "Default Filesystems";
moby oci/defaults.go for what is mounted, masked and read-only.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import stat
from collections.abc import Iterator

from .. import syscalls
from ..storage.driver import RootfsSpec
from ..storage.rootfs import Rootfs
from ..syscalls import MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY, MS_REC, MS_REMOUNT
from . import messages
from .child import CannotStart, working_folder_error
from .spec import ContainerSpec, MountSpec, Namespaces, TreeSpec

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
_GROUPS = "/sys/fs/cgroup"
_MEMORY = "/dev/shm"  # noqa: S108 - a mount point
_PROPAGATIONS = {
    "private": syscalls.MS_PRIVATE,
    "slave": syscalls.MS_SLAVE,
    "shared": syscalls.MS_SHARED,
}
_QUIET = MS_NOSUID | MS_NODEV | MS_NOEXEC
_BIND_ALL = MS_BIND | MS_REC


def unshare(namespaces: Namespaces) -> None:
    """Leave or enter each namespace but that of processes, which only children can change.

    Args:
        namespaces: for net, ipc and uts: "new", "host", or the PID of a process to join.
    """
    flags = syscalls.CLONE_NEWNS
    kinds = {
        "net": syscalls.CLONE_NEWNET,
        "ipc": syscalls.CLONE_NEWIPC,
        "uts": syscalls.CLONE_NEWUTS,
    }
    for name, flag in kinds.items():
        match namespaces.get(name, "new"):
            case "new" | "none":
                flags |= flag
            case int(pid):
                join(pid, name)
    syscalls.unshare(flags)


def join(pid: int, name: str) -> None:
    """Enter one namespace of a running process."""
    fd = os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY | os.O_CLOEXEC)
    try:
        syscalls.setns(fd)
    finally:
        os.close(fd)


def build(spec: ContainerSpec) -> None:
    """Mount everything and make it the root of this process.

    Raises:
        CannotStart: a mount, a name or a sysctl cannot be, in runc's words.
        OSError: another step failed.
    """
    merged = spec["rootfs"]["merged"]
    mount_overlay(spec["rootfs"])
    with Rootfs(merged) as root:
        _mount_kernel(root, spec)
        for mount in [*spec["mounts"], *spec["devices"]]:
            with _in_words(_mounting(mount)):
                _mount_one(root, mount)
        _make_working_folder(root, spec["cwd"])
    if spec["rootfs"].get("readonly"):
        syscalls.mount("none", merged, flags=MS_BIND | MS_REMOUNT | MS_RDONLY)
    syscalls.pivot_root(merged)
    _set_names(spec)
    with contextlib.suppress(CannotStart):  # a sandbox around this one may not let us
        _write_sysctls(spec["default_sysctls"])
    _write_sysctls(spec["sysctls"])
    if not spec["privileged"]:
        _hide(spec)


@contextlib.contextmanager
def _in_words(doing: str) -> Iterator[None]:
    """Let what fails be said as runc says it."""
    try:
        yield
    except OSError as error:
        words = os.strerror(error.errno or 0).lower()
        raise CannotStart(f"error during container init: {doing}: {words}") from error


def _mounting(mount: MountSpec) -> str:
    """What runc says that it does; its descriptor has the same number each time."""
    target, data = mount["target"], ""
    if mount["kind"] == "bind":
        source, flags = mount["source"], _BIND_ALL
    else:
        source, flags = "tmpfs", mount["flags"]
        data = f", data: {mount['data']}" if mount["data"] else ""
    tried = f"mount {source}:{target} (via /proc/self/fd/6), flags: {flags:#x}{data}"
    return f'error mounting "{source}" to rootfs at "{target}": {tried}'


def _make_working_folder(root: Rootfs, path: str) -> None:
    try:
        os.close(root.make_dirs(path))
    except OSError as error:
        raise working_folder_error(path, error, made=True) from None


def mount_tree(spec: TreeSpec) -> None:
    """Mount the files of a container that does not run, and go there.

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
    """Folders as names below /proc/self/fd, which is the working directory until the end.

    Mount options must fit into one page and reserve `,` and `:`. A descriptor's number is short
    enough for the 500 layers that overlayfs takes.
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
    """Mount a stack of layers (`lower`, bottom first), with `upper` and `work` on `merged`.

    An image may have one layer several times. Overlayfs refuses a folder that is listed twice, and
    the topmost one hides all that the others have: those are left out.
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


def _at(fd: int) -> str:
    return f"/proc/self/fd/{fd}"


@contextlib.contextmanager
def _directory(root: Rootfs, path: str) -> Iterator[str]:
    fd = root.make_dirs(path)
    try:
        yield _at(fd)
    finally:
        os.close(fd)


def _mount_kernel(root: Rootfs, spec: ContainerSpec) -> None:
    with _directory(root, "/proc") as target:
        _mount_proc(target)
    with _directory(root, "/sys") as target:
        _mount_sys(target, read_only=not spec["privileged"])
    with contextlib.suppress(OSError):  # a sandbox around us may hide them
        _mount_groups(root, spec)
    with _directory(root, "/dev") as target:
        syscalls.mount("tmpfs", target, "tmpfs", MS_NOSUID, "mode=755,size=65536k")
    with _directory(root, "/dev") as target:
        _fill_dev(target, spec)


def _mount_proc(target: str) -> None:
    try:
        syscalls.mount("proc", target, "proc", _QUIET)
    except PermissionError:
        # the host's processes are not this user namespace's: its own view
        syscalls.mount("/proc", target, flags=MS_BIND | MS_REC)


def _mount_sys(target: str, *, read_only: bool) -> None:
    flags = _QUIET | (MS_RDONLY if read_only else 0)
    try:
        syscalls.mount("sysfs", target, "sysfs", flags)
    except PermissionError:
        # the host's network, or a sandbox around us: its own view, read-only
        syscalls.mount("/sys", target, flags=MS_BIND | MS_REC)


def _mount_groups(root: Rootfs, spec: ContainerSpec) -> None:
    """The container's own control groups, where its programs look for their limits."""
    folders = spec.get("cgroup_folders") or {}
    if folders.keys() - {""}:
        with _directory(root, _GROUPS) as target:
            syscalls.mount("tmpfs", target, "tmpfs", _QUIET, "mode=755")
    for name, folder in folders.items():
        with _directory(root, f"{_GROUPS}/{name}") as target:
            syscalls.mount(folder, target, flags=MS_BIND)
        with _directory(root, f"{_GROUPS}/{name}") as target:
            if not spec["privileged"]:
                flags = MS_BIND | MS_REMOUNT | MS_RDONLY | _QUIET
                syscalls.mount("none", target, flags=flags)


def _fill_dev(dev: str, spec: ContainerSpec) -> None:
    for name, (major, minor) in _DEVICES.items():
        _device(f"{dev}/{name}", f"/dev/{name}", os.makedev(major, minor))
    for name, target in _LINKS.items():
        os.symlink(target, f"{dev}/{name}")
    os.mkdir(f"{dev}/pts")
    pts = "newinstance,ptmxmode=0666,mode=0620"
    try:
        syscalls.mount("devpts", f"{dev}/pts", "devpts", MS_NOSUID | MS_NOEXEC, f"{pts},gid=5")
    except OSError:
        syscalls.mount("devpts", f"{dev}/pts", "devpts", MS_NOSUID | MS_NOEXEC, pts)
    if spec["namespaces"].get("ipc") != "none":
        _fill_ipc(dev, spec)


def _fill_ipc(dev: str, spec: ContainerSpec) -> None:
    for name in ("shm", "mqueue"):
        os.mkdir(f"{dev}/{name}")
    if _MEMORY not in {mount["target"] for mount in spec["mounts"]}:
        _mount_memory(f"{dev}/shm", spec)
    with contextlib.suppress(OSError):  # some kernels have no message queues
        syscalls.mount("mqueue", f"{dev}/mqueue", "mqueue", _QUIET)


def _mount_memory(target: str, spec: ContainerSpec) -> None:
    """Shared memory: its own, or that of whom it shares the IPC with."""
    match spec["namespaces"].get("ipc"):
        case int(pid):
            _mount_memory_of(pid, target)
        case "host" if os.path.isdir(_MEMORY):
            syscalls.mount(_MEMORY, target, flags=MS_BIND)
        case _:
            size = f"mode=1777,size={spec['shm_size'] or 64 << 20}"
            syscalls.mount("shm", target, "tmpfs", _QUIET, size)


def _mount_memory_of(pid: int, target: str) -> None:
    """Mount another container's /dev/shm. Who is in that one alone can hand it out: a child."""
    ours, theirs = messages.pair()
    with ours, theirs:
        child = os.fork()
        if child == 0:
            with contextlib.suppress(OSError):
                join(pid, "mnt")
                messages.send(theirs, {}, (syscalls.open_tree(_MEMORY),))
            os._exit(0)
        theirs.close()
        received = messages.receive(ours)
        os.waitpid(child, 0)
    if received is None:
        raise OSError(errno.EINVAL, f"no {_MEMORY} to share")
    (mount,) = received[1]
    syscalls.move_mount(mount, target)
    os.close(mount)


def _device(path: str, source: str, number: int) -> None:
    mask = os.umask(0)
    try:
        os.mknod(path, 0o666 | stat.S_IFCHR, number)
        with open(path, "rb"):  # a node made in a user namespace cannot be opened
            return
    except OSError as error:
        if error.errno == errno.ENXIO:  # /dev/tty, by who has no terminal
            return
        if error.errno not in {errno.EPERM, errno.EACCES}:
            raise
    finally:
        os.umask(mask)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o666))
    syscalls.mount(source, path, flags=MS_BIND)


def _mount_one(root: Rootfs, mount: MountSpec) -> None:
    target = mount["target"]
    if mount["kind"] == "tmpfs":
        with _directory(root, target) as at:
            syscalls.mount("tmpfs", at, "tmpfs", mount["flags"], mount["data"])
        return
    is_folder = os.path.isdir(mount["source"])
    fd = root.make_dirs(target) if is_folder else root.make_file(target)
    try:
        syscalls.mount(mount["source"], _at(fd), flags=_BIND_ALL)
    finally:
        os.close(fd)
    propagation = mount.get("propagation") or "rprivate"
    fd = root.open(target)
    try:
        syscalls.mount("none", _at(fd), flags=MS_REC | _PROPAGATIONS[propagation.removeprefix("r")])
        if mount.get("readonly"):
            _remount_read_only(fd)
    finally:
        os.close(fd)


def _remount_read_only(fd: int) -> None:
    # what the file system was mounted with must be kept where one is not its owner
    flags = os.fstatvfs(fd).f_flag
    kept = flags & (os.ST_NOSUID | os.ST_NODEV | os.ST_NOEXEC)
    syscalls.mount("none", _at(fd), flags=MS_BIND | MS_REMOUNT | MS_RDONLY | kept)


def _set_names(spec: ContainerSpec) -> None:
    if spec["namespaces"].get("uts", "new") != "new":
        return
    with _in_words("sethostname"):
        socket.sethostname(spec["hostname"])
    if domain := spec["domainname"]:
        with open("/proc/sys/kernel/domainname", "w") as file:
            file.write(domain)


def _write_sysctls(values: dict[str, str]) -> None:
    for name, value in values.items():
        path = f"/proc/sys/{name.replace('.', '/')}"
        with _in_words(f"open {path}"), open(path, "w") as file:
            file.write(value)


def _hide(spec: ContainerSpec) -> None:
    for path in spec["masked"]:
        if not os.path.exists(path):
            continue
        with contextlib.suppress(OSError):
            if os.path.isdir(path):
                syscalls.mount("tmpfs", path, "tmpfs", MS_RDONLY | _QUIET)
            else:
                syscalls.mount("/dev/null", path, flags=MS_BIND)
    for path in spec["read_only"]:
        if os.path.exists(path):
            with contextlib.suppress(OSError):
                syscalls.mount(path, path, flags=MS_BIND | MS_REC)
                flags = MS_BIND | MS_REMOUNT | MS_RDONLY | _QUIET
                syscalls.mount("none", path, flags=flags)
