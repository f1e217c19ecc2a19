"""The engine: creates the parts, and gives each one what it uses."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from .api.messages import Request, Response
from .api.router import Route, Router
from .containers.store import ContainerStore
from .events import EventBus
from .runtime.cgroup import Cgroups
from .runtime.id_mapping import IdMapping
from .state import State
from .storage.base_layers import BaseLayers

if TYPE_CHECKING:
    from .builder.service import Builder
    from .containers.parts import ContainerParts
    from .images.store import ImageStore
    from .networks.attachment import Attachments
    from .networks.helper import NetworkHelper
    from .networks.store import NetworkStore
    from .registry.service import Registries
    from .runtime.supervisor import Supervisor
    from .volumes.service import Volumes


class Engine:
    """Everything one root folder holds, and the API's answers about it.

    Attributes:
        state, supervisor, storage, base_layers, events: the parts that need nothing else.

    Args:
        state: the root folder.
        supervisor: starts the processes of containers.
    """

    def __init__(self, state: State, supervisor: Supervisor) -> None:
        self.state = state
        self.supervisor = supervisor
        driver = supervisor.driver
        self.storage = driver.storage(state)
        self.base_layers = BaseLayers(state.root, single_id=driver.id_mapping is IdMapping.SINGLE)
        self.events = EventBus()
        self.container_store = ContainerStore(state.folder("containers"))

    @cached_property
    def cgroups(self) -> Cgroups:
        """What limits containers, where it can be had."""
        return Cgroups()

    @cached_property
    def images(self) -> ImageStore:
        """The image store."""
        from .images.store import ImageStore

        return ImageStore(self.state.folder("images"), self.events, self.container_store)

    @cached_property
    def registries(self) -> Registries:
        """The registries that images come from and go to."""
        from .registry.service import Registries

        return Registries(self.images, self.state.root, self.state.tmp)

    @cached_property
    def builder(self) -> Builder:
        """The builder of Dockerfiles."""
        from .builder.parts import BuildParts
        from .builder.service import Builder

        return Builder(
            BuildParts(
                images=self.images,
                pull=self.registries.pull,
                creator=self.containers.creator,
                lifecycle=self.containers.lifecycle,
                removal=self.containers.removal,
                events=self.containers.container_events,
                storage=self.storage,
                base_layers=self.base_layers,
                supervisor=self.supervisor,
                tmp=self.state.tmp,
                caches=self.state.folder("buildcache"),
            ),
            self.events,
        )

    @cached_property
    def containers(self) -> ContainerParts:
        """The parts that run containers."""
        from .containers.parts import ContainerParts

        return ContainerParts(
            self.container_store,
            self.events,
            self.images,
            self.volumes,
            self.networks,
            self.storage,
            self.base_layers,
            self.supervisor,
            self.cgroups,
        )

    @cached_property
    def network_helper(self) -> NetworkHelper | None:
        """The network helper process; None where containers use the host's network."""
        from .networks.helper import NetworkHelper

        isolates_network = self.supervisor.driver.isolates_network
        return NetworkHelper(self.state.root) if isolates_network else None

    @cached_property
    def network_store(self) -> NetworkStore:
        """The networks."""
        from .networks.store import NetworkStore

        folder = self.state.folder("networks")
        return NetworkStore(folder, self.events, self.container_store, self.network_helper)

    @cached_property
    def networks(self) -> Attachments:
        """What attaches containers to networks."""
        from .networks.attachment import Attachments

        return Attachments(self.network_store, self.container_store, self.network_helper)

    @cached_property
    def volumes(self) -> Volumes:
        """The volumes."""
        from .volumes.service import Volumes

        return Volumes(self.state.folder("volumes"), self.events, self.container_store)

    @cached_property
    def _router(self) -> Router:
        from .builder.routes import BuildRoutes
        from .containers.routes import container_routes
        from .networks.routes import NetworkRoutes
        from .system import absent
        from .system.df import DiskUsage
        from .system.info import SystemInfo
        from .system.routes import SystemRoutes
        from .volumes.routes import VolumeRoutes

        networks = NetworkRoutes(self.network_store, self.networks, self.container_store)
        about = SystemInfo(
            self.state, self.supervisor.driver, self.cgroups, self.container_store, self.images
        )
        disk_usage = DiskUsage(
            self.container_store, self.containers.listing, self.images, self.volumes
        )
        system = SystemRoutes(about, disk_usage, self.events, self.registries.log_in)
        volumes = VolumeRoutes(self.volumes)
        return Router(
            [
                container_routes(self.containers),
                BuildRoutes(self.builder).table(),
                *self._image_tables(),
                networks.table(),
                volumes.table(),
                system.table(),
                absent.table(),
            ]
        )

    def _image_tables(self) -> list[list[Route]]:
        from .dockerfile.changes import apply_changes
        from .images import importer, loader, removal, routes, saver
        from .registry.routes import RegistryRoutes

        images, tmp = self.images, self.state.tmp
        image_routes = routes.ImageRoutes(
            images,
            removal.ImageRemoval(images, self.container_store, self.events),
            saver.ImageSaver(images, tmp),
            loader.ImageLoader(images, tmp),
        )
        importing = importer.ImageImporter(images, apply_changes)
        registry_routes = RegistryRoutes(self.registries, images, importing)
        return [image_routes.table(), registry_routes.table()]

    def answer(self, request: Request) -> Response:
        """Answer one request; raises the errors of `errors.py`."""
        return self._router.answer(request)

    def begin(self) -> None:
        """Load the stored objects, and reattach to running containers."""
        _ = (self.images, self.volumes, self.networks, self.cgroups)
        self.containers.restorer.reattach()
        self.containers.restorer.start_by_policy()
        _ = self._router  # created before several threads ask for it

    def end(self) -> None:
        """Stop running containers, as a daemon that is shut down."""
        self.containers.restorer.stop_all()
        self.networks.close()
        self.supervisor.close()
        self.state.release()
