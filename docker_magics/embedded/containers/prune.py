"""Removing containers that do not run.

source: Engine API, ContainerPrune; moby daemon/prune.go.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from .. import clock
from ..errors import ApiError
from ..filtering import passes_prune, refuse_unknown, until
from ..images import pack

if TYPE_CHECKING:
    from ...wire.filters import Filters
    from ..engine import Engine


def prune(engine: Engine, filters: Filters) -> dict[str, Any]:
    """Remove them; gives the API's answer.

    Raises:
        BadParameter: a filter that there is not.
    """
    refuse_unknown(filters, {"label", "label!", "until"})
    until(filters)
    gone: list[str] = []
    freed = 0
    for container in engine.container_store.all():
        created = clock.parse(container.record["Created"])
        if container.running or not passes_prune(container.labels(), created, filters):
            continue
        with contextlib.suppress(ApiError):
            size = pack.content_size(engine.storage.changes(container.layer))
            engine.containers.remove(container)
            gone.append(container.id)
            freed += size
    engine.events.publish("container", "prune", "", {"reclaimed": str(freed)})
    return {"ContainersDeleted": gone or None, "SpaceReclaimed": freed}
