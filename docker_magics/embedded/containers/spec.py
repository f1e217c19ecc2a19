"""A container's record as the runtime takes it.

source: moby daemon/oci_linux.go.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ..errors import ApiError, NotFound
from ..networks import links
from ..records.namespaces import namespace_of
from ..runtime import capabilities
from ..runtime.spec import BindSpec, ContainerSpec, LogSpec, MountSpec, Namespaces
from ..runtime.supervisor import RUNC_CREATE
from . import log_options, mounts

if TYPE_CHECKING:
    from ..engine import Engine
    from ..records.container import Container

PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#: Files of the container's folder that are bound into it.
_BOUND = ("hosts", "hostname", "resolv.conf")


def container_spec(container: Container, engine: Engine) -> ContainerSpec:
    """Everything that the container's first process needs to know.

    Raises:
        Conflict: a container whose namespace it shares does not run.
        BadParameter: a mount that cannot be.
    """
    config, host = container.config, container.host_config
    security = host["SecurityOpt"] or []
    namespaces = _namespaces(container, engine)
    _check_sysctls(host)
    if host["CpuShares"] < 0:
        raise ApiError("shares: invalid argument")
    return {
        "id": container.id,
        "args": [*(config["Entrypoint"] or []), *(config["Cmd"] or [])],
        "env": environment(container, engine, tty=config["Tty"]),
        "cwd": config["WorkingDir"] or "/",
        "user": config["User"],
        "groups": host["GroupAdd"] or [],
        "tty": config["Tty"],
        "stdin": config["OpenStdin"],
        "stdin_once": config["StdinOnce"],
        "size": list(host["ConsoleSize"]) if any(host["ConsoleSize"] or []) else None,
        "caps": capabilities.kept(
            host["CapAdd"] or [], host["CapDrop"] or [], privileged=host["Privileged"]
        ),
        "no_new_privs": no_new_privileges(security),
        "seccomp": is_filtered(security),
        "privileged": host["Privileged"],
        "ulimits": host["Ulimits"] or [],
        "oom_score_adj": host["OomScoreAdj"],
        "rootfs": engine.storage.prepare(container.layer, readonly=host["ReadonlyRootfs"]),
        "mounts": [*mounts.specs(container, engine), *_files(container)],
        "namespaces": namespaces,
        "hostname": config["Hostname"],
        "domainname": config["Domainname"],
        "sysctls": host.get("Sysctls") or {},
        "default_sysctls": _SYSCTLS if namespaces["net"] == "new" else {},
        "devices": _devices(host),
        "shm_size": host["ShmSize"],
        "masked": [*(host["MaskedPaths"] or []), *(_MASKED_TOO if host["MaskedPaths"] else ())],
        "read_only": host["ReadonlyPaths"] or [],
        "init": bool(host.get("Init")),
        "log": _log(container),
        "own_command": _runs_its_own(container, engine),
    }


def _runs_its_own(container: Container, engine: Engine) -> bool:
    """Whether the command is the image's, maybe with other options."""
    given = container.config["Cmd"] or []
    try:
        own = engine.images.get(container.record["Image"]).run_config.get("Cmd") or []
    except NotFound:
        own = []
    return given[:1] == own[:1] or "".join(given[:1]).startswith("-")


#: Who is not root may take any port and ping, as in dockerd: the network is the container's own.
#: There is IPv6 where a network has it.
_SYSCTLS = {
    "net.ipv6.conf.all.disable_ipv6": "1",
    "net.ipv4.ip_unprivileged_port_start": "0",
    "net.ipv4.ping_group_range": "0 2147483647",
}
#: What younger daemons than the one whose MaskedPaths are shown mask as well.
_MASKED_TOO = ("/proc/interrupts", "/sys/devices/virtual/powercap")


def no_new_privileges(security: Iterable[str]) -> bool:
    """Whether a SecurityOpt says that programs gain no privileges."""
    options = (each.replace("=", ":").split(":") for each in security)
    return any(each[0] == "no-new-privileges" and each[-1][:1] not in "0fF" for each in options)


def is_filtered(security: Iterable[str]) -> bool:
    """Whether system calls are filtered."""
    return not {"seccomp=unconfined", "seccomp:unconfined"} & set(security)


def environment(
    container: Container, engine: Engine, *, tty: bool, more: Iterable[str] = ()
) -> list[str]:
    """A process's variables: dockerd's own, then links', then the container's, then an exec's.

    Raises:
        ApiError: a container that it has a link to does not run.
    """
    config = container.config
    pairs = {"PATH": PATH, "HOSTNAME": f"HOSTNAME={config['Hostname']}"}
    if tty:
        pairs["TERM"] = "TERM=xterm"
    for each in [*_link_variables(container, engine), *config["Env"], *more]:
        name, equals, _ = each.partition("=")
        if equals:
            pairs[name] = each
        else:
            pairs.pop(name, None)
    return list(pairs.values())


def _link_variables(container: Container, engine: Engine) -> Iterator[str]:
    """What a link of the default bridge tells: DB_NAME, DB_PORT_6379_TCP, DB_ENV_...

    source: moby daemon/links/links.go.
    """
    if "bridge" not in container.networks:
        return
    for name, alias, other in links.of(container, engine.container_store):
        on_bridge = other.endpoints().get("bridge") if other else None
        if other and on_bridge is None:
            words = f"/{name}, as it does not belong to the default network"
            raise ApiError(f"Cannot link to {words}")
        if other is None or on_bridge is None or other.process is None:
            words = f"/{name} AS /{container.name}/{alias}"
            raise ApiError(f"Cannot link to a non running container: {words}")
        prefix = alias.upper().replace("-", "_")
        address = on_bridge.get("IPAddress", "")
        ports = sorted(other.config.get("ExposedPorts") or {})
        for place, port in enumerate(ports):
            number, _, protocol = port.partition("/")
            url = f"{protocol}://{address}:{number}"
            if place == 0:
                yield f"{prefix}_PORT={url}"
            key = f"{prefix}_PORT_{number}_{protocol.upper()}"
            yield from (f"{key}={url}", f"{key}_ADDR={address}")
            yield from (f"{key}_PORT={number}", f"{key}_PROTO={protocol}")
        yield f"{prefix}_NAME=/{container.name}/{alias}"
        for pair in other.config["Env"]:
            if not pair.startswith(("PATH=", "HOME=")):
                yield f"{prefix}_ENV_{pair}"


def bound(container: Container) -> set[str]:
    """Where files of the container's folder are bound into it."""
    taken = {point["Destination"] for point in container.record["Mounts"]}
    return {f"/etc/{name}" for name in _BOUND} - taken


def _files(container: Container) -> list[MountSpec]:
    return [
        {
            "kind": "bind",
            "source": str(container.folder / os.path.basename(target)),
            "target": target,
            "readonly": container.host_config["ReadonlyRootfs"],
        }
        for target in sorted(bound(container))
    ]


def _namespaces(container: Container, engine: Engine) -> Namespaces:
    host = container.host_config
    found = {"net": engine.networks.namespace(container)}
    _check_ipc(host["IpcMode"], engine)
    for key, name in (("PidMode", "pid"), ("IpcMode", "ipc"), ("UTSMode", "uts")):
        found[name] = namespace_of(host[key], engine.container_store, "container {} is not running")
    if host["IpcMode"] == "none":
        found["ipc"] = "none"
    if found["net"] == "host" and not container.record.get("OwnHostname"):
        found["uts"] = "host"
    return found


def _check_ipc(mode: str, engine: Engine) -> None:
    """Refuse to share the IPC of a container that is private."""
    if not mode.startswith("container:"):
        return
    donor = engine.container_store.get(mode.removeprefix("container:"))
    if donor.host_config["IpcMode"] in {"", "none", "private"}:
        hint = "(hint: use IpcMode:shareable for the donor container)"
        raise ApiError(f"can't join IPC of container {donor.id}: non-shareable IPC {hint}")


_THROTTLED = (
    "BlkioDeviceReadBps", "BlkioDeviceWriteBps", "BlkioDeviceReadIOps", "BlkioDeviceWriteIOps",
)  # fmt: skip
_IPC_SYSCTLS = ("kernel.msg", "kernel.sem", "kernel.shm", "fs.mqueue.")


def _check_sysctls(host: dict[str, Any]) -> None:
    """Refuse what would change the machine's own; source: runc's validator.sysctl."""
    for name in host.get("Sysctls") or {}:
        words = ""
        if host["NetworkMode"] == "host" and name.startswith("net."):
            words = "not allowed in host network namespace"
        if host["IpcMode"] == "host" and name.startswith(_IPC_SYSCTLS):
            words = "is not allowed in the hosts ipc namespace"
        if words:
            raise ApiError(f'{RUNC_CREATE}: sysctl "{name}" {words}: unknown')


def _devices(host: dict[str, Any]) -> list[BindSpec]:
    """The host's devices that are bound into it.

    Raises:
        ApiError: there is no such device, or nothing that finds one by what it can do.
    """
    for request in host["DeviceRequests"] or []:
        able = " ".join(f"[{' '.join(each)}]" for each in request.get("Capabilities") or [])
        driver = request.get("Driver") or ""
        raise ApiError(f'could not select device driver "{driver}" with capabilities: [{able}]')
    for kind in _THROTTLED:
        for each in host[kind] or []:
            if not os.path.exists(each["Path"]):
                raise ApiError(f"stat {each['Path']}: no such file or directory")
    devices = host["Devices"] or []
    for each in devices:
        path = each["PathOnHost"]
        if not os.path.exists(path):
            action = f'gathering device information while adding custom device "{path}"'
            raise ApiError(f"error {action}: no such file or directory")
    return [
        {
            "kind": "bind",
            "source": each["PathOnHost"],
            "target": each.get("PathInContainer") or each["PathOnHost"],
            "readonly": False,
        }
        for each in devices
    ]


def _log(container: Container) -> LogSpec | None:
    try:
        return log_options.of(container)
    except ApiError as fault:
        raise ApiError(f"failed to initialize logging driver: {fault}") from fault


def host_name() -> str:
    """The machine's own name, for containers that share its network."""
    return socket.gethostname()
