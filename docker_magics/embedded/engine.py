"""The engine: creates the parts, and gives each one what it uses."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from .api.messages import Request, Response
from .api.router import Route, Router
from .containers.events import ContainerEvents
from .containers.store import ContainerStore
from .events import EventBus
from .runtime.cgroup import Cgroups
from .runtime.id_mapping import IdMapping
from .state import State
from .storage.base_layers import BaseLayers

if TYPE_CHECKING:
    from .builder.service import Builder
    from .containers.create import ContainerCreator
    from .containers.execs import Execs
    from .containers.lifecycle import Lifecycle
    from .containers.listing import ContainerListing
    from .containers.monitor import Monitor
    from .containers.removal import Removal
    from .containers.restorer import Restorer
    from .containers.signaller import Signaller
    from .containers.spec_builder import SpecBuilder
    from .containers.update import Updater
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
        self.container_events = ContainerEvents(self.events)

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
                creator=self.container_creator,
                lifecycle=self.lifecycle,
                removal=self.removal,
                events=self.container_events,
                storage=self.storage,
                base_layers=self.base_layers,
                supervisor=self.supervisor,
                tmp=self.state.tmp,
                caches=self.state.folder("buildcache"),
            ),
            self.events,
        )

    @cached_property
    def container_specs(self) -> SpecBuilder:
        """Builds the specifications of containers."""
        from .containers.spec_builder import SpecBuilder

        return SpecBuilder(
            self.container_store, self.images, self.volumes, self.networks, self.storage
        )

    @cached_property
    def _signaller(self) -> Signaller:
        from .containers.signaller import Signaller

        return Signaller(self.container_events, self.supervisor)

    @cached_property
    def removal(self) -> Removal:
        """Removes containers."""
        from .containers.removal import Removal

        return Removal(
            self.container_store,
            self.container_events,
            self.images,
            self.volumes,
            self.storage,
            self._signaller,
        )

    @cached_property
    def execs(self) -> Execs:
        """The execs of containers."""
        from .containers.execs import Execs

        events = self.container_events
        return Execs(events, self.supervisor, self.cgroups, self.container_specs)

    @cached_property
    def monitor(self) -> Monitor:
        """Watches running containers."""
        from .containers.health_monitor import HealthMonitor
        from .containers.monitor import Monitor

        health = HealthMonitor(self.container_events, self.execs)
        events = self.container_events
        return Monitor(events, self.networks, self.cgroups, self.removal, health)

    @cached_property
    def lifecycle(self) -> Lifecycle:
        """Starts and stops containers."""
        from .containers.lifecycle import Lifecycle
        from .containers.spawner import Spawner

        spawner = Spawner(self.container_specs, self.supervisor, self.cgroups, self.networks)
        events = self.container_events
        return Lifecycle(events, spawner, self._signaller, self.monitor, self.removal)

    @cached_property
    def container_creator(self) -> ContainerCreator:
        """Creates containers."""
        from .containers.create import ContainerCreator
        from .containers.populate import Populator

        return ContainerCreator(
            self.container_store,
            self.container_events,
            self.images,
            self.volumes,
            self.networks,
            self.base_layers,
            self.cgroups,
            Populator(self.volumes, self.storage, self.supervisor),
            self.removal,
        )

    @cached_property
    def updater(self) -> Updater:
        """Changes existing containers."""
        from .containers.update import Updater

        return Updater(self.container_store, self.container_events, self.cgroups)

    @cached_property
    def container_listing(self) -> ContainerListing:
        """Finds and describes containers."""
        from .containers.listing import ContainerListing
        from .containers.sizes import ContainerSizes

        sizes = ContainerSizes(self.images, self.storage)
        return ContainerListing(self.container_store, self.images, sizes)

    @cached_property
    def _restorer(self) -> Restorer:
        from .containers.restorer import Restorer

        return Restorer(
            self.container_store,
            self.supervisor,
            self.cgroups,
            self.networks,
            self.lifecycle,
            self.monitor,
            self.removal,
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
            self.container_store, self.container_listing, self.images, self.volumes
        )
        system = SystemRoutes(about, disk_usage, self.events, self.registries.log_in)
        volumes = VolumeRoutes(self.volumes)
        return Router(
            [
                self._container_table(),
                BuildRoutes(self.builder).table(),
                *self._image_tables(),
                networks.table(),
                volumes.table(),
                system.table(),
                absent.table(),
            ]
        )

    def _container_table(self) -> list[Route]:
        from .containers.routes import ContainerParts, container_routes

        return container_routes(
            ContainerParts(
                store=self.container_store,
                events=self.events,
                container_events=self.container_events,
                supervisor=self.supervisor,
                storage=self.storage,
                cgroups=self.cgroups,
                images=self.images,
                networks=self.networks,
                specs=self.container_specs,
                creator=self.container_creator,
                lifecycle=self.lifecycle,
                monitor=self.monitor,
                updater=self.updater,
                removal=self.removal,
                execs=self.execs,
                listing=self.container_listing,
            )
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
        self._restorer.reattach()
        self._restorer.start_by_policy()

    def end(self) -> None:
        """Stop running containers, as a daemon that is shut down."""
        self._restorer.stop_all()
        self.networks.close()
        self.supervisor.close()
        self.state.release()
