"""A container's record as the runtime takes it.

source: moby daemon/oci_linux.go.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ..errors import BadParameter, Conflict, Fault
from ..runtime import capabilities
from ..runtime.identity import Level
from ..runtime.supervisor import RUNC_CREATE
from . import mounts
from .create import size_of

if TYPE_CHECKING:
    from ..engine import Engine
    from .container import Container

PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#: Files of the container's folder that are bound into it.
_BOUND = ("hosts", "hostname", "resolv.conf")


def container_spec(container: Container, engine: Engine) -> dict[str, Any]:
    """Everything that the container's first process needs to know.

    Raises:
        Conflict: a container whose namespace it shares does not run.
        BadParameter: a mount that cannot be.
    """
    config, host = container.config, container.host_config
    security = host["SecurityOpt"] or []
    namespaces = _namespaces(container, engine)
    _check_sysctls(host)
    spec: dict[str, Any] = {
        "id": container.id,
        "args": [*(config["Entrypoint"] or []), *(config["Cmd"] or [])],
        "env": environment(container, _link_variables(container, engine)),
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
        "no_new_privs": any(each in _NO_NEW_PRIVILEGES for each in security),
        "seccomp": not any(each in _UNCONFINED for each in security),
        "privileged": host["Privileged"],
        "ulimits": host["Ulimits"] or [],
        "oom_score_adj": host["OomScoreAdj"],
        "rootfs": rootfs(container, engine),
        "mounts": [*mounts.specs(container, engine), *_files(container)],
        "namespaces": namespaces,
        "hostname": config["Hostname"],
        "domainname": config["Domainname"],
        "sysctls": host.get("Sysctls") or {},
        "default_sysctls": _SYSCTLS if namespaces["net"] == "new" else {},
        "devices": _devices(host["Devices"] or []),
        "shm_size": host["ShmSize"],
        "init": bool(host.get("Init")),
        "log": _log(container),
    }
    return spec


#: Who is not root may take any port and ping, as in dockerd: the network is the container's own.
#: There is IPv6 where a network has it.
_SYSCTLS = {
    "net.ipv6.conf.all.disable_ipv6": "1",
    "net.ipv4.ip_unprivileged_port_start": "0",
    "net.ipv4.ping_group_range": "0 2147483647",
}
_NO_NEW_PRIVILEGES = {"no-new-privileges", "no-new-privileges:true", "no-new-privileges=true"}
_UNCONFINED = {"seccomp=unconfined", "seccomp:unconfined"}


def rootfs(container: Container, engine: Engine) -> dict[str, Any]:
    """The layers, and the container's own on top."""
    engine.provide_files(container)
    folder = container.folder
    return {
        "lower": container.layers,
        "upper": str(container.upper),
        "work": str(folder / "work"),
        "merged": str(folder / "merged"),
        "readonly": container.host_config["ReadonlyRootfs"],
        "userxattr": engine.supervisor.choice.level is not Level.ROOT,
    }


def environment(container: Container, links: Iterable[str] = ()) -> list[str]:
    """The process's variables: dockerd's own, then links', then the container's."""
    config = container.config
    pairs = {"PATH": PATH, "HOSTNAME": f"HOSTNAME={config['Hostname']}"}
    if config["Tty"]:
        pairs["TERM"] = "TERM=xterm"
    for each in [*links, *config["Env"]]:
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
    for link in container.host_config["Links"] or [] if "bridge" in container.networks else []:
        name, _, alias = link.partition(":")
        other = engine.containers.get(name)
        alias = (alias or other.name).rpartition("/")[2]
        if other.process is None:
            words = f"/{other.name} AS /{container.name}/{alias}"
            raise Fault(f"Cannot link to a non running container: {words}")
        prefix = alias.upper().replace("-", "_")
        address = (other.networks.get("bridge") or {}).get("IPAddress", "")
        yield f"{prefix}_NAME=/{container.name}/{alias}"
        ports = sorted(other.config.get("ExposedPorts") or {})
        for place, port in enumerate(ports):
            number, _, protocol = port.partition("/")
            url = f"{protocol}://{address}:{number}"
            if place == 0:
                yield f"{prefix}_PORT={url}"
            key = f"{prefix}_PORT_{number}_{protocol.upper()}"
            yield from (f"{key}={url}", f"{key}_ADDR={address}")
            yield from (f"{key}_PORT={number}", f"{key}_PROTO={protocol}")
        for pair in other.config["Env"]:
            if not pair.startswith(("PATH=", "HOME=")):
                yield f"{prefix}_ENV_{pair}"


def _files(container: Container) -> list[dict[str, Any]]:
    taken = {point["Destination"] for point in container.record["Mounts"]}
    return [
        {
            "kind": "bind",
            "source": str(container.folder / name),
            "target": f"/etc/{name}",
            "readonly": container.host_config["ReadonlyRootfs"],
        }
        for name in _BOUND
        if f"/etc/{name}" not in taken
    ]


def _namespaces(container: Container, engine: Engine) -> dict[str, Any]:
    host = container.host_config
    found = {"net": engine.networks.namespace(container)}
    _check_ipc(host["IpcMode"], engine)
    for key, name in (("PidMode", "pid"), ("IpcMode", "ipc"), ("UTSMode", "uts")):
        found[name] = namespace_of(host[key], engine, "container {} is not running")
    if found["net"] == "host" and not container.record.get("OwnHostname"):
        found["uts"] = "host"
    return found


def _check_ipc(mode: str, engine: Engine) -> None:
    """Refuse to share the IPC of a container that is private."""
    if not mode.startswith("container:"):
        return
    donor = engine.containers.get(mode.removeprefix("container:"))
    if donor.host_config["IpcMode"] in {"", "none", "private"}:
        hint = "(hint: use IpcMode:shareable for the donor container)"
        raise Fault(f"can't join IPC of container {donor.id}: non-shareable IPC {hint}")


def namespace_of(mode: str, engine: Engine, refusal: str) -> Any:
    """`host`, `new`, or the PID of the container whose namespace is shared.

    Args:
        mode: host, container:NAME, or another.
        engine: whose containers.
        refusal: what is said where that one does not run; `{}` is its ID.

    Raises:
        Conflict: it does not run.
    """
    if mode == "host":
        return "host"
    if not mode.startswith("container:"):
        return "new"
    other = engine.containers.get(mode.removeprefix("container:"))
    if other.process is None:
        raise Conflict(refusal.format(other.id))
    return other.process.pid


def _check_sysctls(host: dict[str, Any]) -> None:
    """Refuse what would change the machine's own network; source: runc's validator.sysctl."""
    names = host.get("Sysctls") or {}
    if host["NetworkMode"] == "host" and (own := next((e for e in names if e.startswith("net.")), "")):  # fmt: skip  # noqa: E501
        words = f'sysctl "{own}" not allowed in host network namespace'
        raise Fault(f"{RUNC_CREATE}: {words}: unknown")


def _devices(devices: list[dict[str, str]]) -> list[dict[str, Any]]:
    for each in devices:
        path = each["PathOnHost"]
        if not os.path.exists(path):
            action = f'gathering device information while adding custom device "{path}"'
            raise Fault(f"error {action}: no such file or directory")
    return [
        {
            "kind": "bind",
            "source": each["PathOnHost"],
            "target": each.get("PathInContainer") or each["PathOnHost"],
            "readonly": False,
        }
        for each in devices
    ]


def _log(container: Container) -> dict[str, Any] | None:
    config = container.host_config["LogConfig"]
    if config["Type"] == "none":
        return None
    options = config["Config"]
    try:
        size = size_of(options["max-size"]) if "max-size" in options else 0
        files = _count(options.get("max-file", "1"))
    except BadParameter as fault:
        raise Fault(f"failed to initialize logging driver: {fault}") from fault
    return {"path": str(container.log_path), "max_size": size, "max_file": files}


def _count(text: str) -> int:
    if not text.lstrip("-").isdigit():
        raise BadParameter(f'strconv.Atoi: parsing "{text}": invalid syntax')
    if int(text) < 1:
        raise BadParameter("max-file cannot be less than 1")
    return int(text)


def host_name() -> str:
    """The machine's own name, for containers that share its network."""
    return socket.gethostname()
