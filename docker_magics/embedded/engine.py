"""The engine: creates the parts, gives each one what it uses, and answers the API's requests."""

from __future__ import annotations

from .api.messages import Request, Response
from .api.router import Route, Router
from .builder.parts import BuildParts
from .builder.routes import BuildRoutes
from .builder.service import Builder
from .containers.create import ContainerCreator
from .containers.events import ContainerEvents
from .containers.execs import Execs
from .containers.health_monitor import HealthMonitor
from .containers.lifecycle import Lifecycle
from .containers.listing import ContainerListing
from .containers.monitor import Monitor
from .containers.populate import Populator
from .containers.removal import Removal
from .containers.restorer import Restorer
from .containers.routes import ContainerParts, container_routes
from .containers.signaller import Signaller
from .containers.sizes import ContainerSizes
from .containers.spawner import Spawner
from .containers.spec_builder import SpecBuilder
from .containers.store import ContainerStore
from .containers.update import Updater
from .dockerfile.changes import apply_changes
from .events import EventBus
from .images.importer import ImageImporter
from .images.loader import ImageLoader
from .images.removal import ImageRemoval
from .images.routes import ImageRoutes
from .images.saver import ImageSaver
from .images.store import ImageStore
from .networks.attachment import Attachments
from .networks.helper import NetworkHelper
from .networks.routes import NetworkRoutes
from .networks.store import NetworkStore
from .registry.routes import RegistryRoutes
from .registry.service import Registries
from .runtime.cgroup import Cgroups
from .runtime.id_mapping import IdMapping
from .runtime.supervisor import Supervisor
from .state import State
from .storage.base_layers import BaseLayers
from .system import absent
from .system.df import DiskUsage
from .system.info import SystemInfo
from .system.routes import SystemRoutes
from .volumes.routes import VolumeRoutes
from .volumes.service import Volumes


class Engine:
    """All parts of one root folder. They are created from the bottom floor up.

    Args:
        state: the root folder.
        supervisor: starts the processes of containers.
    """

    def __init__(self, state: State, supervisor: Supervisor) -> None:
        self._state = state
        self._supervisor = supervisor
        self._driver = supervisor.driver
        self._cgroups = Cgroups()
        self._events = EventBus()
        self._create_stores()
        self._create_container_parts()
        self._create_builder()
        self._router = Router(self._tables())

    def _create_stores(self) -> None:
        """Create what keeps objects; each one loads its own."""
        state, events = self._state, self._events
        self._storage = self._driver.storage(state)
        single_id = self._driver.id_mapping is IdMapping.SINGLE
        self._base_layers = BaseLayers(state.root, single_id=single_id)
        self._containers = ContainerStore(state.folder("containers"))
        self._images = ImageStore(state.folder("images"), events, self._containers)
        self._registries = Registries(self._images, state.root, state.tmp)
        self._volumes = Volumes(state.folder("volumes"), events, self._containers)
        helper = NetworkHelper(state.root) if self._driver.isolates_network else None
        self._networks = NetworkStore(state.folder("networks"), events, self._containers, helper)
        self._attachments = Attachments(self._networks, self._containers, helper)

    def _create_container_parts(self) -> None:
        """Create what creates, starts, watches and removes containers."""
        supervisor, cgroups, storage = self._supervisor, self._cgroups, self._storage
        containers, images, volumes = self._containers, self._images, self._volumes
        attachments = self._attachments
        events = self._container_events = ContainerEvents(self._events)
        self._specs = SpecBuilder(containers, images, volumes, attachments, storage)
        signaller = Signaller(events, supervisor)
        self._removal = Removal(containers, events, images, volumes, storage, signaller)
        self._execs = Execs(events, supervisor, cgroups, self._specs)
        health = HealthMonitor(events, self._execs)
        self._monitor = Monitor(events, attachments, cgroups, self._removal, health)
        spawner = Spawner(self._specs, supervisor, cgroups, attachments)
        self._lifecycle = Lifecycle(events, spawner, signaller, self._monitor, self._removal)
        self._creator = ContainerCreator(
            containers,
            events,
            images,
            volumes,
            attachments,
            self._base_layers,
            cgroups,
            Populator(volumes, storage, supervisor),
            self._removal,
        )
        self._updater = Updater(containers, events, cgroups)
        self._listing = ContainerListing(containers, images, ContainerSizes(images, storage))
        self._restorer = Restorer(
            containers,
            supervisor,
            cgroups,
            attachments,
            self._lifecycle,
            self._monitor,
            self._removal,
        )

    def _create_builder(self) -> None:
        parts = BuildParts(
            self._images,
            self._registries.pull,
            self._creator,
            self._lifecycle,
            self._removal,
            self._container_events,
            self._storage,
            self._base_layers,
            self._supervisor,
            self._state.tmp,
            self._state.folder("buildcache"),
        )
        self._builder = Builder(parts, self._events)

    def _tables(self) -> list[list[Route]]:
        images, events, tmp = self._images, self._events, self._state.tmp
        importer = ImageImporter(images, apply_changes)
        image_removal = ImageRemoval(images, self._containers, events)
        info = SystemInfo(self._state, self._driver, self._cgroups, self._containers, images)
        usage = DiskUsage(self._containers, self._listing, images, self._volumes)
        return [
            self._container_table(),
            BuildRoutes(self._builder).table(),
            ImageRoutes(
                images, image_removal, ImageSaver(images, tmp), ImageLoader(images, tmp)
            ).table(),
            RegistryRoutes(self._registries, images, importer).table(),
            NetworkRoutes(self._networks, self._attachments, self._containers).table(),
            VolumeRoutes(self._volumes).table(),
            SystemRoutes(info, usage, events, self._registries.log_in).table(),
            absent.table(),
        ]

    def _container_table(self) -> list[Route]:
        return container_routes(
            ContainerParts(
                store=self._containers,
                events=self._events,
                container_events=self._container_events,
                supervisor=self._supervisor,
                storage=self._storage,
                cgroups=self._cgroups,
                images=self._images,
                networks=self._attachments,
                specs=self._specs,
                creator=self._creator,
                lifecycle=self._lifecycle,
                monitor=self._monitor,
                updater=self._updater,
                removal=self._removal,
                execs=self._execs,
                listing=self._listing,
            )
        )

    def answer(self, request: Request) -> Response:
        """Answer one request; raises the errors of `errors.py`."""
        return self._router.answer(request)

    def begin(self) -> None:
        """Reattach to running containers, and start those whose restart policy says so."""
        self._restorer.reattach()
        self._restorer.start_by_policy()

    def end(self) -> None:
        """Stop running containers, as a daemon that is shut down."""
        self._restorer.stop_all()
        self._attachments.close()
        self._supervisor.close()
        self._state.release()
