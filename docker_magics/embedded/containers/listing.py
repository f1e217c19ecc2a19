"""Containers as docker ps lists them.

source: Engine API, ContainerList; moby daemon/list.go, container/view.go.
"""

from __future__ import annotations

from typing import Any

from ...wire import go
from ...wire.filters import Filters
from .. import clock
from ..errors import BadParameter, NotFound
from ..images.store import ImageStore
from ..networks import view
from ..networks.links import names_by_target
from ..ports import ContainerLookup
from ..records.container import Container
from . import mounts
from .list_filters import ListFilters, health_status
from .sizes import ContainerSizes

#: Filters that concern containers that do not run too.
_NOT_RUNNING_TOO = {"status", "exited", "before", "since"}

#: The API's ContainerSummary.
Summary = dict[str, Any]


class ContainerListing:
    """Finds and describes containers.

    Args:
        containers: the containers.
        images: what they were created from.
        sizes: counts their bytes.
    """

    def __init__(
        self,
        containers: ContainerLookup,
        images: ImageStore,
        sizes: ContainerSizes,
    ) -> None:
        self._containers = containers
        self._images = images
        self._sizes = sizes
        self._filters = ListFilters(containers, images)

    def find(self, filters: Filters, *, all_: bool, limit: int) -> list[Container]:
        """Return the containers of a listing, the newest first.

        Args:
            filters: a container has to pass all of them.
            all_: whether to list containers that do not run too; some filters imply it.
            limit: the most containers, running or not; 0 for no limit.

        Raises:
            BadParameter: an unknown filter, or an invalid value.
            NotFound: no such container for the filters `before` and `since`.
        """
        tests = self._filters.tests(filters)
        all_ = all_ or limit > 0 or bool(_NOT_RUNNING_TOO & filters.keys())
        containers = [
            container
            for container in self._containers.all()
            if (all_ or container.running) and all(test(container) for test in tests)
        ]
        return containers[:limit] if limit > 0 else containers

    def summaries(self, containers: list[Container], *, size: bool = False) -> list[Summary]:
        """Return the API's ContainerSummary of each container.

        Args:
            containers: the containers.
            size: whether to count the bytes of their files.
        """
        link_names = names_by_target(self._containers)
        resolved: dict[str, str] = {}  # image name -> image ID
        summaries = []
        for container in containers:
            name = str(container.config["Image"])
            if name not in resolved:
                resolved[name] = self._image_id(name)
            image_id = container.record["Image"]
            summary = summarize(container) | {
                "Names": [
                    f"/{container.name}",
                    *link_names.get(container.name, []),
                    *link_names.get(container.id, []),
                ],
                # the ID, if the name has become another image's
                "Image": name if resolved[name] == image_id else image_id or name,
            }
            summaries.append(summary | self._sizes.measure(container) if size else summary)
        return summaries

    def _image_id(self, name: str) -> str:
        """Return the ID of the image with a name; empty for none."""
        try:
            return self._images.resolve(name).id
        except (NotFound, BadParameter):
            return ""


def summarize(container: Container) -> Summary:
    """Return the API's ContainerSummary of a container, without its names and image name."""
    record = container.record
    return {
        "Id": container.id,
        "Names": [],
        "Image": "",
        "ImageID": record["Image"],
        "Command": _command(record["Path"], record["Args"]),
        "Created": clock.parse(record["Created"]) // 1_000_000_000,
        "Ports": view.listed_ports(container),
        "Labels": container.labels(),
        "State": container.status,
        "Status": status_text(container),
        "HostConfig": _host_config(container),
        "NetworkSettings": {"Networks": view.endpoint_settings(container)},
        "Mounts": mounts.as_json(record["Mounts"]),
    }


def _host_config(container: Container) -> dict[str, Any]:
    host_config: dict[str, Any] = {"NetworkMode": container.host_config["NetworkMode"]}
    if annotations := container.host_config.get("Annotations"):
        host_config["Annotations"] = annotations
    return host_config


def _command(path: str, arguments: list[str]) -> str:
    quoted = (f"'{argument}'" if " " in argument else argument for argument in arguments)
    return " ".join([path, *quoted]).strip()


def status_text(container: Container) -> str:
    """Return `Up 3 minutes (healthy)`, `Exited (0) 2 hours ago`, `Created` ...

    source: moby container/state.go: String.
    """
    state = container.state
    match container.status:
        case "running":
            return f"Up {_elapsed(state['StartedAt'])}{_health_note(container)}"
        case "paused":
            return f"Up {_elapsed(state['StartedAt'])} (Paused)"
        case "restarting":
            return f"Restarting ({state['ExitCode']}) {_elapsed(state['FinishedAt'])} ago"
        case "removing":
            return "Removal In Progress"
        case "created":
            return "Created"
        case "dead":
            return "Dead"
    return f"Exited ({state['ExitCode']}) {_elapsed(state['FinishedAt'])} ago"


def _elapsed(moment: str) -> str:
    return go.human_duration((clock.now_ns() - clock.parse(moment)) / 1e9)


def _health_note(container: Container) -> str:
    health = health_status(container)
    if health == "none":
        return ""
    return " (health: starting)" if health == "starting" else f" ({health})"
