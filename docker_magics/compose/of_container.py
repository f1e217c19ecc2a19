"""Containers as services of a Compose file.

source: Engine API, ContainerInspect and ImageInspect; the Compose specification (05-services.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .yaml import dump

Json = Mapping[str, Any]

#: Key of Config -> key of a service; left out if the image says the same.
_PROGRAM = {
    "Entrypoint": "entrypoint",
    "Cmd": "command",
    "WorkingDir": "working_dir",
    "User": "user",
    "StopSignal": "stop_signal",
}
_TERMINAL = {"OpenStdin": "stdin_open", "Tty": "tty", "Domainname": "domainname"}
#: Key of HostConfig -> key of a service; left out if it is empty.
_HOST = {
    "CapAdd": "cap_add",
    "CapDrop": "cap_drop",
    "CgroupParent": "cgroup_parent",
    "CpuShares": "cpu_shares",
    "CpusetCpus": "cpuset",
    "Dns": "dns",
    "DnsOptions": "dns_opt",
    "DnsSearch": "dns_search",
    "ExtraHosts": "extra_hosts",
    "GroupAdd": "group_add",
    "Init": "init",
    "Memory": "mem_limit",
    "MemoryReservation": "mem_reservation",
    "OomScoreAdj": "oom_score_adj",
    "PidMode": "pid",
    "PidsLimit": "pids_limit",
    "Privileged": "privileged",
    "ReadonlyRootfs": "read_only",
    "SecurityOpt": "security_opt",
    "Sysctls": "sysctls",
    "UTSMode": "uts",
    "UsernsMode": "userns_mode",
}
_HEALTH = {
    "Interval": "interval",
    "Timeout": "timeout",
    "StartPeriod": "start_period",
    "StartInterval": "start_interval",
}
_ANYWHERE: Json = {}
_EXTERNAL = {"external": True}
_DEFAULT_SHM = 64 << 20
_ID = 12  # characters of a short ID, the default hostname
_NANO = 10**9


def compose_of(containers: Iterable[tuple[Json, Json]]) -> str:
    """Return a Compose file with a service for each container.

    What the image says already is left out, and the network `bridge`, in whose place Compose makes
    a network for the project. Other networks and named volumes are external: they exist.

    Args:
        containers: each container and its image as the engine describes them; {} for an image
            that is gone.
    """
    services: dict[str, Any] = {}
    networks: dict[str, Json] = {}
    volumes: dict[str, Json] = {}
    for container, image in containers:
        name, joined = container["Name"].removeprefix("/"), _networks(container)
        services[name] = _service(name, container, image, joined)
        networks |= dict.fromkeys(joined, _EXTERNAL)
        mounts = _mounts(container, image)
        volumes |= {mount["Name"]: _EXTERNAL for mount in mounts if _is_named(mount)}
    content = {"services": services, "networks": networks, "volumes": volumes}
    return dump(_literal(_without_empty(content)))


def _service(name: str, container: Json, image: Json, networks: Json) -> dict[str, Any]:
    config, host, base = container["Config"], container["HostConfig"], image.get("Config") or {}
    return _without_empty(
        {"image": config["Image"], "container_name": name}
        | _program(config, base)
        | {
            "environment": _added(config.get("Env"), base.get("Env")),
            "labels": _labels(config.get("Labels") or {}, base.get("Labels") or {}),
            "hostname": _hostname(container),
            "healthcheck": _health(config.get("Healthcheck"), base.get("Healthcheck")),
            "stop_grace_period": _seconds(config.get("StopTimeout")),
            "ports": list(_ports(config, host)),
            "networks": networks,
            "network_mode": _network_mode(host),
            "volumes": [_volume(mount) for mount in _mounts(container, image)],
            "tmpfs": _tmpfs(host),
            "restart": _restart(host.get("RestartPolicy") or {}),
            "devices": [_device(device) for device in host.get("Devices") or ()],
            "ulimits": dict(map(_limit, host.get("Ulimits") or ())),
            "cpus": (host.get("NanoCpus") or 0) / _NANO,
            "shm_size": host["ShmSize"] if host.get("ShmSize") != _DEFAULT_SHM else None,
            "ipc": host["IpcMode"] if ":" in host["IpcMode"] or host["IpcMode"] == "host" else None,
        }
        | {key: config.get(field) for field, key in _TERMINAL.items()}
        | {key: host.get(field) for field, key in _HOST.items()}
    )


def _program(config: Json, base: Json) -> dict[str, Any]:
    changed = {key: config.get(key) for key in _PROGRAM if config.get(key) != base.get(key)}
    if "Entrypoint" in changed:  # which drops the image's command, too
        changed |= {"Entrypoint": changed["Entrypoint"] or [""], "Cmd": config.get("Cmd")}
    return {_PROGRAM[key]: value for key, value in changed.items()}


def _without_empty(content: Json) -> dict[str, Any]:
    return {key: value for key, value in content.items() if value}


def _literal(value: Any) -> Any:
    """Return a value in which Compose inserts no variables."""
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, Mapping):
        return {key: _literal(item) for key, item in value.items()}
    return [_literal(item) for item in value] if isinstance(value, list) else value


def _added(values: Iterable[str] | None, base: Iterable[str] | None) -> list[str]:
    known = set(base or ())
    return [value for value in values or () if value not in known]


def _labels(labels: Json, base: Json) -> dict[str, str]:
    return {
        name: value
        for name, value in labels.items()
        if base.get(name) != value and not name.startswith("com.docker.compose.")
    }


def _hostname(container: Json) -> str:
    hostname: str = container["Config"].get("Hostname") or ""
    shares_network = _network_mode(container["HostConfig"]) not in {None, "none"}
    return "" if shares_network or hostname == container["Id"][:_ID] else hostname


def _health(check: Json | None, base: Json | None) -> dict[str, Any]:
    if not check or check == base:
        return {}
    if check.get("Test") == ["NONE"]:
        return {"disable": True}
    times = {key: _duration(check.get(field)) for field, key in _HEALTH.items()}
    return _without_empty({"test": check.get("Test"), **times, "retries": check.get("Retries")})


def _duration(nanoseconds: int | None) -> str:
    """Return a duration in Go's form, `1500ms`; "" for none."""
    if not nanoseconds:
        return ""
    seconds, rest = divmod(nanoseconds, _NANO)
    return f"{nanoseconds // 10**6}ms" if rest else f"{seconds}s"


def _seconds(seconds: int | None) -> str:
    return "" if seconds is None else f"{seconds}s"


def _ports(config: Json, host: Json) -> Iterable[str]:
    bindings: Json = host.get("PortBindings") or {}
    for port, places in bindings.items():
        yield from (_port(place, port.removesuffix("/tcp")) for place in places or [_ANYWHERE])
    if host.get("PublishAllPorts"):
        exposed = config.get("ExposedPorts") or {}
        yield from (port.removesuffix("/tcp") for port in exposed if port not in bindings)


def _port(place: Json, port: str) -> str:
    address, published = place.get("HostIp") or "", place.get("HostPort") or ""
    if not address or address == "0.0.0.0":  # noqa: S104 - compared, not bound
        return f"{published}:{port}" if published else port
    return f"{f'[{address}]' if ':' in address else address}:{published}:{port}"


def _network_mode(host: Json) -> str | None:
    mode: str = host.get("NetworkMode") or ""
    return mode if mode in {"host", "none"} or mode.startswith("container:") else None


def _networks(container: Json) -> dict[str, Any]:
    """Return the user-defined networks, with what the container asked of each."""
    if _network_mode(container["HostConfig"]):
        return {}
    own = {container["Name"].removeprefix("/"), container["Id"][:_ID]}
    networks = container["NetworkSettings"].get("Networks") or {}
    return {
        name: _without_empty(
            {
                "aliases": [alias for alias in network.get("Aliases") or () if alias not in own],
                "ipv4_address": (network.get("IPAMConfig") or {}).get("IPv4Address"),
                "ipv6_address": (network.get("IPAMConfig") or {}).get("IPv6Address"),
            }
        )
        or None
        for name, network in networks.items()
        if name not in {"bridge", "podman"}
    }


def _mounts(container: Json, image: Json) -> list[Json]:
    """Return the binds and volumes, but not the anonymous volumes that the image asks for."""
    of_image = (image.get("Config") or {}).get("Volumes") or {}
    return [
        mount
        for mount in container.get("Mounts") or ()
        if mount["Type"] in {"bind", "volume"}
        and not (_is_anonymous(mount) and mount["Destination"] in of_image)
    ]


def _is_anonymous(mount: Json) -> bool:
    """Whether the engine named the volume: 64 hexadecimal digits."""
    name = mount.get("Name") or ""
    return mount["Type"] == "volume" and len(name) == 64 and name.isalnum()


def _is_named(mount: Json) -> bool:
    return mount["Type"] == "volume" and not _is_anonymous(mount)


def _volume(mount: Json) -> dict[str, Any] | str:
    target: str = mount["Destination"]
    if _is_anonymous(mount):
        return target
    source: str = mount["Name"] if mount["Type"] == "volume" else mount["Source"]
    if ":" in source + target:  # the short form has no place for a colon
        mode = {"read_only": True} if not mount["RW"] else {}
        return {"type": mount["Type"], "source": source, "target": target} | mode
    return f"{source}:{target}" + ("" if mount["RW"] else ":ro")


def _tmpfs(host: Json) -> list[str]:
    tmpfs = host.get("Tmpfs") or {}
    return [f"{target}:{options}" if options else target for target, options in tmpfs.items()] + [
        mount["Target"] for mount in host.get("Mounts") or () if mount["Type"] == "tmpfs"
    ]


def _restart(policy: Json) -> str:
    name, count = policy.get("Name") or "", policy.get("MaximumRetryCount")
    return "" if name == "no" else f"{name}:{count}" if count else name


def _device(device: Json) -> str:
    return ":".join(
        device[field] for field in ("PathOnHost", "PathInContainer", "CgroupPermissions")
    )


def _limit(limit: Json) -> tuple[str, dict[str, int]]:
    name = limit["Name"].removeprefix("RLIMIT_").lower()  # Podman writes RLIMIT_NOFILE
    return name, {"soft": limit["Soft"], "hard": limit["Hard"]}
