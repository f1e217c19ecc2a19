"""A container as inspect shows it: null, [] and {} each where dockerd has them.

source: Engine API, ContainerInspect; moby daemon/inspect.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import clock
from ..images import pack
from ..networks import links, view
from ..records import defaults
from . import mounts

if TYPE_CHECKING:
    from ..engine import Engine
    from ..records.container import Container


def as_json(container: Container, engine: Engine, *, size: bool = False) -> dict[str, Any]:
    """The API's ContainerInspectResponse."""
    record = container.record
    folder = container.folder
    had_network = container.state["StartedAt"] != clock.ZERO
    found: dict[str, Any] = {
        "Id": container.id,
        "Created": record["Created"],
        "Path": record["Path"],
        "Args": record["Args"],
        "State": state(container),
        "Image": record["Image"],
        "ResolvConfPath": str(folder / "resolv.conf") if had_network else "",
        "HostnamePath": str(folder / "hostname") if had_network else "",
        "HostsPath": str(folder / "hosts") if had_network else "",
        "LogPath": _log_path(container),
        "Name": f"/{container.name}",
        "RestartCount": record["RestartCount"],
        "Driver": "overlay2",
        "Platform": "linux",
        "MountLabel": "",
        "ProcessLabel": "",
        "AppArmorProfile": _apparmor(container),
        "ExecIDs": _execs(container),
        "HostConfig": _host_config(container, engine),
        "GraphDriver": {"Data": _graph(container), "Name": "overlay2"},
        "Mounts": mounts.as_json(record["Mounts"]),
        "Config": container.config,
        "NetworkSettings": view.network_settings(container),
    }
    if size:
        found |= sizes(container, engine)
    return found


def _host_config(container: Container, engine: Engine) -> dict[str, Any]:
    host = {**container.host_config, "Links": links.shown(container, engine.container_store)}
    return {key: host[key] for key in defaults.HOST_CONFIG_ORDER if key in host}


def _apparmor(container: Container) -> str:
    options = (each.replace("=", ":", 1) for each in container.host_config["SecurityOpt"] or [])
    profiles = [each.partition(":")[2] for each in options if each.startswith("apparmor:")]
    return profiles[-1] if profiles else ""


def state(container: Container) -> dict[str, Any]:
    """The API's ContainerState."""
    known = container.state
    found = {
        "Status": container.status,
        "Running": known["Running"],
        "Paused": known["Paused"],
        "Restarting": known["Restarting"],
        "OOMKilled": known["OOMKilled"],
        "Dead": known["Dead"],
        "Pid": known["Pid"],
        "ExitCode": known["ExitCode"],
        "Error": known["Error"],
        "StartedAt": known["StartedAt"],
        "FinishedAt": known["FinishedAt"],
    }
    if "Health" in known:
        found["Health"] = known["Health"]
    return found


def _log_path(container: Container) -> str:
    is_file = container.host_config["LogConfig"]["Type"] == "json-file"
    started = container.log_path.exists()
    return str(container.log_path) if is_file and started else ""


def _execs(container: Container) -> list[str] | None:
    if not container.running:
        return None
    return [each.id for each in list(container.execs.values()) if each.process] or None


def _graph(container: Container) -> dict[str, str]:
    layer = container.layer
    return {
        "LowerDir": ":".join(reversed(layer.lower)),
        "MergedDir": str(layer.merged),
        "UpperDir": str(layer.upper),
        "WorkDir": str(layer.work),
    }


def sizes(container: Container, engine: Engine) -> dict[str, int]:
    """The bytes of its own files, and with its image's."""
    own = pack.content_size(engine.storage.changes(container.layer))
    image = container.record["Image"]
    below = engine.images.size(engine.images.get(image)) if image else 0
    return {"SizeRw": own, "SizeRootFs": own + below}
