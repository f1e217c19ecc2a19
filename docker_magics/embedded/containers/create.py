"""A create request, checked and joined with what the image says.

source: Engine API, ContainerCreate; moby daemon/create.go, daemon/commit.go: merge,
daemon/container.go: verifyContainerSettings.
"""

from __future__ import annotations

import copy
import os
import posixpath
from typing import TYPE_CHECKING, Any, cast

from ...wire import go
from ..errors import BadParameter
from ..images.image import Image
from ..records import defaults
from ..runtime import capabilities, signals
from . import log_options

if TYPE_CHECKING:
    from ..engine import Engine
    from ..records.container import Container

RUNTIMES = frozenset({"runc", "io.containerd.runc.v2"})
Config = dict[str, Any]
_POLICIES = {"", "no", "always", "on-failure", "unless-stopped"}
_LEAST_MEMORY = 6 * 1024 * 1024


def config_of(body: Config, image: Image | None) -> Config:
    """The Config of a container: what was asked for, joined with the image's.

    Raises:
        BadParameter: there is nothing to run, or a value makes no sense.
    """
    given = {key: value for key, value in body.items() if value is not None}
    config = copy.deepcopy(defaults.CONFIG)
    known = (*defaults.CONFIG, *defaults.OPTIONAL_CONFIG)
    config |= {key: given[key] for key in known if key in given}
    for key in ("Cmd", "Entrypoint"):
        if isinstance(config[key], str):
            config[key] = [config[key]]
    if image is not None:
        _merge(config, cast("Config", image.run_config))
    if config["Entrypoint"] == [""]:
        config["Entrypoint"] = None
    config["Env"] = list(config["Env"] or [])
    config["Labels"] = dict(config["Labels"] or {})
    _check_config(config)
    return {key: config[key] for key in defaults.CONFIG_ORDER if key in config}


def _merge(config: Config, image: Config) -> None:
    if not config["User"]:
        config["User"] = image.get("User") or ""
    for key in ("ExposedPorts", "Volumes"):
        joined = {**(image.get(key) or {}), **(config.get(key) or {})}
        if joined or key in config:
            config[key] = joined or None
    names = {each.partition("=")[0] for each in config["Env"] or []}
    inherited = [e for e in image.get("Env") or [] if e.partition("=")[0] not in names]
    config["Env"] = [*(config["Env"] or []), *inherited]
    config["Labels"] = {**(image.get("Labels") or {}), **(config["Labels"] or {})}
    if not config["Entrypoint"]:
        if not config["Cmd"]:
            config["Cmd"] = image.get("Cmd")
        if config["Entrypoint"] is None:
            config["Entrypoint"] = image.get("Entrypoint")
    _merge_healthcheck(config, image.get("Healthcheck"))
    for key in ("WorkingDir", "StopSignal"):
        if not config.get(key) and image.get(key):
            config[key] = image[key]


def _merge_healthcheck(config: Config, image: Config | None) -> None:
    ours = config.get("Healthcheck")
    if not image:
        return
    if not ours:
        config["Healthcheck"] = copy.deepcopy(image)
        return
    config["Healthcheck"] = image | {key: value for key, value in ours.items() if value}


def _check_config(config: Config) -> None:
    if not config["Entrypoint"] and not config["Cmd"]:
        raise BadParameter("No command specified")
    if folder := config["WorkingDir"]:
        if not folder.startswith("/"):
            raise BadParameter(f"the working directory '{folder}' is invalid, it needs to be an absolute path")  # fmt: skip  # noqa: E501
        config["WorkingDir"] = "/" + posixpath.normpath(folder).lstrip("/")
    for each in config["Env"]:
        if not each or each.startswith("="):
            raise BadParameter(f"invalid environment variable: {each}")
    if config.get("StopSignal"):
        signals.number(config["StopSignal"])
    health = config.get("Healthcheck") or {}
    for key in ("Interval", "Timeout", "StartPeriod"):
        value = health.get(key, 0)
        if value and value < 1_000_000:
            raise BadParameter(f"{key} in Healthcheck cannot be less than 1ms")
    if (health.get("Retries") or 0) < 0:
        raise BadParameter("Retries in Healthcheck cannot be negative")


def host_config_of(body: Config, engine: Engine) -> Config:
    """The HostConfig of a container: what was asked for, with dockerd's defaults.

    Raises:
        BadParameter: a value makes no sense.
    """
    given = {key: value for key, value in body.items() if value is not None}
    config = copy.deepcopy(defaults.HOST_CONFIG)
    known = (*defaults.HOST_CONFIG, *defaults.OPTIONAL_HOST_CONFIG)
    config |= {key: given[key] for key in known if key in given}
    for key in ("NetworkMode", "IpcMode", "Runtime"):
        config[key] = config[key] or defaults.HOST_CONFIG[key]
    own = "private" if engine.cgroups.version == "2" else "host"  # as dockerd chooses
    config["CgroupnsMode"] = config["CgroupnsMode"] or own
    config["ShmSize"] = config["ShmSize"] or defaults.HOST_CONFIG["ShmSize"]
    config["LogConfig"] = log_options.checked(config["LogConfig"] or {})
    if (config["PidsLimit"] or 0) <= 0:
        config["PidsLimit"] = None
    config["RestartPolicy"] = _restart_policy(config["RestartPolicy"] or {})
    if config["AutoRemove"] and config["RestartPolicy"]["Name"] not in {"", "no"}:
        raise BadParameter("can't create 'AutoRemove' container with restart policy")
    if config["Privileged"]:
        config |= {"MaskedPaths": None, "ReadonlyPaths": None}
    _check_isolation(config)
    _check_capabilities(config)
    _check_resources(config)
    _check_modes(config, engine)
    _check_security(config)
    return config


def check_together(asked: Config, host: Config) -> None:
    """Refuse a request and its HostConfig that contradict each other, whatever the image says.

    source: moby runconfig/hostconfig.go: validateNetContainerMode, validateNetMode.

    Raises:
        BadParameter: in dockerd's words.
    """
    mode, hostname, links = host["NetworkMode"], asked.get("Hostname"), host["Links"]
    undefined = "This would result in undefined behavior"
    shares = mode.partition(":")[0] == "container"
    if shares and not mode.partition(":")[2]:
        raise BadParameter("Invalid network mode: invalid container format container:<name|id>")
    published = host["PortBindings"] or host["PublishAllPorts"]
    exposed, mac = asked.get("ExposedPorts"), asked.get("MacAddress")
    conflicts = (
        (shares and hostname, "hostname and the network mode"),
        (shares and links, f"container type network can't be used with links. {undefined}"),
        (shares and host["Dns"], "dns and the network mode"),
        (shares and host["ExtraHosts"], "custom host-to-IP mapping and the network mode"),
        ((shares or mode == "host") and mac, "mac-address and the network mode"),
        (shares and published, "port publishing and the container type network mode"),
        (shares and exposed, "port exposing and the container type network mode"),
        (host["UTSMode"] == "host" and hostname, "hostname and the UTS mode"),
        (mode == "host" and links, f"host type networking can't be used with links. {undefined}"),
    )
    for conflict, words in conflicts:
        if conflict:
            raise BadParameter(f"conflicting options: {words}")


def _check_isolation(config: Config) -> None:
    if config["Isolation"] not in {"", "default"}:
        raise BadParameter(f'Invalid isolation: "{config["Isolation"]}" - linux only supports \'default\'')  # fmt: skip  # noqa: E501
    for name in config.get("StorageOpt") or {}:
        if name.lower() != "size":
            raise BadParameter(f"Unknown option {name}")
        raise BadParameter("--storage-opt is supported only for overlay over xfs with 'pquota' mount option")  # fmt: skip  # noqa: E501


def _check_capabilities(config: Config) -> None:
    for key in ("CapAdd", "CapDrop"):
        try:
            capabilities.kept(config[key] or [], [], privileged=False)
        except BadParameter as fault:
            raise BadParameter(f"invalid {key}: {fault}") from fault


def _check_security(config: Config) -> None:
    """What may be in SecurityOpt; who sees the host's processes is not labelled.

    source: moby daemon/daemon_unix.go: parseSecurityOpt, daemon/create.go: generateSecurityOpt.
    """
    for option in config["SecurityOpt"] or []:
        if option in {"no-new-privileges", "disable"}:
            continue
        key, separator, value = option.partition("=" if "=" in option else ":")
        if not separator:
            raise BadParameter(f'invalid --security-opt 1: "{option}"')
        if key == "no-new-privileges" and go.is_bool(value):
            continue
        if key not in {"label", "apparmor", "seccomp"}:
            raise BadParameter(f'invalid --security-opt 2: "{option}"')
    if config["Privileged"] or "host" in {config["PidMode"], config["IpcMode"]}:
        known = config["SecurityOpt"] or []
        if not any(each.startswith("label") for each in known):
            config["SecurityOpt"] = [*known, "label=disable"]


def _restart_policy(given: Config) -> Config:
    name, count = given.get("Name") or "", given.get("MaximumRetryCount") or 0
    if name not in _POLICIES:
        raise BadParameter(f"invalid restart policy '{name}'")
    if count and name != "on-failure":
        raise BadParameter(f"maximum retry count cannot be used with restart policy '{name}'")
    if count < 0:
        raise BadParameter("maximum retry count cannot be negative")
    return {"Name": name, "MaximumRetryCount": count}


def _check_resources(config: Config) -> None:
    _check_memory(config)
    _check_cpus(config)
    score = config["OomScoreAdj"]
    if not -1000 <= score <= 1000:
        raise BadParameter(f"Invalid value {score}, range for oom score adj is [-1000, 1000]")
    if config["ShmSize"] < 0:
        raise BadParameter("SHM size can not be less than 0")


def _check_cpus(config: Config) -> None:
    nano, period, quota = config["NanoCpus"], config["CpuPeriod"], config["CpuQuota"]
    for value, what in ((period, "Period"), (quota, "Quota")):
        if nano > 0 and value > 0:
            words = f"Nano CPUs and CPU {what} cannot both be set"
            raise BadParameter(f"Conflicting options: {words}")
    count = os.cpu_count() or 1
    if not 0 <= nano <= count * 1_000_000_000:
        raise BadParameter(f"Range of CPUs is from 0.01 to {count}.00, as there are only {count} CPUs available")  # fmt: skip  # noqa: E501
    if period and not 1000 <= period <= 1_000_000:
        raise BadParameter("CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)")  # fmt: skip  # noqa: E501
    if 0 < quota < 1000:
        raise BadParameter("CPU cfs quota can not be less than 1ms (i.e. 1000)")
    _check_set(config["CpusetCpus"], "cpus", "CPUs", count)
    _check_set(config["CpusetMems"], "mems", "memory nodes", 1)


def _check_set(text: str, what: str, things: str, count: int) -> None:
    """Refuse a list of CPUs, `0-1,3`, that are not all there."""
    last = -1
    for part in filter(None, text.split(",")):
        first, dash, end = part.partition("-")
        if not first.isdigit() or (dash and not end.isdigit()) or int(end or first) < int(first):
            words = f"invalid format: {text}"
            raise BadParameter(f"Invalid value {text} for cpuset {what}: {words}")
        last = max(last, int(end or first))
    if last >= count:
        there = f"0-{count - 1}" if count > 1 else "0"
        raise BadParameter(f"Requested {things} are not available - requested {text}, available: {there}")  # fmt: skip  # noqa: E501


def _check_memory(config: Config) -> None:
    memory, swap = config["Memory"], config["MemorySwap"]
    reservation, swappiness = config["MemoryReservation"], config["MemorySwappiness"]
    see = ", see usage"
    if 0 < memory < _LEAST_MEMORY:
        raise BadParameter("Minimum memory limit allowed is 6MB")
    if memory and 0 < swap < memory:
        raise BadParameter(f"Minimum memoryswap limit should be larger than memory limit{see}")
    if not memory and swap > 0:
        words = "You should always set the Memory limit when using Memoryswap limit"
        raise BadParameter(f"{words}{see}")
    if swappiness is not None and not -1 <= swappiness <= 100:
        raise BadParameter(f"Invalid value: {swappiness}, valid memory swappiness range is 0-100")
    if 0 < reservation < _LEAST_MEMORY:
        raise BadParameter("Minimum memory reservation allowed is 6MB")
    if reservation and memory and memory < reservation:
        words = "Minimum memory limit can not be less than memory reservation limit"
        raise BadParameter(f"{words}{see}")
    if memory and not swap:
        config["MemorySwap"] = memory * 2
    if swappiness == -1:
        config["MemorySwappiness"] = None


def _check_modes(config: Config, engine: Engine) -> None:
    for key, what in (("PidMode", "PID"), ("IpcMode", "IPC"), ("UTSMode", "UTS")):
        mode = config[key]
        if mode.startswith("container:"):
            other = _donor(mode, engine, key)
            config[key] = f"container:{other.id}"
        elif mode not in {"", "host", "private", "shareable", "none"}:
            raise BadParameter(f"{'I' if what == 'IPC' else 'i'}nvalid {what} mode: {mode}")
    if config["CgroupnsMode"] not in {"", "host", "private"}:
        raise BadParameter(f"invalid cgroup namespace mode: {config['CgroupnsMode']}")
    if config["UsernsMode"] not in {"", "host"}:
        raise BadParameter(f"invalid userns mode: {config['UsernsMode']}")
    if config["Runtime"] not in RUNTIMES:
        raise BadParameter(f"Unknown runtime specified {config['Runtime']}")
    _check_ports(config["PortBindings"] or {})


def _donor(mode: str, engine: Engine, key: str) -> Container:
    """The container whose namespace is shared."""
    name = mode.removeprefix("container:")
    try:
        return engine.container_store.get(name)
    except BadParameter as fault:
        if key == "IpcMode":
            raise BadParameter(f"can't join IPC of container {name}: {fault}") from fault
        raise


def _check_ports(bindings: dict[str, Any]) -> None:
    for port, places in bindings.items():
        number, _, protocol = port.partition("/")
        if not number.isdigit() or not 0 < int(number) < 65536:
            raise BadParameter(f'invalid port specification: "{port}"')
        if protocol not in {"", "tcp", "udp", "sctp"}:
            raise BadParameter(f"invalid proto: {protocol}")
        for place in places or []:
            host = place.get("HostPort") or ""
            first, _, last = host.partition("-")
            if host and not (first.isdigit() and (not last or last.isdigit())):
                raise BadParameter(f'invalid port specification: "{host}"')
