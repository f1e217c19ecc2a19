"""Removing the containers that do not run.

source: Engine API, ContainerPrune; moby daemon/prune.go.
"""

from __future__ import annotations

import contextlib
from typing import Any

from ...wire.filters import Filters
from .. import clock
from ..errors import ApiError
from ..filtering import passes_prune, refuse_unknown, until
from ..images import pack
from ..ports import EventSink
from ..storage.driver import StorageDriver
from .removal import Removal
from .store import ContainerStore


def prune_containers(
    filters: Filters,
    store: ContainerStore,
    removal: Removal,
    storage: StorageDriver,
    events: EventSink,
) -> dict[str, Any]:
    """Remove the stopped containers that pass the filters; return the ContainerPruneResponse.

    Raises:
        BadParameter: an unknown filter.
    """
    refuse_unknown(filters, {"label", "label!", "until"})
    until(filters)
    removed: list[str] = []
    freed = 0
    for container in store.all():
        created = clock.parse(container.record["Created"])
        if container.running or not passes_prune(container.labels(), created, filters):
            continue
        with contextlib.suppress(ApiError):
            size = pack.content_size(storage.changes(container.layer))
            removal.remove(container)
            removed.append(container.id)
            freed += size
    events.publish("container", "prune", "", {"reclaimed": str(freed)})
    return {"ContainersDeleted": removed or None, "SpaceReclaimed": freed}
