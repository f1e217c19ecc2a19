"""The engine's parts that builds use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ...wire.reference import Reference
from ..containers.create import ContainerCreator
from ..containers.events import ContainerEvents
from ..containers.lifecycle import Lifecycle
from ..containers.removal import Removal
from ..images.platforms import Platform
from ..images.store import ImageStore
from ..registry.credentials import Credentials
from ..runtime.supervisor import Supervisor
from ..storage.base_layers import BaseLayers
from ..storage.driver import StorageDriver
from .messages import Message

#: Pulls an image, and yields the API's messages; see `registry.service.Registries.pull`.
Pull = Callable[[Reference, Credentials, Platform | None], Iterator[Message | None]]


@dataclass(frozen=True)
class BuildParts:
    """The engine's parts that builds use.

    Attributes:
        images: has base images, and receives those of steps.
        pull: pulls base images that are missing.
        creator, lifecycle, removal: of the containers of steps.
        events: receives attach.
        storage, base_layers, supervisor: give access to the files of images.
        tmp: a folder for contexts and temporary layers.
        caches: holds the folders of `RUN --mount=type=cache`.
    """

    images: ImageStore
    pull: Pull
    creator: ContainerCreator
    lifecycle: Lifecycle
    removal: Removal
    events: ContainerEvents
    storage: StorageDriver
    base_layers: BaseLayers
    supervisor: Supervisor
    tmp: Path
    caches: Path
