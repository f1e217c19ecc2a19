"""What the engine passes to the processes that run containers: dicts, sent as JSON.

source: OCI runtime specification, config.md, in what of it is needed here.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict, final

from ..storage.driver import RootfsSpec


class BindSpec(TypedDict):
    """A bind mount.

    source: a path of the host.
    propagation: Docker's name of it, such as rprivate or rshared.
    """

    kind: Literal["bind"]
    source: str
    target: str
    readonly: bool
    propagation: NotRequired[str]


class TmpfsSpec(TypedDict):
    """A tmpfs mount, with flags and data as mount(2) takes them."""

    kind: Literal["tmpfs"]
    target: str
    flags: int
    data: str


MountSpec = BindSpec | TmpfsSpec

#: For net, ipc, uts and pid: "new", "host", or the PID of a process whose namespace is joined;
#: for ipc also "none": without /dev/shm.
Namespaces = dict[str, str | int]


class LogSpec(TypedDict):
    """A log file: bytes of one file, 0 for no limit, and how many files are kept."""

    path: str
    max_size: int
    max_file: int


class TreeSpec(TypedDict):
    """The file tree of a container; parents are mounted before what is in them."""

    rootfs: RootfsSpec
    mounts: list[MountSpec]


class ProcessSpec(TypedDict):
    """What runs, and as whom.

    args, env, cwd: as execve(2) has them.
    user, groups: as --user and --group-add have them.
    tty, stdin, stdin_once: a terminal; standard input open; closed after its first client.
    size: the terminal's rows and columns.
    caps: the names of capabilities that are kept.
    no_new_privs, seccomp: whether they are on.
    ulimits: the API's Ulimits.
    cgroup: the cgroup.procs files by which it enters its control groups.
    own_command: whether it is the image's own command, maybe with other options.
    init: whether PID 1 is an init that forwards signals and reaps.
    log: where its output is kept.
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
    cgroup: NotRequired[list[str]]
    own_command: NotRequired[bool]
    init: NotRequired[bool]
    log: NotRequired[LogSpec | None]
    oom_score_adj: NotRequired[int]


@final
class ContainerSpec(ProcessSpec, TreeSpec):
    """A container.

    masked, read_only: paths that are hidden, and that cannot be written to.
    devices: the host's devices.
    cgroup_folders: the folders of its control groups, by their names below /sys/fs/cgroup.
    """

    id: str
    namespaces: Namespaces
    hostname: str
    domainname: str
    sysctls: dict[str, str]
    default_sysctls: dict[str, str]
    devices: list[BindSpec]
    shm_size: int
    masked: list[str]
    read_only: list[str]
    cgroup_folders: NotRequired[dict[str, str]]


@final
class ExecSpec(ProcessSpec):
    """An exec in a running container.

    join: the PID of the container's init process.
    rootfs, mounts, namespaces: the container's, for drivers that cannot enter its namespaces.
    """

    join: int
    rootfs: NotRequired[RootfsSpec]
    mounts: NotRequired[list[MountSpec]]
    namespaces: NotRequired[Namespaces]


Spec = ContainerSpec | ExecSpec
