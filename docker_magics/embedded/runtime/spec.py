"""The specs of containers and execs, which the engine sends to their shims as JSON.

source: OCI runtime specification, config.md; a part of it.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict, final

from ..storage.driver import RootfsSpec

#: Whether the mounts below a read-only one become read-only as well.
Submounts = Literal["always", "if possible", "never"]


class BindSpec(TypedDict):
    """A bind mount.

    source: a path of the host.
    subpath: the part of the source that is mounted; no link in it leads out of the source.
    image: the layers that appear at the source, which is an empty folder, while it is bound; where
        nothing can be mounted, the source has the image's files.
    recursive: whether the mounts below the source appear too; they do by default.
    readonly_submounts: "if possible" by default.
    propagation: in Docker's terms, such as rprivate or rshared.
    """

    kind: Literal["bind"]
    source: str
    target: str
    readonly: bool
    subpath: NotRequired[str]
    image: NotRequired[RootfsSpec]
    recursive: NotRequired[bool]
    readonly_submounts: NotRequired[Submounts]
    propagation: NotRequired[str]


class TmpfsSpec(TypedDict):
    """A tmpfs mount, with flags and data as mount(2) takes them."""

    kind: Literal["tmpfs"]
    target: str
    flags: int
    data: str


MountSpec = BindSpec | TmpfsSpec


class DeviceSpec(TypedDict):
    """A device of the host.

    source, target: its path on the host, and in the container.
    mode, uid, gid, number: st_mode, st_uid, st_gid and st_rdev of its node.
    """

    source: str
    target: str
    mode: int
    uid: int
    gid: int
    number: int


#: net, ipc, uts and pid -> "new", "host", or the PID of a process whose namespace is joined.
#: ipc may also be "none": a new namespace without /dev/shm.
Namespaces = dict[str, str | int]


Reach = Literal["itself", "containers", "all"]


class LoopbackSpec(TypedDict):
    """A container's part of the machine's loopback, where containers share the network.

    number: of the part.
    reach: what the container connects to.
    """

    number: int
    reach: Reach


class LogSpec(TypedDict):
    """A log file: bytes of one file (0 for no limit), and how many files are kept."""

    path: str
    max_size: int
    max_file: int


class FilterSpec(TypedDict):
    """A seccomp filter: the program as base64, and the flags of seccomp(2)."""

    program: str
    flags: int


class TreeSpec(TypedDict):
    """The file tree of a container. Mounts are in order: parents come first."""

    rootfs: RootfsSpec
    mounts: list[MountSpec]


class Ulimit(TypedDict):
    """A resource limit, as the API has it: Name is that of setrlimit(2) without RLIMIT_."""

    Name: str
    Soft: int
    Hard: int


class ProcessSpec(TypedDict):
    """A process: the program, its user, and its privileges.

    args, env, cwd: as in execve(2).
    user, groups: the values of --user and --group-add.
    tty: whether it has a terminal.
    stdin: whether its standard input is open.
    stdin_once: whether its standard input is closed after the first client.
    size: the terminal's rows and columns.
    caps: the names of the capabilities it keeps, without `CAP_`.
    no_new_privs: whether no program gains privileges.
    seccomp: the filter of its system calls; None for none.
    cgroup: the cgroup.procs files through which it joins its control groups.
    own_command: whether it runs the image's command, maybe with other options.
    nodev: whether devices on its mounts have no effect, but those that it is given.
    init: whether PID 1 is an init process that forwards signals and reaps.
    log: where its output is written.
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
    seccomp: FilterSpec | None
    privileged: bool
    ulimits: list[Ulimit]
    cgroup: NotRequired[list[str]]
    own_command: NotRequired[bool]
    nodev: NotRequired[bool]
    init: NotRequired[bool]
    log: NotRequired[LogSpec | None]
    oom_score_adj: NotRequired[int]


@final
class ContainerSpec(ProcessSpec, TreeSpec):
    """A container.

    masked, read_only: paths that are hidden, or cannot be written to.
    devices: the host's devices.
    writable_cgroups: whether it may write to its control groups.
    cgroup_folders: name below the container's /sys/fs/cgroup -> folder of the host.
    loopback: None if it has the machine's network, or one of its own.
    """

    id: str
    namespaces: Namespaces
    hostname: str
    domainname: str
    sysctls: dict[str, str]
    default_sysctls: dict[str, str]
    devices: list[DeviceSpec]
    shm_size: int
    masked: list[str]
    read_only: list[str]
    writable_cgroups: bool
    cgroup_folders: NotRequired[dict[str, str]]
    loopback: LoopbackSpec | None


@final
class ExecSpec(ProcessSpec):
    """An exec in a running container.

    join: the PID of the container's init process.
    rootfs, mounts, namespaces, hostname, loopback, devices: the container's, for drivers that
        cannot enter its namespaces.
    """

    join: int
    rootfs: NotRequired[RootfsSpec]
    mounts: NotRequired[list[MountSpec]]
    namespaces: NotRequired[Namespaces]
    hostname: NotRequired[str]
    loopback: NotRequired[LoopbackSpec | None]
    devices: NotRequired[list[DeviceSpec]]


Spec = ContainerSpec | ExecSpec
