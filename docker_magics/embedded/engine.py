"""The engine: the services behind the API, and the route tables in front of them."""

from __future__ import annotations

import importlib
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from .events import EventBus
from .server.messages import Request, Response
from .server.router import Router
from .state import State

if TYPE_CHECKING:
    from .build.builder import Builder
    from .containers.service import Containers
    from .images.store import ImageStore
    from .networks.service import Networks
    from .runtime.supervisor import Supervisor
    from .volumes.service import Volumes

#: The folders whose `routes.py` make up the API.
RESOURCES = ("containers", "images", "build", "networks", "volumes", "system")


class Engine:
    """Everything one root folder holds, and the API's answers about it.

    Args:
        root: the root folder.
        supervisor: starts the processes of containers.

    Raises:
        RootInUse: another engine runs on this root.
    """

    def __init__(self, root: Path, supervisor: Supervisor) -> None:
        self.state = State(root)
        self.supervisor = supervisor
        self.events = EventBus()

    @cached_property
    def images(self) -> ImageStore:
        """The image store."""
        from .images.store import ImageStore

        return ImageStore(self)

    @cached_property
    def builder(self) -> Builder:
        """The builder of Dockerfiles."""
        from .build.builder import Builder

        return Builder(self)

    @cached_property
    def containers(self) -> Containers:
        """The containers."""
        from .containers.service import Containers

        return Containers(self)

    @cached_property
    def networks(self) -> Networks:
        """The networks."""
        from .networks.service import Networks

        return Networks(self)

    @cached_property
    def volumes(self) -> Volumes:
        """The volumes."""
        from .volumes.service import Volumes

        return Volumes(self)

    @cached_property
    def _router(self) -> Router:
        tables = [
            importlib.import_module(f".{name}.routes", __package__).ROUTES for name in RESOURCES
        ]
        return Router(tables)

    def answer(self, request: Request) -> Response:
        """Answer one request; raises the errors of `errors.py`."""
        return self._router.answer(self, request)
