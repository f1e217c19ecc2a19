"""The parts that run containers, each given what it uses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ..images.store import ImageStore
from ..networks.attachment import Attachments
from ..ports import EventSink
from ..runtime.cgroup import Cgroups
from ..runtime.supervisor import Supervisor
from ..storage.base_layers import BaseLayers
from ..storage.driver import StorageDriver
from ..volumes.service import Volumes
from .create import ContainerCreator
from .events import ContainerEvents
from .execs import Execs
from .health_monitor import HealthMonitor
from .lifecycle import Lifecycle
from .listing import ContainerListing
from .memory_watchdog import MemoryWatchdog
from .monitor import Monitor
from .populate import Populator
from .removal import Removal
from .restorer import Restorer
from .signaller import Signaller
from .sizes import ContainerSizes
from .spawner import Spawner
from .spec_builder import SpecBuilder
from .store import ContainerStore
from .update import Updater


@dataclass(frozen=True)
class ContainerParts:
    """Creates each part once, from the engine's other parts, which are the fields."""

    store: ContainerStore
    events: EventSink
    images: ImageStore
    volumes: Volumes
    networks: Attachments
    storage: StorageDriver
    base_layers: BaseLayers
    supervisor: Supervisor
    cgroups: Cgroups

    @cached_property
    def container_events(self) -> ContainerEvents:
        """Publishes the events of containers."""
        return ContainerEvents(self.events)

    @cached_property
    def specs(self) -> SpecBuilder:
        """Builds the specifications of containers."""
        return SpecBuilder(
            self.store,
            self.images,
            self.volumes,
            self.networks,
            self.storage,
            self.supervisor.driver.always_allowed,
        )

    @cached_property
    def signaller(self) -> Signaller:
        """Signals the processes of containers."""
        return Signaller(self.container_events, self.supervisor, self.cgroups)

    @cached_property
    def removal(self) -> Removal:
        """Removes containers."""
        events, signaller = self.container_events, self.signaller
        return Removal(self.store, events, self.images, self.volumes, self.storage, signaller)

    @cached_property
    def execs(self) -> Execs:
        """The execs of containers."""
        return Execs(self.container_events, self.supervisor, self.cgroups, self.specs)

    @cached_property
    def monitor(self) -> Monitor:
        """Watches running containers."""
        events = self.container_events
        health = HealthMonitor(events, self.execs)
        return Monitor(
            events,
            self.supervisor,
            self.networks,
            self.cgroups,
            self.removal,
            health,
            self.watchdog,
        )

    @cached_property
    def watchdog(self) -> MemoryWatchdog:
        """Kills containers above their memory limits."""
        return MemoryWatchdog(self.store, self.signaller)

    @cached_property
    def lifecycle(self) -> Lifecycle:
        """Starts and stops containers."""
        spawner = Spawner(self.specs, self.supervisor, self.cgroups, self.networks)
        events, signaller = self.container_events, self.signaller
        return Lifecycle(events, spawner, signaller, self.monitor, self.removal)

    @cached_property
    def creator(self) -> ContainerCreator:
        """Creates containers."""
        return ContainerCreator(
            self.store,
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
        return Updater(self.store, self.container_events, self.cgroups, self.networks)

    @cached_property
    def listing(self) -> ContainerListing:
        """Finds and describes containers."""
        return ContainerListing(self.store, self.images, ContainerSizes(self.images, self.storage))

    @cached_property
    def restorer(self) -> Restorer:
        """Takes over containers when the engine starts, and stops them when it ends."""
        return Restorer(
            self.store,
            self.supervisor,
            self.cgroups,
            self.networks,
            self.lifecycle,
            self.monitor,
            self.removal,
        )
