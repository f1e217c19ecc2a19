"""Removing containers.

source: moby daemon/delete.go.
"""

from __future__ import annotations

import contextlib
import signal

from ..errors import ApiError, Conflict, NotFound
from ..images.store import ImageStore
from ..records.container import Container
from ..records.mount_point import MountPoint
from ..state import remove_tree
from ..storage.driver import StorageDriver
from ..volumes.service import Volumes
from .events import ContainerEvents
from .signaller import Signaller
from .store import ContainerStore

#: Seconds that a killed process has to exit.
KILL_TIMEOUT_S = 10


class Removal:
    """Removes containers and what belongs to them alone.

    Args:
        store: the containers.
        events: receives destroy.
        images: may drop a hidden image with its last container.
        volumes: may lose anonymous volumes.
        storage: releases the changes.
        signaller: kills a running container.
    """

    def __init__(
        self,
        store: ContainerStore,
        events: ContainerEvents,
        images: ImageStore,
        volumes: Volumes,
        storage: StorageDriver,
        signaller: Signaller,
    ) -> None:
        self._store = store
        self._events = events
        self._images = images
        self._volumes = volumes
        self._storage = storage
        self._signaller = signaller

    def remove(
        self, container: Container, *, force: bool = False, volumes: bool = False, name: str = ""
    ) -> None:
        """Remove a container.

        Args:
            container: the container.
            force: kill it first if it runs.
            volumes: remove its anonymous volumes too.
            name: as the client calls it; by default its own name.

        Raises:
            Conflict: it runs, and `force` is not set; or another removal is in progress.
        """
        if force:
            container.abort_hanging_start()
        with container.lock:
            if container.removed or container.state["Removing"]:
                raise Conflict(f"removal of container {container.id} is already in progress")
            if container.running and not force:
                raise Conflict(
                    f'cannot remove container "{name or container.name}": {_refusal(container)}'
                )
            container.state["Removing"] = True
            container.manually_stopped = container.record["ManuallyStopped"] = True
            container.restart_now.set()
            exits = container.exits
            has_process = container.process is not None
            try:
                self._signaller.send(container, signal.SIGKILL)
            except ApiError:  # descriptors are short
                container.state["Removing"] = False
                raise
        if has_process:
            container.wait_for_exit(exits, KILL_TIMEOUT_S)
        with container.lock:
            if not container.removed:
                self._remove(container, volumes=volumes)

    def remove_if_auto(self, container: Container) -> None:
        """Remove an exited container that was created with `--rm`; the caller holds its lock."""
        if container.host_config["AutoRemove"] and not container.removed:
            self._remove(container, volumes=True)

    def _remove(self, container: Container, *, volumes: bool) -> None:
        self._store.discard(container.id, container.name)
        container.removed = True
        (container.folder / "config.json").unlink(missing_ok=True)
        processes = [
            container.process,
            *(exec_.process for exec_ in list(container.execs.values())),
        ]
        in_use = any(processes)
        self._storage.release(container.layer, in_use=in_use)
        # Renamed, so that the shim of an exec that ends writes nothing into it any more.
        removed_folder = container.folder.with_name(f"removed-{container.id[:16]}")
        container.folder.rename(removed_folder)
        remove_tree(removed_folder)
        self._events.publish(container, "destroy")
        if volumes:
            self.remove_volumes(container.record["Mounts"])
        self._images.drop_hidden()
        self._storage.forget()
        with container.changed:
            container.changed.notify_all()

    def remove_volumes(self, points: list[MountPoint]) -> None:
        """Remove the anonymous volumes of mount points, unless other containers use them.

        A volume whose name `docker volume create` generated is named by the mount: it stays.
        """
        for point in points:
            if point["Type"] == "volume" and point.get("Anonymous"):
                with contextlib.suppress(NotFound, Conflict):
                    self._volumes.remove(point["Name"])


def _refusal(container: Container) -> str:
    if container.state["Paused"]:
        return "container is paused and must be unpaused first"
    return f"container is {container.status}: stop the container before removing or force remove"
