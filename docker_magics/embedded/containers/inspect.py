"""A container as docker inspect shows it: null, [] and {} as dockerd has them.

source: Engine API, ContainerInspect; moby daemon/inspect.go.
"""

from __future__ import annotations

from typing import Any

from .. import clock
from ..networks import links, view
from ..ports import ContainerLookup
from ..records import defaults
from ..records.container import Container
from . import mounts


def inspect_container(container: Container, containers: ContainerLookup) -> dict[str, Any]:
    """Return the API's ContainerInspectResponse, without sizes.

    Args:
        container: the container.
        containers: finds those that it has links to.
    """
    record = container.record
    has_started = container.state["StartedAt"] != clock.ZERO
    files = {
        name: str(container.folder / name) if has_started else ""
        for name in ("resolv.conf", "hostname", "hosts")
    }
    return {
        "Id": container.id,
        "Created": record["Created"],
        "Path": record["Path"],
        "Args": record["Args"],
        "State": _state(container),
        "Image": record["Image"],
        "ResolvConfPath": files["resolv.conf"],
        "HostnamePath": files["hostname"],
        "HostsPath": files["hosts"],
        "LogPath": _log_path(container),
        "Name": f"/{container.name}",
        "RestartCount": record["RestartCount"],
        "Driver": "overlay2",
        "Platform": "linux",
        "MountLabel": "",
        "ProcessLabel": "",
        "AppArmorProfile": _apparmor_profile(container),
        "ExecIDs": _exec_ids(container),
        "HostConfig": _host_config(container, containers),
        "GraphDriver": {"Data": _graph_driver_data(container), "Name": "overlay2"},
        "Mounts": mounts.as_json(record["Mounts"]),
        "Config": container.config,
        "NetworkSettings": view.network_settings(container),
    }


def _host_config(container: Container, containers: ContainerLookup) -> dict[str, Any]:
    host_config = {**container.host_config, "Links": links.shown(container, containers)}
    return {key: host_config[key] for key in defaults.HOST_CONFIG_ORDER if key in host_config}


def _apparmor_profile(container: Container) -> str:
    """Return the profile of the last `apparmor=PROFILE` or `apparmor:PROFILE`."""
    options = (
        option.replace("=", ":", 1).partition(":")
        for option in container.host_config["SecurityOpt"] or []
    )
    profiles = [profile for name, _, profile in options if name == "apparmor"]
    return profiles[-1] if profiles else ""


def _state(container: Container) -> dict[str, Any]:
    """Return the API's ContainerState, in its order."""
    state = container.state
    fields = {
        "Status": container.status,
        "Running": state["Running"],
        "Paused": state["Paused"],
        "Restarting": state["Restarting"],
        "OOMKilled": state["OOMKilled"],
        "Dead": state["Dead"],
        "Pid": state["Pid"],
        "ExitCode": state["ExitCode"],
        "Error": state["Error"],
        "StartedAt": state["StartedAt"],
        "FinishedAt": state["FinishedAt"],
    }
    if "Health" in state:
        fields["Health"] = state["Health"]
    return fields


def _log_path(container: Container) -> str:
    is_file = container.host_config["LogConfig"]["Type"] == "json-file"
    return str(container.log_path) if is_file and container.log_path.exists() else ""


def _exec_ids(container: Container) -> list[str] | None:
    if not container.running:
        return None  # those that are left are just being killed
    return [exec_.id for exec_ in list(container.execs.values()) if exec_.process] or None


def _graph_driver_data(container: Container) -> dict[str, str]:
    layer = container.layer
    return {
        "ID": container.id,
        "LowerDir": ":".join(reversed(layer.lower)),
        "MergedDir": str(layer.merged),
        "UpperDir": str(layer.upper),
        "WorkDir": str(layer.work),
    }
