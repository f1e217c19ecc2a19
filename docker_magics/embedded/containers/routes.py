"""The API's containers and execs: the route groups.

source: Engine API, "Container", "Exec".
"""

from __future__ import annotations

from ..api.router import Route
from .archive import Archiver
from .archive_routes import ArchiveRoutes
from .commit import Committer
from .commit_routes import CommitRoutes
from .exec_routes import ExecRoutes
from .files import ContainerFiles
from .lifecycle_routes import LifecycleBackend, LifecycleRoutes
from .parts import ContainerParts
from .sizes import ContainerSizes
from .stats import ContainerStats
from .stream_routes import StreamRoutes
from .view_routes import ViewBackend, ViewRoutes


def container_routes(parts: ContainerParts) -> list[Route]:
    """Return the routes of all groups."""
    groups = (
        _lifecycle_routes(parts),
        _view_routes(parts),
        StreamRoutes(parts.store, parts.container_events),
        ArchiveRoutes(
            parts.store,
            parts.container_events,
            Archiver(ContainerFiles(parts.container_events, parts.supervisor, parts.specs)),
        ),
        ExecRoutes(parts.store, parts.execs),
        CommitRoutes(
            parts.store,
            Committer(
                parts.images,
                parts.storage,
                parts.lifecycle,
                parts.container_events,
            ),
        ),
    )
    return [route for group in groups for route in group.table()]


def _lifecycle_routes(parts: ContainerParts) -> LifecycleRoutes:
    return LifecycleRoutes(
        LifecycleBackend(
            store=parts.store,
            events=parts.events,
            container_events=parts.container_events,
            storage=parts.storage,
            networks=parts.networks,
            creator=parts.creator,
            lifecycle=parts.lifecycle,
            monitor=parts.monitor,
            updater=parts.updater,
            removal=parts.removal,
        )
    )


def _view_routes(parts: ContainerParts) -> ViewRoutes:
    return ViewRoutes(
        ViewBackend(
            store=parts.store,
            container_events=parts.container_events,
            storage=parts.storage,
            supervisor=parts.supervisor,
            listing=parts.listing,
            sizes=ContainerSizes(parts.images, parts.storage),
            stats=ContainerStats(parts.supervisor, parts.cgroups),
        )
    )
