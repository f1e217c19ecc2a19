"""The HostConfig of a new container: the request's with dockerd's defaults, checked.

source: Engine API, HostConfig; moby daemon/container.go: verifyContainerSettings,
daemon/daemon_unix.go, runconfig/hostconfig.go.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, cast

from ..errors import BadParameter
from ..ports import ContainerLookup
from ..records import defaults
from ..records.host_config import HostConfig, PortBinding, RestartPolicy
from ..runtime import capabilities
from . import log_options, resources, security

RUNTIMES = frozenset({"runc", "io.containerd.runc.v2"})
_RESTART_POLICIES = ("", "no", "always", "on-failure", "unless-stopped")
_NAMESPACE_MODES = {"", "host", "private", "shareable", "none"}
#: Null and empty mean the default.
_NOT_EMPTY = ("NetworkMode", "IpcMode", "Runtime", "ShmSize")


def host_config(
    request: Mapping[str, Any], containers: ContainerLookup, cgroup_version: str
) -> HostConfig:
    """Return the HostConfig of a new container.

    Args:
        request: the API's HostConfig.
        containers: have the containers whose namespaces are shared.
        cgroup_version: "1" or "2": it decides the default of CgroupnsMode.

    Raises:
        BadParameter: a value is invalid.
        NotFound: a container whose namespace is shared does not exist.
    """
    values: dict[str, Any] = copy.deepcopy(defaults.HOST_CONFIG)
    for key in (*defaults.HOST_CONFIG, *defaults.OPTIONAL_HOST_CONFIG):
        if request.get(key) is not None:
            values[key] = request[key]
    for key in _NOT_EMPTY:
        values[key] = values[key] or defaults.HOST_CONFIG[key]
    if values["NetworkMode"] == "default":
        values["NetworkMode"] = defaults.HOST_CONFIG["NetworkMode"]
    values["LogConfig"] = log_options.log_config(values["LogConfig"] or {})
    values["RestartPolicy"] = _restart_policy(values["RestartPolicy"] or {})
    if values["Privileged"]:
        values["MaskedPaths"] = values["ReadonlyPaths"] = None
    config = cast("HostConfig", values)
    default_mode = "private" if cgroup_version == "2" else "host"
    config["CgroupnsMode"] = config["CgroupnsMode"] or default_mode
    if config["AutoRemove"] and config["RestartPolicy"]["Name"] not in {"", "no"}:
        raise BadParameter("can't create 'AutoRemove' container with restart policy")
    _check_isolation(config)
    _check_capabilities(config)
    resources.check(config)
    _check_modes(config, containers)
    _check_ports(config["PortBindings"] or {})
    _check_security(config)
    return config


def check_conflicts(request: Mapping[str, Any], host_config: HostConfig) -> None:
    """Refuse a request that contradicts its HostConfig.

    source: moby runconfig/hostconfig.go: validateNetContainerMode, validateNetMode.

    Args:
        request: the API's ContainerCreate, whatever the image has.
        host_config: the checked one.

    Raises:
        BadParameter: two options contradict each other.
    """
    mode, links = host_config["NetworkMode"], host_config["Links"]
    kind, _, name = mode.partition(":")
    shares = kind == "container"
    if shares and not name:
        raise BadParameter("invalid network mode: invalid container format container:<name|id>")
    hostname, mac = request.get("Hostname"), request.get("MacAddress")
    exposed = request.get("ExposedPorts")
    published = host_config["PortBindings"] or host_config["PublishAllPorts"]
    hosts = host_config["ExtraHosts"]
    undefined = "This would result in undefined behavior"
    conflicts = (
        (shares and hostname, "hostname and the network mode"),
        (shares and links, f"container type network can't be used with links. {undefined}"),
        (shares and host_config["Dns"], "dns and the network mode"),
        (shares and hosts, "custom host-to-IP mapping and the network mode"),
        ((shares or mode == "host") and mac, "mac-address and the network mode"),
        (shares and published, "port publishing and the container type network mode"),
        (shares and exposed, "port exposing and the container type network mode"),
        (host_config["UTSMode"] == "host" and hostname, "hostname and the UTS mode"),
        (mode == "host" and links, f"host type networking can't be used with links. {undefined}"),
    )
    for conflict, options in conflicts:
        if conflict:
            raise BadParameter(f"conflicting options: {options}")


def _restart_policy(request: Mapping[str, Any]) -> RestartPolicy:
    name, count = request.get("Name") or "", request.get("MaximumRetryCount") or 0
    if name not in _RESTART_POLICIES:
        *first, last = (f"'{policy}'" for policy in _RESTART_POLICIES[1:])
        raise BadParameter(
            f"invalid restart policy: unknown policy '{name}'; "
            f"use one of {', '.join(first)}, or {last}"
        )
    if count and name not in {"", "on-failure"}:
        sign = " and cannot be negative" if count < 0 else ""
        raise BadParameter(
            f"invalid restart policy: maximum retry count can only be used with 'on-failure'{sign}"
        )
    if count < 0 and name:
        raise BadParameter("invalid restart policy: maximum retry count cannot be negative")
    return {"Name": name, "MaximumRetryCount": count}


def _check_isolation(config: HostConfig) -> None:
    if config["Isolation"] not in {"", "default"}:
        raise BadParameter(
            f"invalid isolation ({config['Isolation']}): linux only supports 'default'"
        )
    for name in config.get("StorageOpt") or {}:
        if name.lower() != "size":
            raise BadParameter(f"Unknown option {name}")
        raise BadParameter("--storage-opt is supported only for overlay over xfs with 'pquota' mount option")  # fmt: skip  # noqa: E501


def _check_capabilities(config: HostConfig) -> None:
    for key, names in (("CapAdd", config["CapAdd"]), ("CapDrop", config["CapDrop"])):
        try:
            capabilities.select(names or [], [], privileged=False)
        except BadParameter as error:
            raise BadParameter(f"invalid {key}: {error}") from error


def _check_security(config: HostConfig) -> None:
    """Check SecurityOpt; a container that sees the host's processes is not labelled.

    source: moby daemon/create.go: generateSecurityOpt.
    """
    options = config["SecurityOpt"] or []
    security.parse(options)
    is_labelled = any(option.startswith("label") for option in options)
    sees_host = config["Privileged"] or "host" in {config["PidMode"], config["IpcMode"]}
    if sees_host and not is_labelled:
        config["SecurityOpt"] = [*options, "label=disable"]


def _check_modes(config: HostConfig, containers: ContainerLookup) -> None:
    """Check the modes of namespaces; containers in them are named by their IDs then."""
    config["PidMode"] = _donor_mode(config["PidMode"], containers)
    try:
        config["IpcMode"] = _donor_mode(config["IpcMode"], containers)
    except BadParameter as error:
        name = config["IpcMode"].removeprefix("container:")
        raise BadParameter(f"failed to join IPC namespace: container {name}: {error}") from error
    config["UTSMode"] = _donor_mode(config["UTSMode"], containers)
    for mode, message in (
        (config["PidMode"], "invalid PID mode"),
        (config["IpcMode"], "invalid IPC mode"),
        (config["UTSMode"], "invalid UTS mode"),
    ):
        if not mode.startswith("container:") and mode not in _NAMESPACE_MODES:
            raise BadParameter(f"{message}: {mode}")
    if config["CgroupnsMode"] not in {"", "host", "private"}:
        raise BadParameter(f"invalid cgroup namespace mode: {config['CgroupnsMode']}")
    if config["UsernsMode"] not in {"", "host"}:
        raise BadParameter(f"invalid userns mode: {config['UsernsMode']}")
    if config["Runtime"] not in RUNTIMES:
        raise BadParameter(f"unknown or invalid runtime name: {config['Runtime']}")


def _donor_mode(mode: str, containers: ContainerLookup) -> str:
    """Return `container:ID` for `container:NAME`, and any other mode as it is."""
    if not mode.startswith("container:"):
        return mode
    return f"container:{containers.get(mode.removeprefix('container:')).id}"


def _check_ports(bindings: Mapping[str, list[PortBinding] | None]) -> None:
    for port, places in bindings.items():
        number, _, protocol = port.partition("/")
        if not _is_port(number) or not int(number):
            raise BadParameter(f'invalid port specification: "{port}"')
        if protocol not in {"", "tcp", "udp", "sctp"}:
            raise BadParameter(f"invalid proto: {protocol}")
        for place in places or []:
            host_port = place.get("HostPort") or ""
            first, _, last = host_port.partition("-")
            if host_port and not (_is_port(first) and (not last or _is_port(last))):
                raise BadParameter(f'invalid port specification: "{host_port}"')


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10 and int(text) < 65536
