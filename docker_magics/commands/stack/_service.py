"""The API's ServiceSpec of a stack's service.

source: docker/cli, cli/compose/convert/service.go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from docker_magics.commands.service._parts import effective_capabilities, resolved
from docker_magics.commands.service._spec import with_credentials
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError
from docker_magics.wire import go

from ._model import StackModel
from ._mounts import mount
from ._networks import is_user_defined, networks_of

#: The label with the image's name as in the Compose file, without the digest.
IMAGE = "com.docker.stack.image"
_NANO = 1_000_000_000
_DEFAULT_MODE = "0444"
_SECRETS = "/run/secrets/"


def service_spec(engine: Engine, model: StackModel, key: str) -> dict[str, Any]:
    """Return the spec of a service, with the IDs of its secrets and configs.

    Raises:
        UsageError: the settings contradict each other, or a secret or config does not exist.
    """
    service = model.part("services")[key]
    deploy = service.get("deploy") or {}
    try:
        return {
            "Name": model.scoped(key),
            "Labels": model.labels(deploy.get("labels")) | {IMAGE: service["image"]},
            "TaskTemplate": {
                "ContainerSpec": _container(engine, model, service),
                "LogDriver": _log_driver(service.get("logging")),
                "Resources": _resources(deploy.get("resources") or {}),
                "RestartPolicy": _restart_policy(
                    service.get("restart", ""), deploy.get("restart_policy")
                ),
                "Placement": _placement(deploy.get("placement") or {}),
                "Networks": _networks(model, key, service),
            },
            "EndpointSpec": _endpoint(deploy.get("endpoint_mode", ""), service.get("ports") or []),
            "Mode": _mode(deploy.get("mode", ""), deploy.get("replicas")),
            "UpdateConfig": _update_config(deploy.get("update_config")),
            "RollbackConfig": _update_config(deploy.get("rollback_config")),
        }
    except (UsageError, ValueError) as error:
        raise UsageError(f"service {key}: {error}") from error


def _container(engine: Engine, model: StackModel, service: Mapping[str, Any]) -> dict[str, Any]:
    added, dropped = effective_capabilities(
        service.get("cap_add") or [], service.get("cap_drop") or []
    )
    grace_period = service.get("stop_grace_period")
    container = {
        "Image": service["image"],
        "Command": service.get("entrypoint"),
        "Args": service.get("command"),
        "Hostname": service.get("hostname"),
        "Hosts": _hosts(service.get("extra_hosts") or []),
        "DNSConfig": _dns(service),
        "Healthcheck": _healthcheck(service.get("healthcheck")),
        "Env": _environment(service.get("environment") or {}),
        "Labels": model.labels(service.get("labels")),
        "Dir": service.get("working_dir"),
        "User": service.get("user"),
        "Mounts": [mount(model, volume) for volume in service.get("volumes") or []],
        "StopGracePeriod": go.parse_duration(grace_period) if grace_period else None,
        "StopSignal": service.get("stop_signal"),
        "TTY": service.get("tty", False),
        "OpenStdin": service.get("stdin_open", False),
        "ReadOnly": service.get("read_only", False),
        "Isolation": service.get("isolation"),
        "Init": service.get("init"),
        "Sysctls": service.get("sysctls"),
        "CapabilityAdd": added,
        "CapabilityDrop": dropped,
        "Ulimits": _ulimits(service.get("ulimits") or {}),
        "OomScoreAdj": service.get("oom_score_adj", 0),
        "Secrets": _by_name(
            "Secret", resolved(engine, "Secret", _references(model, service, "secrets"))
        ),
    }
    configs = _references(model, service, "configs")
    container |= with_credentials(_credentials(model, service), configs, engine)
    return container | {"Configs": _by_name("Config", container["Configs"])}


def _credentials(model: StackModel, service: Mapping[str, Any]) -> dict[str, str] | None:
    spec = {key.title(): value for key, value in (service.get("credential_spec") or {}).items()}
    if len(spec) > 1:
        names = " and ".join(f'"{name}"' for name in sorted(spec))
        raise UsageError(f"invalid credential spec: cannot specify both {names}")
    if "Config" in spec:
        spec["Config"] = model.name_of("configs", spec["Config"])
    return spec or None


def _references(model: StackModel, service: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    """Return a service's references to secrets or configs, without their IDs."""
    prefix = kind.removesuffix("s").title()
    return [
        {
            "File": {
                "Name": (given.get("target") or given["source"]).removeprefix(_SECRETS),
                "UID": given.get("uid", "0"),
                "GID": given.get("gid", "0"),
                "Mode": int(str(given.get("mode", _DEFAULT_MODE)), 8),
            },
            f"{prefix}ID": "",
            f"{prefix}Name": model.name_of(kind, given["source"]),
        }
        for given in service.get(kind) or []
    ]


def _by_name(prefix: str, references: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sort references, so that another order in the file does not restart the service."""
    return sorted(references, key=lambda reference: str(reference[f"{prefix}Name"]))


def _hosts(extra_hosts: Sequence[str]) -> list[str]:
    """Convert `host=ip` to the swarm's `ip host`."""
    return [f"{ip} {name}" for name, _, ip in (host.partition("=") for host in extra_hosts)]


def _dns(service: Mapping[str, Any]) -> dict[str, Any] | None:
    servers, search = service.get("dns") or [], service.get("dns_search") or []
    return {"Nameservers": servers, "Search": search} if servers or search else None


def _healthcheck(given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if given is None:
        return None
    if given.get("disable"):
        return {"Test": ["NONE"]}
    times = {
        name: go.parse_duration(given.get(key, "0s"))
        for name, key in (
            ("Timeout", "timeout"),
            ("Interval", "interval"),
            ("StartPeriod", "start_period"),
            ("StartInterval", "start_interval"),
        )
    }
    return {"Test": given.get("test"), "Retries": given.get("retries", 0), **times}


def _environment(variables: Mapping[str, str | None]) -> list[str]:
    return sorted(name if value is None else f"{name}={value}" for name, value in variables.items())


def _ulimits(ulimits: Mapping[str, Any]) -> list[dict[str, Any]]:
    limits = []
    for name, given in sorted(ulimits.items()):
        pair = given if isinstance(given, dict) else {"soft": given, "hard": given}
        limits.append({"Name": name, "Soft": pair["soft"], "Hard": pair["hard"]})
    return limits


def _log_driver(given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if given is None:
        return None
    return {"Name": given.get("driver", ""), "Options": given.get("options")}


def _resources(given: Mapping[str, Any]) -> dict[str, Any]:
    parts = {}
    if limits := given.get("limits"):
        parts["Limits"] = _amounts(limits) | {"Pids": limits.get("pids", 0)}
    if reserved := given.get("reservations"):
        generic = [
            {"DiscreteResourceSpec": {"Kind": spec["kind"], "Value": spec["value"]}}
            for resource in reserved.get("generic_resources") or []
            for spec in [resource["discrete_resource_spec"]]
        ]
        parts["Reservations"] = _amounts(reserved) | {"GenericResources": generic}
    return parts


def _amounts(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "NanoCPUs": round(float(given.get("cpus", 0)) * _NANO),
        "MemoryBytes": int(given.get("memory", 0)),
    }


def _restart_policy(restart: str, policy: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return `deploy.restart_policy`, else what `restart` means in a swarm."""
    if policy is not None:
        return {
            "Condition": policy.get("condition", ""),
            "Delay": _duration(policy.get("delay")),
            "MaxAttempts": policy.get("max_attempts"),
            "Window": _duration(policy.get("window")),
        }
    name, _, count = restart.partition(":")
    attempts = int(count) if count else None
    match name:
        case "" | "no":
            return None
        case "always" | "unless-stopped":
            return {"Condition": "any", "MaxAttempts": attempts}
        case "on-failure":
            return {"Condition": "on-failure", "MaxAttempts": attempts}
    raise UsageError(
        f"invalid restart policy: unknown policy '{name}' (must be one of 'no', 'always',"
        " 'on-failure', or 'unless-stopped')"
    )


def _duration(text: str | None) -> int | None:
    return None if text is None else go.parse_duration(text)


def _placement(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Constraints": given.get("constraints"),
        "Preferences": [
            {"Spread": {"SpreadDescriptor": preference["spread"]}}
            for preference in given.get("preferences") or []
        ],
        "MaxReplicas": given.get("max_replicas_per_node", 0),
    }


def _networks(model: StackModel, key: str, service: Mapping[str, Any]) -> list[dict[str, Any]]:
    attachments = []
    for network, settings in networks_of(service).items():
        target, given = model.name_of("networks", network), settings or {}
        aliases = [*(given.get("aliases") or []), *([key] if is_user_defined(target) else [])]
        attachments.append(
            {"Target": target, "Aliases": aliases, "DriverOpts": given.get("driver_opts")}
        )
    return sorted(attachments, key=lambda attachment: str(attachment["Target"]))


def _endpoint(mode: str, ports: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    converted = [
        {
            "Protocol": port.get("protocol", "tcp"),
            "TargetPort": port["target"],
            "PublishedPort": int(port.get("published") or 0),
            "PublishMode": port.get("mode", "ingress"),
        }
        for port in ports
    ]
    keys = ("PublishedPort", "TargetPort", "Protocol", "PublishMode")
    converted.sort(key=lambda port: tuple(port[key] for key in keys))
    return {"Mode": mode.lower(), "Ports": converted}


def _mode(mode: str, replicas: int | None) -> dict[str, Any]:
    if mode in {"global", "global-job"} and replicas is not None:
        raise UsageError("replicas can only be used with replicated or replicated-job mode")
    match mode:
        case "global":
            return {"Global": {}}
        case "global-job":
            return {"GlobalJob": {}}
        case "replicated-job":
            return {"ReplicatedJob": {"MaxConcurrent": replicas, "TotalCompletions": replicas}}
        case "replicated" | "":
            return {"Replicated": {"Replicas": replicas}}
    raise UsageError(f"unknown mode: {mode}")


def _update_config(given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if given is None:
        return None
    return {
        "Parallelism": given.get("parallelism", 1),
        "Delay": go.parse_duration(given.get("delay", "0s")),
        "FailureAction": given.get("failure_action", ""),
        "Monitor": go.parse_duration(given.get("monitor", "0s")),
        "MaxFailureRatio": given.get("max_failure_ratio", 0),
        "Order": given.get("order", ""),
    }
