"""Linux capabilities of containers.

source: capabilities(7); moby oci/caps/defaults.go; linux/capability.h for the numbers.
"""

from __future__ import annotations

from collections.abc import Iterable

from .. import syscalls
from ..errors import BadParameter

NAMES = (
    "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID",
    "SETPCAP", "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW",
    "IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT",
    "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD",
    "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG",
    "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF", "CHECKPOINT_RESTORE",
)  # fmt: skip
DEFAULT = frozenset(
    {"CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID",
     "SETFCAP", "SETPCAP", "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE"}
)  # fmt: skip


def select(add: Iterable[str], drop: Iterable[str], *, privileged: bool) -> list[str]:
    """Return the names of a container's capabilities, without `CAP_`.

    Args:
        add: names with or without `CAP_`; ALL stands for all.
        drop: names like those of `add`.
        privileged: return all of them, whatever is dropped.

    Raises:
        BadParameter: a name is unknown.
    """
    if privileged:
        return list(NAMES)
    added, dropped = ({_normalize(name) for name in names} for names in (add, drop))
    base = set(NAMES) if "ALL" in added else set() if "ALL" in dropped else set(DEFAULT)
    return sorted((base | (added - {"ALL"})) - (dropped - added))


def _normalize(text: str) -> str:
    name = text.upper().removeprefix("CAP_")
    if name not in NAMES and name != "ALL":
        raise BadParameter(f'unknown capability: "CAP_{name}"')
    return name


def keep_only(names: Iterable[str]) -> None:
    """Drop all other capabilities from the bounding set of this process and its children."""
    wanted = set(names)
    for number, name in enumerate(NAMES):
        if name not in wanted and _exists(number):
            syscalls.prctl(syscalls.PR_CAPBSET_DROP, number)


def drop_others(names: Iterable[str]) -> None:
    """Drop all other capabilities that this process itself has, before it executes a program."""
    syscalls.limit_capabilities(sum(1 << NAMES.index(name) for name in set(names)))


def _exists(number: int) -> bool:
    try:
        return bool(syscalls.prctl(syscalls.PR_CAPBSET_READ, number))
    except OSError:  # the kernel is older than the capability
        return False
