"""Making an image of a container: docker commit.

source: Engine API, ImageCommit; moby daemon/commit.go.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from ...wire.reference import Reference
from ..dockerfile.changes import apply_changes
from ..dockerfile.run_config import RunConfig
from ..errors import Conflict
from ..images import commit
from ..images.image import Image
from ..images.store import ImageStore
from ..records.container import Container
from ..storage.driver import StorageDriver
from .events import ContainerEvents
from .lifecycle import Lifecycle

_MAPS = {"Labels", "ExposedPorts", "Volumes"}


@dataclass(frozen=True)
class CommitRequest:
    """The properties of a new image.

    Attributes:
        name: None for an image without a name.
        config: the API's ContainerConfig, laid over the container's.
        changes: Dockerfile instructions, applied after that.
        pause: whether the container is paused meanwhile.
        author, comment: for the history.
    """

    name: Reference | None
    config: Mapping[str, Any]
    changes: list[str]
    pause: bool
    author: str = ""
    comment: str = ""


class Committer:
    """Makes images of containers.

    Args:
        images: receives the image.
        storage: has the changes.
        lifecycle: pauses the container.
        events: receives commit.
    """

    def __init__(
        self,
        images: ImageStore,
        storage: StorageDriver,
        lifecycle: Lifecycle,
        events: ContainerEvents,
    ) -> None:
        self._images = images
        self._storage = storage
        self._lifecycle = lifecycle
        self._events = events

    def commit(self, container: Container, request: CommitRequest) -> Image:
        """Make an image of a container's files and configuration, and name it.

        Raises:
            BadParameter: an invalid instruction.
            ApiError: the disk is full.
        """
        config = merge_config(container, request.config)
        apply_changes(config, request.changes)
        with self._paused(container) if request.pause else contextlib.nullcontext():
            image = self._commit(container, config, request)
            attributes = {"comment": request.comment, "imageID": image.id}
            if request.name is not None:
                name = request.name.tagged
                self._images.tag(image, name)
                attributes["imageRef"] = name.familiar
            self._events.publish(container, "commit", attributes)
        return image

    def _commit(self, container: Container, config: RunConfig, request: CommitRequest) -> Image:
        image_id = container.record["Image"]
        created_by = " ".join(container.config["Cmd"] or [])
        return commit.commit(
            self._images,
            self._images.get(image_id) if image_id else None,
            self._storage.changes(container.layer),
            config,
            commit.Step(created_by, request.comment, request.author, container),
        )

    @contextlib.contextmanager
    def _paused(self, container: Container) -> Iterator[None]:
        """Pause a container that runs; one that is paused stays so, and one may end meanwhile."""
        if container.process is None or container.state["Paused"]:
            yield
            return
        with contextlib.ExitStack() as at_end:
            with contextlib.suppress(Conflict):
                self._lifecycle.pause(container)
                at_end.callback(self._unpause, container)
            yield

    def _unpause(self, container: Container) -> None:
        with contextlib.suppress(Conflict):
            self._lifecycle.unpause(container)


def merge_config(container: Container, given: Mapping[str, Any]) -> RunConfig:
    """Return the run configuration of a new image.

    Maps are joined; variables are added, and replace those of the same name; other values that
    are not empty replace the container's. An entrypoint without a command removes the command.
    """
    merged: dict[str, Any] = {**copy.deepcopy(container.config)}
    changes = {key: value for key, value in given.items() if value}
    for key, value in changes.items():
        if key in _MAPS:
            merged[key] = {**(merged.get(key) or {}), **value}
        elif key == "Env":
            names = {variable.partition("=")[0] for variable in value}
            kept = [pair for pair in merged["Env"] if pair.partition("=")[0] not in names]
            merged[key] = [*value, *kept]
        else:
            merged[key] = value
    if "Entrypoint" in changes and "Cmd" not in changes:
        merged["Cmd"] = None
    merged["Image"] = container.config["Image"]
    return cast("RunConfig", merged)
