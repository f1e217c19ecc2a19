"""The body of POST /containers/create that flags describe.

source: docker/cli, cli/command/container/opts.go: parse; Engine API, ContainerCreate.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from typing import Any

from docker_magics.cli.flag_types import mounts, networks, resources
from docker_magics.cli.flag_types.texts import mapping, read_pairs
from docker_magics.commands._proxies import proxy_variables
from docker_magics.commands._session_label import labels
from docker_magics.engine.client import Engine
from docker_magics.errors import FlagError

from ._flags import CreateFlags


def create_body(flags: CreateFlags, engine: Engine) -> dict[str, Any]:
    """Return the body of ContainerCreate: Config, HostConfig and NetworkingConfig.

    Raises:
        FlagError: a value is invalid, or flags exclude each other.
    """
    try:
        endpoints = _endpoints(flags, engine)
        config = _config(flags, engine)
        return config | {
            "HostConfig": _host_config(flags),
            "NetworkingConfig": {"EndpointsConfig": endpoints},
        }
    except ValueError as error:
        raise FlagError(str(error)) from error


def _config(flags: CreateFlags, engine: Engine) -> dict[str, Any]:
    ports = dict.fromkeys(networks.published_ports(flags.publish))
    ports |= dict.fromkeys(networks.exposed_ports(flags.expose))
    body = {
        "Hostname": flags.hostname,
        "Domainname": flags.domainname,
        "User": flags.user,
        "AttachStdin": flags.attaches("stdin"),
        "AttachStdout": flags.attaches("stdout"),
        "AttachStderr": flags.attaches("stderr"),
        "ExposedPorts": {port: {} for port in ports},
        "Tty": flags.tty,
        "OpenStdin": flags.interactive,
        "StdinOnce": flags.interactive and flags.attaches("stdin"),
        "Env": _environment(flags, engine),
        "Cmd": flags.args or None,
        "Healthcheck": _healthcheck(flags),
        "Image": flags.image,
        "Volumes": mounts.volumes(flags.volume)[1],
        "WorkingDir": flags.workdir,
        "Entrypoint": None if flags.entrypoint is None else [flags.entrypoint],
        "Labels": labels(engine, "container") | _labels(flags),
        "StopSignal": flags.stop_signal,
        "StopTimeout": flags.stop_timeout,
    }
    if not engine.supports("1.44"):
        body["MacAddress"] = networks.mac_address(flags.mac_address) if flags.mac_address else ""
    return body


def _environment(flags: CreateFlags, engine: Engine) -> list[str]:
    """Return the variables of files, then of flags (the last duplicate wins), then proxies."""
    from_files = _pairs("--env-file", flags.env_file, os.environ.get)
    from_flags = {pair.partition("=")[0]: pair for pair in flags.env}
    proxies = proxy_variables(engine)
    from_proxies = [f"{name}={value}" for name, value in proxies.items() if name not in from_flags]
    return [*from_files, *from_flags.values(), *from_proxies]


def _pairs(
    flag: str, files: list[str], look_up: Callable[[str], str | None] | None = None
) -> list[str]:
    try:
        return [pair for name in files for pair in read_pairs(name, look_up)]
    except ValueError as error:
        raise ValueError(f"{flag}: {error}") from error


def _labels(flags: CreateFlags) -> dict[str, str]:
    from_files = _pairs("--label-file", flags.label_file)
    return mapping([*from_files, *flags.label])


def _healthcheck(flags: CreateFlags) -> dict[str, Any] | None:
    times = {
        "Interval": flags.health_interval,
        "Timeout": flags.health_timeout,
        "Retries": flags.health_retries,
        "StartPeriod": flags.health_start_period,
        "StartInterval": flags.health_start_interval,
    }
    has_healthcheck = bool(flags.health_cmd or any(times.values()))
    if flags.no_healthcheck:
        if has_healthcheck:
            raise ValueError("--no-healthcheck conflicts with --health-* options")
        return {"Test": ["NONE"]}
    if not has_healthcheck:
        return None
    for name in ("interval", "timeout", "retries", "start_period", "start_interval"):
        if getattr(flags, f"health_{name}") < 0:
            raise ValueError(f"--health-{name.replace('_', '-')} cannot be negative")
    return {"Test": ["CMD-SHELL", flags.health_cmd] if flags.health_cmd else None} | times


def _host_config(flags: CreateFlags) -> dict[str, Any]:
    _check_modes(flags)
    security, unconfined = _security(flags.security_opt)
    restart = resources.restart_policy(flags.restart)
    if flags.rm and restart.get("Name") not in {None, "", "no"}:
        raise ValueError("conflicting options: cannot specify both --restart and --rm")
    body = {
        "Annotations": mapping(flags.annotation),
        "AutoRemove": flags.rm,
        "Binds": mounts.volumes(flags.volume)[0],
        "CapAdd": _capabilities(flags.cap_add),
        "CapDrop": _capabilities(flags.cap_drop),
        "CgroupnsMode": flags.cgroupns,
        "ConsoleSize": [0, 0],
        "ContainerIDFile": flags.cidfile,
        "Dns": flags.dns,
        "DnsOptions": flags.dns_option,
        "DnsSearch": flags.dns_search,
        "ExtraHosts": flags.add_host,
        "GroupAdd": flags.group_add,
        "Init": flags.init,
        "IpcMode": flags.ipc,
        "Isolation": flags.isolation,
        "Links": flags.link,
        "LogConfig": {"Type": flags.log_driver, "Config": _log_options(flags)},
        "Mounts": flags.mount,
        "NetworkMode": flags.network[0].target if flags.network else "default",
        "OomScoreAdj": flags.oom_score_adj,
        "PidMode": flags.pid,
        "PortBindings": networks.published_ports(flags.publish),
        "Privileged": flags.privileged,
        "PublishAllPorts": flags.publish_all,
        "ReadonlyRootfs": flags.read_only,
        "RestartPolicy": restart,
        "Runtime": flags.runtime,
        "SecurityOpt": security,
        "ShmSize": flags.shm_size,
        "StorageOpt": _storage_options(flags.storage_opt),
        "Sysctls": mapping(flags.sysctl),
        "Tmpfs": {
            path: options for path, _, options in (tmpfs.partition(":") for tmpfs in flags.tmpfs)
        },
        "UTSMode": flags.uts,
        "UsernsMode": flags.userns,
        "VolumeDriver": flags.volume_driver,
        "VolumesFrom": flags.volumes_from,
    }
    if unconfined:
        body |= {"MaskedPaths": [], "ReadonlyPaths": []}
    return body | _resources(flags)


def _resources(flags: CreateFlags) -> dict[str, Any]:
    if flags.memory_swappiness != -1 and not 0 <= flags.memory_swappiness <= 100:
        value = flags.memory_swappiness
        raise ValueError(f"invalid value: {value}. Valid memory swappiness range is 0-100")
    body = {
        "BlkioDeviceReadBps": flags.device_read_bps,
        "BlkioDeviceReadIOps": flags.device_read_iops,
        "BlkioDeviceWriteBps": flags.device_write_bps,
        "BlkioDeviceWriteIOps": flags.device_write_iops,
        "BlkioWeight": flags.blkio_weight,
        "BlkioWeightDevice": flags.blkio_weight_device,
        "CgroupParent": flags.cgroup_parent,
        "CpuPeriod": flags.cpu_period,
        "CpuQuota": flags.cpu_quota,
        "CpuRealtimePeriod": flags.cpu_rt_period,
        "CpuRealtimeRuntime": flags.cpu_rt_runtime,
        "CpuShares": flags.cpu_shares,
        "CpusetCpus": flags.cpuset_cpus,
        "CpusetMems": flags.cpuset_mems,
        "DeviceCgroupRules": flags.device_cgroup_rule,
        "Memory": flags.memory,
        "MemoryReservation": flags.memory_reservation,
        "MemorySwap": flags.memory_swap,
        "MemorySwappiness": flags.memory_swappiness,
        "NanoCpus": flags.cpus,
        "OomKillDisable": flags.oom_kill_disable,
        "PidsLimit": flags.pids_limit,
        "Ulimits": resources.by_name(flags.ulimit),
    }
    return body | _devices(flags)


def _devices(flags: CreateFlags) -> dict[str, Any]:
    by_cdi = [name for name in flags.device if resources.is_cdi_device(name)]
    requests = [*flags.gpus, *([{"Driver": "cdi", "DeviceIDs": by_cdi}] if by_cdi else [])]
    mapped = [resources.device(name) for name in flags.device if name not in by_cdi]
    return {"Devices": mapped, "DeviceRequests": requests}


def _check_modes(flags: CreateFlags) -> None:
    other = flags.pid.removeprefix("container:")
    if flags.pid not in {"", "host"} and (not other or other == flags.pid):
        raise ValueError("--pid: invalid PID mode")
    if flags.uts not in {"", "host"}:
        raise ValueError("--uts: invalid UTS mode")
    if flags.userns not in {"", "host"}:
        raise ValueError("--userns: invalid USER mode")
    if flags.cgroupns not in {"", "host", "private"}:
        raise ValueError("--cgroupns: invalid CGROUP mode")


def _capabilities(names: list[str]) -> list[str]:
    upper = {name.upper() for name in names}
    return sorted(
        name if name == "ALL" or name.startswith("CAP_") else f"CAP_{name}" for name in upper
    )


def _log_options(flags: CreateFlags) -> dict[str, str]:
    if flags.log_driver == "none" and flags.log_opt:
        raise ValueError(f"invalid logging opts for driver {flags.log_driver}")
    return mapping(flags.log_opt)


def _storage_options(options: list[str]) -> dict[str, str]:
    if any("=" not in option for option in options):
        raise ValueError("invalid storage option")
    return mapping(options)


def _security(options: list[str]) -> tuple[list[str], bool]:
    """Return the options for the engine, and whether system paths are unconfined."""
    unconfined = "systempaths=unconfined"
    sent = [_security_option(option) for option in options if option != unconfined]
    return sent, unconfined in options


def _security_option(option: str) -> str:
    key, separator, value = option.partition("=")
    if not separator and key != "no-new-privileges":
        key, separator, value = option.partition(":")
    if not value and key != "no-new-privileges":
        raise ValueError(f'invalid --security-opt: "{option}"')
    if key != "seccomp" or value in {"builtin", "unconfined"}:
        return option
    return f"seccomp={_profile(value)}"


def _profile(name: str) -> str:
    """Return a seccomp profile's JSON, compacted."""
    from pathlib import Path

    try:
        text = Path(name).read_text(encoding="utf-8")
        json.loads(text)
    except OSError as error:
        reason = f"open {name}: {str(error.strerror).lower()}"
        message = f"opening seccomp profile ({name}) failed: {reason}"
        raise ValueError(message) from error
    except ValueError as error:
        message = f"compacting json for seccomp profile ({name}) failed: {error}"
        raise ValueError(message) from error
    return re.sub(r'("(?:[^"\\]|\\.)*")|\s+', r"\1", text)


#: Options of the first network -> the legacy flags that set them, and their conflicts.
_ENDPOINT_FLAGS = {
    "aliases": ("network_alias", "--network-alias and per-network alias"),
    "links": ("link", "--link and per-network links"),
    "ipv4": ("ip", "--ip and per-network IPv4 address"),
    "ipv6": ("ip6", "--ip6 and per-network IPv6 address"),
    "mac": ("mac_address", "--mac-address and per-network MAC address"),
    "link_local": ("link_local_ip", "--link-local-ip and per-network link-local IP addresses"),
}


def _endpoints(flags: CreateFlags, engine: Engine) -> dict[str, Any]:
    """Return the API's EndpointsConfig, {} for a single network without options."""
    attachments = list(flags.network) or [networks.Attachment("default")]
    attachments[0] = _with_flags(attachments[0], flags)
    if flags.mac_address and not engine.supports("1.44"):
        attachments[0] = attachments[0]._replace(mac="")  # older APIs have it in Config
    endpoints: dict[str, Any] = {}
    for attachment in attachments:
        endpoint = attachment.endpoint()
        if attachment.target in endpoints:
            raise ValueError(f'network "{attachment.target}" is specified multiple times')
        endpoints[attachment.target] = endpoint
    if len({networks.is_user_defined(attachment.target) for attachment in flags.network}) > 1:
        message = "conflicting options: cannot attach both user-defined and non-user-defined"
        raise ValueError(f"{message} network-modes")
    return endpoints if len(endpoints) > 1 or any(endpoints.values()) else {}


def _with_flags(attachment: networks.Attachment, flags: CreateFlags) -> networks.Attachment:
    changes: dict[str, Any] = {}
    for field, (name, conflict) in _ENDPOINT_FLAGS.items():
        value = getattr(flags, name)
        if not value:
            continue
        if getattr(attachment, field):
            raise ValueError(f"conflicting options: cannot specify both {conflict}")
        if name != "link" or networks.is_user_defined(attachment.target):
            changes[field] = tuple(value) if isinstance(value, list) else value
    return attachment._replace(**changes)
