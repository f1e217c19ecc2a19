"""Scalar settings of a service: flags and their places in the spec.

source: docker/cli, cli/command/service/opts.go, update.go; Engine API, ServiceSpec.
"""

from __future__ import annotations

from typing import Any

from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError

from ._flags import ServiceFlags

_SECOND = 1_000_000_000
_CONTAINER = ("TaskTemplate", "ContainerSpec")
_LIMITS = ("TaskTemplate", "Resources", "Limits")
_RESERVATIONS = ("TaskTemplate", "Resources", "Reservations")
_RESTART = ("TaskTemplate", "RestartPolicy")

#: Flag -> place in the spec.
_PLACES: dict[str, tuple[str, ...]] = {
    "entrypoint": (*_CONTAINER, "Command"),
    "workdir": (*_CONTAINER, "Dir"),
    "user": (*_CONTAINER, "User"),
    "hostname": (*_CONTAINER, "Hostname"),
    "init": (*_CONTAINER, "Init"),
    "isolation": (*_CONTAINER, "Isolation"),
    "oom_score_adj": (*_CONTAINER, "OomScoreAdj"),
    "read_only": (*_CONTAINER, "ReadOnly"),
    "stop_grace_period": (*_CONTAINER, "StopGracePeriod"),
    "stop_signal": (*_CONTAINER, "StopSignal"),
    "tty": (*_CONTAINER, "TTY"),
    "limit_cpu": (*_LIMITS, "NanoCPUs"),
    "limit_memory": (*_LIMITS, "MemoryBytes"),
    "limit_pids": (*_LIMITS, "Pids"),
    "reserve_cpu": (*_RESERVATIONS, "NanoCPUs"),
    "reserve_memory": (*_RESERVATIONS, "MemoryBytes"),
    "memory_swap": ("TaskTemplate", "Resources", "SwapBytes"),
    "memory_swappiness": ("TaskTemplate", "Resources", "MemorySwappiness"),
    "restart_condition": (*_RESTART, "Condition"),
    "restart_delay": (*_RESTART, "Delay"),
    "restart_max_attempts": (*_RESTART, "MaxAttempts"),
    "restart_window": (*_RESTART, "Window"),
    "replicas_max_per_node": ("TaskTemplate", "Placement", "MaxReplicas"),
    "endpoint_mode": ("EndpointSpec", "Mode"),
    **{
        f"{kind}_{flag}": (f"{kind.title()}Config", key)
        for kind in ("update", "rollback")
        for flag, key in {
            "parallelism": "Parallelism",
            "delay": "Delay",
            "monitor": "Monitor",
            "failure_action": "FailureAction",
            "max_failure_ratio": "MaxFailureRatio",
            "order": "Order",
        }.items()
    },
}
_UPDATES = {
    "Parallelism": 1,
    "Delay": 0,
    "Monitor": 5 * _SECOND,
    "FailureAction": "pause",
    "MaxFailureRatio": 0,
    "Order": "stop-first",
}
#: The initial values of a section, added with its first setting.
_DEFAULTS: dict[tuple[str, ...], dict[str, Any]] = {
    _RESTART: {"Condition": "any", "Delay": 5 * _SECOND, "MaxAttempts": 0},
    ("UpdateConfig",): _UPDATES,
    ("RollbackConfig",): _UPDATES,
}
#: Flag -> the first API version that supports it.
_SINCE = {
    **dict.fromkeys(("cap_add", "cap_drop", "limit_pids", "max_concurrent"), "1.41"),
    "health_start_interval": "1.44",
    "oom_score_adj": "1.46",
    **dict.fromkeys(("memory_swap", "memory_swappiness"), "1.52"),
}
_HEALTH = {
    "health_interval": "Interval",
    "health_timeout": "Timeout",
    "health_retries": "Retries",
    "health_start_period": "StartPeriod",
    "health_start_interval": "StartInterval",
}


def put_settings(flags: ServiceFlags, spec: dict[str, Any], engine: Engine) -> None:
    """Write all settings that were given to the spec.

    Raises:
        UsageError: the flags contradict each other, or the engine does not support one.
    """
    for field, version in _SINCE.items():
        if getattr(flags, field) not in (None, []):
            engine.require(version, f"--{field.replace('_', '-')}")
    for field, place in _PLACES.items():
        value = getattr(flags, field)
        if value is not None:
            section(spec, *place[:-1])[place[-1]] = value
    _put_health(flags, section(spec, *_CONTAINER))
    if flags.log_driver:
        options = dict(option.partition("=")[::2] for option in flags.log_opt)
        section(spec, "TaskTemplate")["LogDriver"] = {"Name": flags.log_driver, "Options": options}


def section(spec: dict[str, Any], *place: str) -> dict[str, Any]:
    """Return a section of the spec; a missing one is created with its defaults."""
    for depth, key in enumerate(place):
        if spec.get(key) is None:
            spec[key] = dict(_DEFAULTS.get(place[: depth + 1], {}))
        spec = spec[key]
    return spec


def _put_health(flags: ServiceFlags, container: dict[str, Any]) -> None:
    times = {
        key: value for field, key in _HEALTH.items() if (value := getattr(flags, field)) is not None
    }
    has_healthcheck = bool(times) or flags.health_cmd is not None
    if flags.no_healthcheck:
        if has_healthcheck:
            raise UsageError("--no-healthcheck conflicts with --health-* options")
        container["Healthcheck"] = {"Test": ["NONE"]}
    elif has_healthcheck:
        health = section(container, "Healthcheck")
        if health.get("Test") == ["NONE"]:
            del health["Test"]
        health |= times
        if flags.health_cmd is not None:
            health["Test"] = ["CMD-SHELL", flags.health_cmd] if flags.health_cmd else None
