"""What the engine tells the processes that run containers: plain dicts, sent as JSON.

source: OCI runtime specification, config.md, in what of it is needed here.
"""

from __future__ import annotations

from typing import Any, TypedDict


class Rootfs(TypedDict, total=False):
    """Layers' folders (`lower`, bottom first), a folder for changes, and where it all appears."""

    lower: list[str]
    upper: str
    work: str
    merged: str
    readonly: bool
    userxattr: bool


class ProcessSpec(TypedDict, total=False):
    """What runs, and as whom.

    args, env, cwd: as execve(2) has them.
    user, groups: as --user and --group-add have them.
    tty, stdin, stdin_once: a terminal; standard input open; closed after its first client.
    size: the terminal's rows and columns.
    caps: the names of capabilities that are kept.
    no_new_privs, seccomp: whether they are on.
    ulimits: the API's Ulimits.
    own_command: whether it is the image's own command, maybe with other options.
    """

    args: list[str]
    env: list[str]
    cwd: str
    user: str
    groups: list[str]
    tty: bool
    stdin: bool
    stdin_once: bool
    size: list[int] | None
    caps: list[str]
    no_new_privs: bool
    seccomp: bool
    privileged: bool
    ulimits: list[dict[str, Any]]
    own_command: bool
    oom_score_adj: int


class ContainerSpec(ProcessSpec, total=False):
    """A container.

    mounts: {"kind": "bind", source, target, readonly} or {"kind": "tmpfs", target, flags, data}.
    namespaces: of net, ipc, uts and pid: "new", "host", or the PID of a process to join; of ipc
        also "none": without /dev/shm.
    masked, read_only: paths that are hidden, and that cannot be written to.
    devices: {source, target} of the host's devices.
    log: {path, max_size, max_file}, or None.
    init: whether PID 1 is an init that forwards signals and reaps.
    parked: nothing runs: the file tree alone is wanted.
    cgroup: the files by which it goes into its control group.
    cgroup_folders: that group's own folders, by their names below /sys/fs/cgroup.
    """

    id: str
    rootfs: Rootfs
    mounts: list[dict[str, Any]]
    namespaces: dict[str, Any]
    hostname: str
    domainname: str
    sysctls: dict[str, str]
    default_sysctls: dict[str, str]
    devices: list[dict[str, str]]
    shm_size: int
    masked: list[str]
    read_only: list[str]
    log: dict[str, Any] | None
    init: bool
    parked: bool
    cgroup: list[str]
    cgroup_folders: dict[str, str]
    driver: str
    pretend: bool
