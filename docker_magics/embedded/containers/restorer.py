"""Containers across restarts of the engine.

source: moby daemon/daemon.go: restore, Shutdown.
"""

from __future__ import annotations

import contextlib
import threading

from ..errors import ApiError
from ..networks.attachment import Attachments
from ..records.container import Container
from ..runtime.cgroup import Cgroups
from ..runtime.process import CONTAINER, Process
from ..runtime.supervisor import Supervisor
from . import restart_policy
from .lifecycle import Lifecycle
from .monitor import Monitor
from .removal import Removal
from .store import ContainerStore


class Restorer:
    """Takes over containers when the engine starts, and stops them when it ends.

    Args:
        store: the containers.
        supervisor: reattaches to their processes.
        cgroups: left-over control groups are removed.
        networks: reattaches running containers.
        lifecycle: starts and stops.
        monitor: watches.
        removal: removes the containers of an interrupted build.
    """

    def __init__(
        self,
        store: ContainerStore,
        supervisor: Supervisor,
        cgroups: Cgroups,
        networks: Attachments,
        lifecycle: Lifecycle,
        monitor: Monitor,
        removal: Removal,
    ) -> None:
        self._store = store
        self._supervisor = supervisor
        self._cgroups = cgroups
        self._networks = networks
        self._lifecycle = lifecycle
        self._monitor = monitor
        self._removal = removal

    def reattach(self) -> None:
        """Reattach to the containers that an earlier engine left running.

        Those whose process has exited meanwhile are handled as if the engine had seen it.
        """
        for container in self._store.all():
            process = self._supervisor.reattach(container.folder, container.state["Pid"])
            if process is not None:
                self._reattach(container, process)
            elif container.running:
                container.manually_stopped = container.record["ManuallyStopped"]
                end = Process(container.folder, CONTAINER, 0).saved_exit()
                self._monitor.handle_exit(container, end, self._lifecycle.launch)
            else:
                self._cgroups.remove(container.id)
            if container.record.get("OfBuild") and not container.removed:
                self._removal.remove(container, force=True, volumes=True)

    def _reattach(self, container: Container, process: Process) -> None:
        if not container.running or container.state["Restarting"]:
            # the engine was killed before it recorded the start
            process.kill()
            self._cgroups.remove(container.id)
            process.wait()
            return
        container.process = process
        if freezer := self._cgroups.freezer(container.id):
            # the engine may have been killed between freezing and recording it
            container.state["Paused"] = freezer.is_frozen()
        self._networks.reattach(container)
        self._monitor.watch(container, self._lifecycle.launch)

    def start_by_policy(self) -> None:
        """Start the stopped containers whose restart policy requires it."""
        for container in self._store.all():
            wanted = restart_policy.starts_with_engine(
                container.host_config["RestartPolicy"],
                manually_stopped=container.record["ManuallyStopped"],
            )
            if wanted and container.status == "exited":
                with contextlib.suppress(ApiError):
                    self._lifecycle.start(container)

    def stop_all(self) -> None:
        """Stop the running containers; their restart policies apply when the engine starts."""
        running = [container for container in self._store.all() if container.process is not None]
        threads = [threading.Thread(target=self._stop, args=(container,)) for container in running]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _stop(self, container: Container) -> None:
        manually_stopped = container.record["ManuallyStopped"]
        with contextlib.suppress(ApiError):
            self._lifecycle.stop(container)
        container.record["ManuallyStopped"] = manually_stopped
        if not container.removed:
            container.save()
