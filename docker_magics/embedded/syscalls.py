"""System calls that Python 3.11 lacks, by ctypes. All raise OSError.

source: unshare(2), setns(2), setdomainname(2), mount(2), open_tree(2), mount_setattr(2),
pivot_root(2), prctl(2), openat2(2), statfs(2), close_range(2), seccomp(2), keyctl(2), capset(2),
statx(2), renameat2(2).
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import platform
import struct

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 0x1
MS_NOSUID = 0x2
MS_NODEV = 0x4
MS_NOEXEC = 0x8
MS_SYNCHRONOUS = 0x10
MS_REMOUNT = 0x20
MS_MANDLOCK = 0x40
MS_DIRSYNC = 0x80
MS_NOATIME = 0x400
MS_NODIRATIME = 0x800
MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 0x40000
MS_SLAVE = 0x80000
MS_SHARED = 0x100000
MS_RELATIME = 0x200000
MS_STRICTATIME = 0x1000000
MNT_DETACH = 2
MOUNT_ATTR_RDONLY, MOUNT_ATTR_NODEV = 0x1, 0x4

PR_SET_DUMPABLE = 4
PR_SET_NAME = 15
PR_CAPBSET_READ = 23
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2

RESOLVE_NO_MAGICLINKS = 0x02
RESOLVE_NO_SYMLINKS = 0x04
RESOLVE_BENEATH = 0x08
RESOLVE_IN_ROOT = 0x10
_OPENAT2 = 437
#: How often a path with `..` is resolved again because something was renamed meanwhile.
_ATTEMPTS = 64
_CLOSE_RANGE = 436
_MAX_FD = 0xFFFFFFFF
_OPEN_TREE, _MOVE_MOUNT, _MOUNT_SETATTR = 428, 429, 442
_AT_FDCWD, _AT_EMPTY_PATH, _AT_RECURSIVE = -100, 0x1000, 0x8000
_OPEN_TREE_CLONE, _MOVE_MOUNT_F_EMPTY_PATH, _MOVE_MOUNT_T_EMPTY_PATH = 1, 4, 0x40
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_BPF = {"x86_64": 321, "aarch64": 280}
_KEYCTL, _JOIN_SESSION_KEYRING = {"x86_64": 250, "aarch64": 219}, 1
_SECCOMP, _SET_MODE_FILTER = {"x86_64": 317, "aarch64": 277}, 1
_LANDLOCK_CREATE_RULESET, _LANDLOCK_VERSION = 444, 1
_STATX, _STATX_BTIME = {"x86_64": 332, "aarch64": 291}, 0x800
#: In struct statx: the mask of what is known, and the time of birth.
_STATX_SIZE, _BTIME_OFFSET = 256, 0x50
_RENAMEAT2, _RENAME_EXCHANGE = {"x86_64": 316, "aarch64": 276}, 2

_CAPABILITY_VERSION_3, _MAX_WORD = 0x20080522, 0xFFFFFFFF

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, call: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")
    return result


def unshare(flags: int) -> None:
    """Move this process into new namespaces; `flags` are CLONE_NEW..."""
    _check(_libc.unshare(flags), "unshare")


def setns(fd: int, kind: int = 0) -> None:
    """Join the namespace of a descriptor."""
    _check(_libc.setns(fd, kind), "setns")


def join_namespace(pid: int, name: str) -> None:
    """Join a namespace of a running process.

    Args:
        pid: of the process.
        name: of the namespace, as in /proc/PID/ns.

    Raises:
        OSError: the process has ended.
    """
    fd = os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY | os.O_CLOEXEC)
    try:
        setns(fd)
    finally:
        os.close(fd)


def set_domain_name(name: str) -> None:
    """Set the NIS domain name of this UTS namespace.

    Unlike /proc/sys/kernel/domainname, it may be set by root of a user namespace.
    """
    text = name.encode()
    _check(_libc.setdomainname(text, ctypes.c_size_t(len(text))), "setdomainname")


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    """Mount a filesystem; see mount(2)."""
    result = _libc.mount(
        os.fsencode(source),
        os.fsencode(target),
        kind.encode() or None,
        ctypes.c_ulong(flags),
        os.fsencode(data) or None,
    )
    _check(result, f"mount {source} on {target}")


def open_tree(path: str, folder: int = _AT_FDCWD, *, recursive: bool = False) -> int:
    """Return a detached copy of a mount, which may be attached in other mount namespaces.

    Args:
        path: of its root; empty for `folder` itself.
        folder: the descriptor from which a relative path begins.
        recursive: whether the mounts below it are copied too.

    Raises:
        OSError: ENOSYS if the kernel is older than 5.2, or a sandbox hides the call.
    """
    flags = _OPEN_TREE_CLONE | os.O_CLOEXEC
    flags |= (0 if path else _AT_EMPTY_PATH) | (_AT_RECURSIVE if recursive else 0)
    return _check(_libc.syscall(_OPEN_TREE, folder, os.fsencode(path), flags), path or "open_tree")


def move_mount(mount: int, target: str, folder: int = _AT_FDCWD) -> None:
    """Attach a mount of `open_tree`. It stays the mount of its descriptor.

    Args:
        mount: its descriptor.
        target: the path where it appears; empty for `folder` itself.
        folder: the descriptor from which a relative path begins.
    """
    flags = _MOVE_MOUNT_F_EMPTY_PATH | (0 if target else _MOVE_MOUNT_T_EMPTY_PATH)
    result = _libc.syscall(_MOVE_MOUNT, mount, b"", folder, os.fsencode(target), flags)
    _check(result, f"move a mount to {target or folder}")


def set_read_only(mount: int, *, recursive: bool) -> None:
    """Make the mount of a descriptor read-only: see `set_mount_flags`."""
    set_mount_flags(mount, MOUNT_ATTR_RDONLY, recursive=recursive)


def set_mount_flags(mount: int, flags: int, clear: int = 0, *, recursive: bool = False) -> None:
    """Set and clear flags of the mount of a descriptor; `recursive` of all mounts below it too.

    All other flags stay as they are, locked ones too.

    Args:
        mount: a descriptor of its root.
        flags: MOUNT_ATTR_... that are set.
        clear: those that are cleared.
        recursive: whether this holds for the mounts below it.

    Raises:
        OSError: ENOSYS if the kernel is older than 5.12, or a sandbox hides the call.
    """
    attributes = struct.pack("QQQQ", flags, clear, 0, 0)
    buffer = ctypes.create_string_buffer(attributes, len(attributes))
    where = _AT_EMPTY_PATH | (_AT_RECURSIVE if recursive else 0)
    result = _libc.syscall(_MOUNT_SETATTR, mount, b"", where, buffer, len(attributes))
    _check(result, "mount_setattr")


def filesystem_type(fd: int) -> int:
    """Return the magic number of the filesystem of an open file, as statfs(2) has it."""
    buffer = ctypes.create_string_buffer(256)  # larger than struct statfs
    _check(_libc.fstatfs(fd, buffer), "fstatfs")
    return ctypes.c_long.from_buffer(buffer).value


def born_at(fd: int) -> int:
    """Return when an open file was made, in nanoseconds since 1970; no call can change that.

    Raises:
        OSError: ENOTSUP if the filesystem does not know it.
    """
    buffer = ctypes.create_string_buffer(_STATX_SIZE)
    number = _STATX[platform.machine()]
    _check(_libc.syscall(number, fd, b"", _AT_EMPTY_PATH, _STATX_BTIME, buffer), "statx")
    if not struct.unpack_from("I", buffer)[0] & _STATX_BTIME:
        raise OSError(errno.ENOTSUP, "the filesystem has no times of birth")
    seconds, nanoseconds = struct.unpack_from("qI", buffer, _BTIME_OFFSET)
    return int(seconds) * 10**9 + int(nanoseconds)


def exchange(first: str, second: str, first_folder: int, second_folder: int) -> None:
    """Exchange two files; `first_folder` and `second_folder` are descriptors."""
    number = _RENAMEAT2[platform.machine()]
    names = (first_folder, os.fsencode(first), second_folder, os.fsencode(second))
    _check(_libc.syscall(number, *names, _RENAME_EXCHANGE), f"exchange {first} and {second}")


def unmount(target: str) -> None:
    """Detach a mount lazily: open files in it stay usable."""
    _check(_libc.umount2(os.fsencode(target), MNT_DETACH), f"unmount {target}")


def pivot_root(new_root: str) -> None:
    """Make a mount the root of this mount namespace, and detach the old root."""
    os.chdir(new_root)
    number = _PIVOT_ROOT[platform.machine()]
    _check(_libc.syscall(number, b".", b"."), "pivot_root")
    unmount(".")
    os.chdir("/")


def prctl(option: int, value: int = 0, pointer: int = 0) -> int:
    """Call prctl(2) with up to two arguments."""
    unsigned = ctypes.c_ulong
    result: int = _libc.prctl(option, unsigned(value), unsigned(pointer), unsigned(0), unsigned(0))
    return _check(result, "prctl")


def limit_capabilities(allowed: int) -> None:
    """Remove all other effective and permitted capabilities of this process.

    Args:
        allowed: a bit for each capability, by its number.
    """
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    data = ctypes.create_string_buffer(24)
    _check(_libc.capget(header, data), "capget")
    sets = list(struct.unpack("6I", data.raw))  # effective, permitted, inheritable; then high bits
    for position in (0, 1, 3, 4):
        sets[position] &= (allowed >> (32 if position > 2 else 0)) & _MAX_WORD
    _check(_libc.capset(header, struct.pack("6I", *sets)), "capset")


def set_name(name: str) -> None:
    """Set the name of this process that `ps` shows; 15 bytes of it are kept."""
    buffer = ctypes.create_string_buffer(name.encode()[:15])
    with contextlib.suppress(OSError):
        prctl(PR_SET_NAME, ctypes.addressof(buffer))


def landlock_version() -> int:
    """Return the version of the kernel's Landlock; 0 without it, see landlock(7)."""
    size = ctypes.c_size_t(0)
    return max(0, int(_libc.syscall(_LANDLOCK_CREATE_RULESET, None, size, _LANDLOCK_VERSION)))


def install_filter(program: bytes, flags: int = 0) -> None:
    """Install a seccomp-BPF program for this process and its children.

    Args:
        program: 8 bytes an instruction.
        flags: SECCOMP_FILTER_FLAG_*; a kernel that lacks one does without them.

    Raises:
        OSError: the kernel rejects the program.
    """
    code = ctypes.create_string_buffer(program, len(program))
    fprog = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    head = ctypes.create_string_buffer(fprog, len(fprog))
    number = _SECCOMP[platform.machine()]
    if _libc.syscall(number, _SET_MODE_FILTER, ctypes.c_uint(flags), head):
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(head))


def bpf(command: int, attributes: bytes) -> int:
    """Call bpf(2); return its result, such as a descriptor of a loaded program."""
    buffer = ctypes.create_string_buffer(attributes, len(attributes))
    number = _BPF[platform.machine()]
    return _check(_libc.syscall(number, command, buffer, len(attributes)), "bpf")


def join_new_keyring() -> None:
    """Give this process a new session keyring; see keyctl(2).

    Raises:
        OSError: the kernel has no keys, a sandbox hides the call, or the user has too many keys.
    """
    number = _KEYCTL.get(platform.machine(), -1)
    _check(_libc.syscall(number, _JOIN_SESSION_KEYRING, None), "keyctl")


def close_range(first: int) -> None:
    """Close all descriptors from `first` up.

    Raises:
        OSError: ENOSYS if the kernel is older than 5.9.
    """
    arguments = [ctypes.c_uint(value) for value in (first, _MAX_FD, 0)]
    _check(_libc.syscall(_CLOSE_RANGE, *arguments), "close_range")


def open_once(path: str, flags: int) -> int:
    """Open a file, see open(2); a signal ends it with EINTR. The descriptor is not inherited."""
    return _check(_libc.open(os.fsencode(path), flags | os.O_CLOEXEC), "open")


def open_in_root(root: int, path: str, flags: int, mode: int = 0) -> int:
    """Open `path` as if the directory `root` were "/": no symbolic link leads out of it.

    Raises:
        OSError: ENOSYS if the kernel is older than 5.6, or a sandbox hides the call.
    """
    return _openat2(root, path, flags, mode, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)


def open_beneath(folder: int, path: str, flags: int, *, links: bool) -> int:
    """Open a relative path; EXDEV if it leads out of `folder`.

    Args:
        folder: a directory's descriptor.
        path: relative to it.
        flags: of open(2).
        links: whether the path may have symbolic links; ELOOP otherwise.

    Raises:
        OSError: ENOSYS if the kernel is older than 5.6, or a sandbox hides the call.
    """
    unwanted = RESOLVE_NO_MAGICLINKS if links else RESOLVE_NO_SYMLINKS
    return _openat2(folder, path, flags, 0, RESOLVE_BENEATH | unwanted)


def _openat2(folder: int, path: str, flags: int, mode: int, resolve: int) -> int:
    how = struct.pack("QQQ", flags | os.O_CLOEXEC, mode, resolve)
    buffer = ctypes.create_string_buffer(how, len(how))
    name = os.fsencode(path)
    if b"\0" in name:  # the kernel would open another file
        raise ValueError("embedded null byte")
    for _ in range(_ATTEMPTS):
        result: int = _libc.syscall(_OPENAT2, folder, name, buffer, len(how))
        if result >= 0 or ctypes.get_errno() != errno.EAGAIN:
            break
    return _check(result, path)
