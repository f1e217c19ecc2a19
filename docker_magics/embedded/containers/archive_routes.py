"""The files of containers as archives over the API: docker cp, docker export.

source: Engine API, ContainerArchive, ContainerArchiveInfo, PutContainerArchive, ContainerExport.
"""

from __future__ import annotations

from ..api.messages import Empty, Request, Stream
from ..api.router import Route
from ..records.container import Container
from .archive import Archiver
from .events import ContainerEvents
from .store import ContainerStore

_STAT_HEADER = "X-Docker-Container-Path-Stat"


class ArchiveRoutes:
    """Answers requests about the files of containers.

    Args:
        store: the containers.
        events: receives archive-path, extract-to-dir and export.
        archiver: packs and unpacks.
    """

    def __init__(self, store: ContainerStore, events: ContainerEvents, archiver: Archiver) -> None:
        self._store = store
        self._events = events
        self._archiver = archiver

    def table(self) -> list[Route]:
        """Return the routes."""
        path = "/containers/{name}/archive"
        return [
            Route("HEAD", path, self.stat_container_path),
            Route("GET", path, self.get_container_archive),
            Route("PUT", path, self.put_container_archive),
            Route("GET", "/containers/{name}/export", self.export_container),
        ]

    def _container(self, request: Request) -> Container:
        return self._store.get(request.params["name"])

    def stat_container_path(self, request: Request) -> Empty:
        """ContainerArchiveInfo."""
        description = self._archiver.stat(self._container(request), request.get("path"))
        return Empty(200, {_STAT_HEADER: description})

    def get_container_archive(self, request: Request) -> Stream:
        """ContainerArchive."""
        container = self._container(request)
        description, pieces = self._archiver.pack(container, request.get("path"))
        self._events.publish(container, "archive-path")
        return Stream(pieces, "application/x-tar", headers={_STAT_HEADER: description})

    def put_container_archive(self, request: Request) -> Empty:
        """PutContainerArchive."""
        container = self._container(request)
        self._archiver.unpack(
            container,
            request.get("path"),
            request.body,
            replace_kinds=not request.flag("noOverwriteDirNonDir"),
            to_user=request.flag("copyUIDGID"),
        )
        self._events.publish(container, "extract-to-dir")
        return Empty(200)

    def export_container(self, request: Request) -> Stream:
        """ContainerExport."""
        container = self._container(request)
        self._events.publish(container, "export")
        return Stream(self._archiver.export(container), "application/octet-stream")
