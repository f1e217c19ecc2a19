"""Where the embedded engine of an ordinary user prints something else than dockerd, and why."""

from __future__ import annotations

_NO_GROUPS = "without delegation, an ordinary user has no control groups, as a warning says"
_WARNING = "the warning that no limits are enforced appears: root's engine enforces them here"
_FILES = "the user owns the files that he packs or copies; root owns root's"
_OWNER = "the kernel shows which user of the machine owns a tmpfs of a user namespace"

#: Group and name of a case -> reason.
USERS_DIFFERENCES = {
    ("build", "build: options"): _WARNING,
    ("build", "build: results of COPY"): _FILES,
    ("build", "build: the config that results from all instructions"): _FILES,
    ("files", "cp: volumes and running containers"): _FILES,
    ("lifecycle", "update"): _WARNING,
    ("listings", "inspect: whole, of an exited container"): _WARNING,
    ("listings", "run: values in inspect"): _WARNING,
    ("run", "capabilities and system calls"): (
        "root of a user namespace makes no devices: the machine's are mounted into /dev"
    ),
    ("run", "control groups inside containers"): _NO_GROUPS,
    ("run", "sysctls and security options"): _NO_GROUPS,
    ("volumes", "run: mounts"): _OWNER,
    ("volumes", "tmpfs: options"): _OWNER,
}
