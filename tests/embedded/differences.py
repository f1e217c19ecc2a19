"""Where the embedded engine prints something else than dockerd, and why."""

from __future__ import annotations

_NO_GROUPS = "without delegation, an ordinary user has no control groups, as a warning says"
_WARNING = "the warning that no limits are enforced appears: root's engine enforces them here"
_FILES = "the user owns the files that he packs or copies; root owns root's"
_OWNER = "the kernel shows which user of the machine owns a tmpfs of a user namespace"

_LATE_USER = "the user of an exec is looked up when the exec starts, not when it is created"
_ORDER = "stop and die happen at one time, as connecting the network and mounting volumes do"
#: Group and name of a case -> reason.
DIFFERENCES = {
    ("exec", "exec: users"): _LATE_USER,
    ("exec", "exec: exit codes of commands that cannot be run"): _LATE_USER,
    ("run", "sysctls and security options"): "runc names the system call that opens a sysctl",
    ("system", "events: a container's life"): _ORDER,
    ("system", "events: stopping a container of --rm"): _ORDER,
}
#: The same for the engine of an ordinary user, beside those above.
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
    ("volumes", "run: mounts"): _OWNER,
    ("volumes", "tmpfs: options"): _OWNER,
}
