"""The runtime's specification of a container, built from its record.

source: moby daemon/oci_linux.go.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from ..errors import ApiError, BadParameter
from ..records.container import Container
from ..records.host_config import HostConfig
from ..runtime import capabilities
from ..runtime.process import NO_TASK, RUNC_CREATE
from ..runtime.spec import ContainerSpec, LogSpec, LoopbackSpec, MountSpec, Namespaces
from ..storage.driver import RootfsSpec
from . import devices, log_options, security
from .environment import Link, environment

#: Files of the container's folder that are bind-mounted into /etc.
_ETC_FILES = ("hosts", "hostname", "resolv.conf")
#: Set in a network namespace of the container's own: as in dockerd, ordinary users may bind any
#: port and ping. A network enables IPv6 where it has it.
_DEFAULT_SYSCTLS = {
    "net.ipv6.conf.default.disable_ipv6": "1",  # of interfaces without an IPv6 address
    "net.ipv6.conf.lo.disable_ipv6": "0",
    "net.ipv4.ip_unprivileged_port_start": "0",
    "net.ipv4.ping_group_range": "0 2147483647",
}
#: The sysctls of an IPC namespace, with those below fs.mqueue.
_IPC_SYSCTLS = frozenset({
    "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall",
    "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced",
})  # fmt: skip


@dataclass(frozen=True)
class Surroundings:
    """The values that a container's specification takes from other objects.

    Attributes:
        rootfs: from the storage driver.
        mounts: its binds, volumes and tmpfs mounts, parents first.
        namespaces: which ones it shares.
        loopback: its part of the machine's loopback.
        links: the containers that it is linked to.
        image_command: the image's Cmd.
        always_allowed: the system calls that seccomp profiles do not forbid.
    """

    rootfs: RootfsSpec
    mounts: list[MountSpec]
    namespaces: Namespaces
    loopback: LoopbackSpec | None = None
    links: tuple[Link, ...] = ()
    image_command: tuple[str, ...] = ()
    always_allowed: frozenset[str] = frozenset()


def container_spec(container: Container, surroundings: Surroundings) -> ContainerSpec:
    """Return what the runtime needs to start a container.

    Raises:
        ApiError: a device does not exist, the seccomp profile is invalid, or the log driver
            refuses its options.
    """
    config, host_config = container.config, container.host_config
    _check_devices(host_config)
    options = security.parse(host_config["SecurityOpt"])
    namespaces = surroundings.namespaces
    size = host_config["ConsoleSize"] or []
    return {
        "id": container.id,
        "args": [*(config["Entrypoint"] or []), *(config["Cmd"] or [])],
        "env": environment(config, surroundings.links, tty=config["Tty"]),
        "cwd": config["WorkingDir"] or "/",
        "user": config["User"],
        "groups": host_config["GroupAdd"] or [],
        "tty": config["Tty"],
        "stdin": config["OpenStdin"],
        "stdin_once": config["StdinOnce"],
        "size": list(size) if any(size) else None,
        "caps": capabilities.select(
            host_config["CapAdd"] or [],
            host_config["CapDrop"] or [],
            privileged=host_config["Privileged"],
        ),
        "no_new_privs": options.no_new_privileges,
        "seccomp": security.filter_of(host_config, surroundings.always_allowed),
        "privileged": host_config["Privileged"],
        "ulimits": host_config["Ulimits"] or [],
        "oom_score_adj": host_config["OomScoreAdj"],
        "rootfs": surroundings.rootfs,
        "mounts": [*surroundings.mounts, *_etc_mounts(container)],
        "namespaces": namespaces,
        "loopback": surroundings.loopback,
        "hostname": config["Hostname"],
        "domainname": config["Domainname"],
        "sysctls": host_config.get("Sysctls") or {},
        "default_sysctls": _DEFAULT_SYSCTLS if namespaces["net"] == "new" else {},
        "devices": devices.nodes(host_config),
        "shm_size": host_config["ShmSize"],
        "masked": host_config["MaskedPaths"] or [],
        "read_only": host_config["ReadonlyPaths"] or [],
        "writable_cgroups": host_config["Privileged"] or options.writable_cgroups,
        "init": bool(host_config.get("Init")),
        "log": _log(container),
        "own_command": _is_image_command(config["Cmd"] or [], surroundings.image_command),
    }


def check(host_config: HostConfig, *, shares_host_name: bool) -> None:
    """Refuse what runc refuses.

    source: runc libcontainer/configs/validate: sysctl; libcontainer/cgroups/fs/cpu.go.

    Args:
        host_config: the container's.
        shares_host_name: whether it has the host's UTS namespace.

    Raises:
        BadParameter: a sysctl would change the host, or CpuShares is negative.
    """
    for name in map(_with_dots, host_config.get("Sysctls") or {}):
        if reason := _sysctl_refusal(name, host_config, shares_host_name=shares_host_name):
            raise BadParameter(f'{RUNC_CREATE}: sysctl "{name}" {reason}: unknown')
    if host_config["CpuShares"] < 0:
        raise BadParameter("shares: invalid argument")


def _with_dots(sysctl: str) -> str:
    """Return `net.ipv4.conf.eth0/1.forwarding` for `net/ipv4/conf/eth0.1/forwarding`."""
    separator = next((character for character in sysctl if character in "./"), ".")
    return sysctl.translate(str.maketrans("./", "/.")) if separator == "/" else sysctl


def _sysctl_refusal(name: str, host_config: HostConfig, *, shares_host_name: bool) -> str:
    """Return why a sysctl cannot be set; empty if it belongs to a namespace of the container."""
    if name in _IPC_SYSCTLS or name.startswith("fs.mqueue."):
        is_host = host_config["IpcMode"] == "host"
        return "is not allowed in the hosts ipc namespace" if is_host else ""
    if name.startswith("net."):
        is_host = host_config["NetworkMode"] == "host"
        return "not allowed in host network namespace" if is_host else ""
    if name == "kernel.domainname" and not shares_host_name:
        return ""
    if name == "kernel.hostname" and not shares_host_name:
        return 'is not allowed as it conflicts with the OCI "hostname" field'
    return "is not in a separate kernel namespace"


def _is_image_command(command: list[str], image_command: tuple[str, ...]) -> bool:
    """Whether the command is the image's, maybe with other arguments, or arguments only."""
    return command[:1] == list(image_command[:1]) or "".join(command[:1]).startswith("-")


def etc_targets(container: Container) -> list[str]:
    """Return where files of the container's folder are bind-mounted: /etc/hosts ..."""
    mounted = {point["Destination"] for point in container.record["Mounts"]}
    return sorted({f"/etc/{name}" for name in _ETC_FILES} - mounted)


def _etc_mounts(container: Container) -> list[MountSpec]:
    return [
        {
            "kind": "bind",
            "source": str(container.folder / os.path.basename(target)),
            "target": target,
            "readonly": container.host_config["ReadonlyRootfs"],
        }
        for target in etc_targets(container)
    ]


def _check_devices(host_config: HostConfig) -> None:
    """Refuse devices of drivers, and limits of devices that do not exist."""
    for request in host_config["DeviceRequests"] or []:
        sets = request.get("Capabilities") or []
        wanted = " ".join(f"[{' '.join(names or ())}]" for names in sets)
        driver = request.get("Driver") or ""
        raise BadParameter(
            f'could not select device driver "{driver}" with capabilities: [{wanted}]'
        )
    throttled = (
        *(host_config["BlkioDeviceReadBps"] or ()),
        *(host_config["BlkioDeviceWriteBps"] or ()),
        *(host_config["BlkioDeviceReadIOps"] or ()),
        *(host_config["BlkioDeviceWriteIOps"] or ()),
    )
    for limit in throttled:
        path = limit.get("Path") or ""
        if not os.path.exists(path):
            raise BadParameter(f"stat {path}: no such file or directory")


def _log(container: Container) -> LogSpec | None:
    try:
        return log_options.log_spec(container)
    except ApiError as error:
        raise ApiError(f"{NO_TASK}: failed to initialize logging driver: {error}") from error
