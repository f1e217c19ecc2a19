"""Looking at containers over the API: list, inspect, processes, statistics, changes.

source: Engine API, "Container".
"""

from __future__ import annotations

from dataclasses import dataclass

from ..api.maps import sort_maps
from ..api.messages import Json, Request, Response, Stream, json_array, json_lines
from ..api.router import Route
from ..records.container import Container
from ..runtime.supervisor import Supervisor
from ..storage.driver import StorageDriver
from . import old_clients, top
from .changes import changed_paths
from .events import ContainerEvents
from .inspect import inspect_container
from .listing import ContainerListing
from .sizes import ContainerSizes
from .stats import ContainerStats
from .store import ContainerStore


@dataclass(frozen=True)
class ViewBackend:
    """The parts that view routes use."""

    store: ContainerStore
    container_events: ContainerEvents
    storage: StorageDriver
    supervisor: Supervisor
    listing: ContainerListing
    sizes: ContainerSizes
    stats: ContainerStats


class ViewRoutes:
    """Answers requests that do not change containers.

    Args:
        backend: the engine's parts.
    """

    def __init__(self, backend: ViewBackend) -> None:
        self._backend = backend

    def table(self) -> list[Route]:
        """Return the routes."""
        path = "/containers/{name}"
        return [
            Route("GET", "/containers/json", self.list_containers),
            Route("GET", f"{path}/json", self.inspect_container),
            Route("GET", f"{path}/top", self.list_processes),
            Route("GET", f"{path}/stats", self.container_stats),
            Route("GET", f"{path}/changes", self.container_changes),
        ]

    def _container(self, request: Request) -> Container:
        return self._backend.store.get(request.params["name"])

    def list_containers(self, request: Request) -> Json:
        """ContainerList."""
        listing = self._backend.listing
        containers = listing.find(
            request.filters(), all_=request.flag("all"), limit=request.number("limit")
        )
        summaries = listing.summaries(containers, size=request.flag("size"))
        if request.version < (1, 46):
            for summary in summaries:
                summary["HostConfig"].pop("Annotations", None)
        return Json(summaries)

    def inspect_container(self, request: Request) -> Json:
        """ContainerInspect."""
        container = self._container(request)
        answer = inspect_container(container, self._backend.store)
        if request.flag("size"):
            answer |= self._backend.sizes.measure(container)
        if request.version < (1, 45):
            old_clients.show_aliases(answer["NetworkSettings"]["Networks"])
        return Json(sort_maps(answer))

    def list_processes(self, request: Request) -> Json:
        """ContainerTop."""
        container = self._container(request)
        process = container.active()
        pids = set(self._backend.supervisor.processes(process))
        processes = top.list_processes(pids, request.get("ps_args"))
        self._backend.container_events.publish(container, "top")
        return Json(processes)

    def container_stats(self, request: Request) -> Response:
        """Answer ContainerStats."""
        container = self._container(request)
        stats = self._backend.stats
        if request.flag("stream", default=True):
            return Stream(json_lines(stats.stream(container)))
        return Json(stats.single(container, one_shot=request.flag("one-shot")))

    def container_changes(self, request: Request) -> Stream:
        """Answer ContainerChanges."""
        layer = self._container(request).layer
        return json_array(changed_paths(self._backend.storage.changes(layer), layer.lower))
