"""Building the API's ServiceSpec of a new service.

source: docker/cli, cli/command/service/opts.go: ToService.
"""

from __future__ import annotations

import os
from typing import Any

from docker_magics.cli.flag_types.resources import by_name
from docker_magics.cli.flag_types.texts import mapping, read_pairs
from docker_magics.engine.client import Engine
from docker_magics.errors import UsageError

from ._create_flags import ServiceCreateFlags
from ._parts import effective_capabilities, hosts, network, resolved, resources
from ._settings import put_settings, section


def service_spec(flags: ServiceCreateFlags, engine: Engine) -> dict[str, Any]:
    """Return the spec, with the IDs of networks, secrets and configs.

    Raises:
        UsageError: the flags contradict each other.
    """
    networks = [network(engine, attachment) for attachment in flags.network]
    spec: dict[str, Any] = {
        "Name": flags.name,
        "Labels": mapping(flags.label),
        "TaskTemplate": {
            "ContainerSpec": _container(flags, engine),
            "Networks": sorted(networks, key=lambda attachment: str(attachment["Target"])),
        },
        "Mode": _mode(flags),
        "EndpointSpec": {"Mode": "vip", "Ports": flags.publish},
    }
    put_settings(flags, spec, engine)
    if flags.constraint or flags.placement_pref:
        placement = section(spec, "TaskTemplate", "Placement")
        placement |= {"Constraints": flags.constraint, "Preferences": flags.placement_pref}
    if generic := resources(flags.generic_resource):
        section(spec, "TaskTemplate", "Resources", "Reservations")["GenericResources"] = generic
    is_job = not spec["Mode"].keys() & {"Replicated", "Global"}
    if is_job and ("UpdateConfig" in spec or "RollbackConfig" in spec):
        raise UsageError("update and rollback configuration is not supported for jobs")
    return spec


def _container(flags: ServiceCreateFlags, engine: Engine) -> dict[str, Any]:
    added, dropped = effective_capabilities(flags.cap_add, flags.cap_drop)
    container = {
        "Image": flags.image,
        "Args": flags.args,
        "Env": _environment(flags),
        "Labels": mapping(flags.container_label),
        "Groups": flags.group,
        "Init": False,  # without it, the default of each node's dockerd (`--init`) applies
        "Mounts": flags.mount,
        "DNSConfig": {
            "Nameservers": flags.dns,
            "Search": flags.dns_search,
            "Options": flags.dns_option,
        },
        "Hosts": hosts(flags.host),
        "Sysctls": mapping(flags.sysctl),
        "CapabilityAdd": added,
        "CapabilityDrop": dropped,
        "Ulimits": by_name(flags.ulimit),
        "Secrets": resolved(engine, "Secret", flags.secret),
    }
    return container | with_credentials(flags.credential_spec, flags.config, engine)


def with_credentials(
    credentials: dict[str, str] | None, configs: list[dict[str, Any]], engine: Engine
) -> dict[str, Any]:
    """Return configs, and the credential spec, which may be stored in a config."""
    name = (credentials or {}).get("Config")
    runtime = [{"ConfigName": name, "ConfigID": "", "Runtime": {}}] if name else []
    resolved_configs = resolved(engine, "Config", [*configs, *runtime])
    if not credentials:
        return {"Configs": resolved_configs}
    by_name = {config["ConfigName"]: config["ConfigID"] for config in resolved_configs}
    spec = {"Config": by_name[name]} if name else credentials
    return {"Configs": resolved_configs, "Privileges": {"CredentialSpec": spec}}


def _environment(flags: ServiceCreateFlags) -> list[str]:
    """Return the variables of files, then of flags; of duplicate names the last one wins."""
    from_files = [pair for name in flags.env_file for pair in _pairs(name)]
    return list({pair.partition("=")[0]: pair for pair in [*from_files, *flags.env]}.values())


def _pairs(name: str) -> list[str]:
    try:
        return read_pairs(name, os.environ.get)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _mode(flags: ServiceCreateFlags) -> dict[str, Any]:
    mode = flags.mode or "replicated"
    if mode.startswith("global"):
        if flags.replicas is not None:
            raise _only("replicas", "replicated or replicated-job")
        if flags.replicas_max_per_node:
            raise _only("replicas-max-per-node", "replicated or replicated-job")
    if mode != "replicated-job" and flags.max_concurrent is not None:
        raise _only("max-concurrent", "replicated-job")
    match mode:
        case "global":
            return {"Global": {}}
        case "global-job":
            return {"GlobalJob": {}}
        case "replicated":
            return {"Replicated": {"Replicas": flags.replicas}}
        case "replicated-job":
            total, concurrent = flags.replicas, flags.max_concurrent
            most = total if concurrent is None else concurrent
            return {"ReplicatedJob": {"MaxConcurrent": most, "TotalCompletions": total}}
    raise UsageError(f"unknown mode: {mode}, only replicated and global supported")


def _only(name: str, mode: str) -> UsageError:
    return UsageError(f"{name} can only be used with {mode} mode")
