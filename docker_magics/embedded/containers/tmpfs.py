"""The options of a tmpfs mount.

source: moby/sys mount/flags_linux.go; mount(8).
"""

from __future__ import annotations

from .. import syscalls
from ..errors import BadParameter
from ..runtime.spec import TmpfsSpec
from .mounts import PROPAGATIONS

#: The flag of each option, and whether the option sets or clears it.
_FLAGS = {
    "defaults": (0, True),
    "ro": (syscalls.MS_RDONLY, True),
    "rw": (syscalls.MS_RDONLY, False),
    "nosuid": (syscalls.MS_NOSUID, True),
    "suid": (syscalls.MS_NOSUID, False),
    "nodev": (syscalls.MS_NODEV, True),
    "dev": (syscalls.MS_NODEV, False),
    "noexec": (syscalls.MS_NOEXEC, True),
    "exec": (syscalls.MS_NOEXEC, False),
    "sync": (syscalls.MS_SYNCHRONOUS, True),
    "async": (syscalls.MS_SYNCHRONOUS, False),
    "dirsync": (syscalls.MS_DIRSYNC, True),
    "mand": (syscalls.MS_MANDLOCK, True),
    "nomand": (syscalls.MS_MANDLOCK, False),
    "noatime": (syscalls.MS_NOATIME, True),
    "atime": (syscalls.MS_NOATIME, False),
    "nodiratime": (syscalls.MS_NODIRATIME, True),
    "diratime": (syscalls.MS_NODIRATIME, False),
    "relatime": (syscalls.MS_RELATIME, True),
    "norelatime": (syscalls.MS_RELATIME, False),
    "strictatime": (syscalls.MS_STRICTATIME, True),
    "nostrictatime": (syscalls.MS_STRICTATIME, False),
    **dict.fromkeys(PROPAGATIONS, (0, True)),
}
_DATA = {"size", "mode", "uid", "gid", "nr_inodes", "nr_blocks", "mpol"}
_DEFAULT_FLAGS = syscalls.MS_NOEXEC | syscalls.MS_NOSUID | syscalls.MS_NODEV


def tmpfs_spec(target: str, options: str, flags: int = _DEFAULT_FLAGS) -> TmpfsSpec:
    """Return the mount of a tmpfs; of contradicting options the last one wins.

    Args:
        target: where it is mounted.
        options: `size=64m,mode=1777,uid=1000,exec`.
        flags: of mount(2), which options change.

    Raises:
        BadParameter: an unknown option.
    """
    data: dict[str, str] = {}
    for option in filter(None, options.split(",")):
        key, equals, _ = option.partition("=")
        if equals and key in _DATA:
            data[key] = option
        elif option in _FLAGS:
            flag, is_set = _FLAGS[option]
            flags = flags | flag if is_set else flags & ~flag
        else:
            raise BadParameter(f'invalid tmpfs option ["{option}"]')
    return {"kind": "tmpfs", "target": target, "flags": flags, "data": ",".join(data.values())}
