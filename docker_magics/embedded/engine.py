"""The engine: creates the parts, gives each one what it uses, and answers the API's requests."""

from __future__ import annotations

from .api.messages import Request, Response
from .api.router import Route, Router
from .builder.parts import BuildParts
from .builder.routes import BuildRoutes
from .builder.service import Builder
from .containers.image_watch import ImageWatch
from .containers.parts import ContainerParts
from .containers.routes import container_routes
from .containers.store import ContainerStore
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
from .runtime import cgroup_bases
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
    """All parts of one root folder, created from the bottom floor up.

    Args:
        state: the root folder.
        supervisor: starts the processes of containers.
    """

    def __init__(self, state: State, supervisor: Supervisor) -> None:
        driver = supervisor.driver
        self._state = state
        self._supervisor = supervisor
        self._events = EventBus()
        self._cgroups = Cgroups(
            cgroup_bases.find(), creates_devices=driver.id_mapping is IdMapping.ROOT
        )
        self._storage = driver.storage(state)
        single_id = driver.id_mapping is IdMapping.SINGLE
        self._base_layers = BaseLayers(state.root, single_id=single_id)
        store = self._store = ContainerStore(state.folder("containers"))
        self._images = ImageStore(state.folder("images"), self._events, store)
        self._registries = Registries(self._images, state.root, state.tmp)
        self._volumes = Volumes(state.folder("volumes"), self._events, store)
        helper = NetworkHelper(state.root, supervisor.fork) if driver.isolates_network else None
        self._networks = NetworkStore(state.folder("networks"), self._events, store, helper)
        self._attachments = Attachments(
            self._networks, store, helper, divides_loopback=driver.divides_loopback
        )
        self._containers = ContainerParts(
            store,
            self._events,
            self._images,
            self._volumes,
            self._attachments,
            self._storage,
            self._base_layers,
            supervisor,
            self._cgroups,
        )
        self._image_watch = ImageWatch(self._events, self._images, self._base_layers, self._storage)
        self._builder = Builder(self._build_parts(), self._events)
        self._router = Router(self._tables())

    def _build_parts(self) -> BuildParts:
        return BuildParts(
            images=self._images,
            pull=self._registries.pull,
            creator=self._containers.creator,
            lifecycle=self._containers.lifecycle,
            removal=self._containers.removal,
            events=self._containers.container_events,
            storage=self._storage,
            base_layers=self._base_layers,
            supervisor=self._supervisor,
            tmp=self._state.tmp,
            caches=self._state.folder("buildcache"),
        )

    def _tables(self) -> list[list[Route]]:
        system = SystemRoutes(
            SystemInfo(
                self._state, self._supervisor.driver, self._cgroups, self._store, self._images
            ),
            DiskUsage(self._store, self._containers.listing, self._images, self._volumes),
            self._events,
            self._registries.log_in,
        )
        return [
            container_routes(self._containers),
            BuildRoutes(self._builder).table(),
            self._image_routes().table(),
            self._registry_routes().table(),
            NetworkRoutes(self._networks, self._attachments, self._store).table(),
            VolumeRoutes(self._volumes).table(),
            system.table(),
            absent.table(),
        ]

    def _image_routes(self) -> ImageRoutes:
        images, tmp = self._images, self._state.tmp
        removal = ImageRemoval(images, self._store, self._events)
        return ImageRoutes(images, removal, ImageSaver(images, tmp), ImageLoader(images, tmp))

    def _registry_routes(self) -> RegistryRoutes:
        importer = ImageImporter(self._images, apply_changes)
        return RegistryRoutes(self._registries, self._images, importer, self._state.tmp)

    def answer(self, request: Request) -> Response:
        """Answer one request; raises the errors of `errors.py`."""
        return self._router.answer(request)

    def begin(self) -> None:
        """Reattach to running containers, and start those whose restart policy says so.

        The engine may have threads from now on.
        """
        self._supervisor.keep()
        self._attachments.keep()
        if not self._cgroups.has("memory"):
            self._containers.watchdog.start()
        self._image_watch.start()
        self._containers.restorer.reattach()
        self._containers.restorer.start_by_policy()

    def end(self) -> None:
        """Stop running containers, as a daemon that is shut down."""
        self._containers.restorer.stop_all()
        self._attachments.close()
        self._supervisor.close()
        self._state.release()
