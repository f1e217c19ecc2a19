"""Where the embedded engine of an ordinary user prints something else than dockerd, and why."""

from __future__ import annotations

_NO_GROUPS = "without delegation, an ordinary user has no control groups, as a warning says"
_OWNER = "the kernel shows which user of the machine owns a tmpfs of a user namespace"

#: Group and name of a case -> reason.
USERS_DIFFERENCES = {
    ("run", "capabilities and system calls"): (
        "root of a user namespace makes no devices: the machine's are mounted into /dev"
    ),
    ("run", "control groups inside containers"): _NO_GROUPS,
    ("run", "sysctls and security options"): _NO_GROUPS,
    ("volumes", "run: mounts"): _OWNER,
    ("volumes", "tmpfs: options"): _OWNER,
}
