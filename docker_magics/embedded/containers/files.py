"""The file trees of containers, running or not.

source: moby daemon/archive.go, daemon/export.go.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ..records.container import Container
from ..runtime.spec import TreeSpec
from ..runtime.supervisor import Supervisor
from ..storage.driver import RootfsSpec
from ..storage.rootfs import Rootfs
from .events import ContainerEvents
from .spec_builder import SpecBuilder


class ContainerFiles:
    """Opens the file trees of containers.

    Args:
        events: receives mount and unmount of volumes.
        supervisor: mounts the trees of containers that do not run.
        specs: knows what is mounted.
    """

    def __init__(self, events: ContainerEvents, supervisor: Supervisor, specs: SpecBuilder) -> None:
        self._events = events
        self._supervisor = supervisor
        self._specs = specs

    @contextlib.contextmanager
    def open(self, container: Container) -> Iterator[Rootfs]:
        """Open the whole file tree, with volumes and bind mounts.

        A container that does not run cannot be started meanwhile, as in dockerd: its start would
        mount the same upper folder a second time.

        Raises:
            ApiError: it cannot be mounted.
        """
        self._events.publish_mounts(container, mounted=True)
        try:
            with self._open(container) as root:
                yield root
        finally:
            self._events.publish_mounts(container, mounted=False)

    @contextlib.contextmanager
    def _open(self, container: Container) -> Iterator[Rootfs]:
        with contextlib.ExitStack() as lock:
            lock.enter_context(container.lock)
            opened: contextlib.AbstractContextManager[Rootfs] | None = self._running_root(container)
            if opened is not None or not self._supervisor.driver.enters_namespaces:
                lock.close()  # nothing is mounted
            if opened is None:
                opened = self._supervisor.files(container.folder, self._specs.build(container))
            with opened as root:
                yield root

    def _running_root(self, container: Container) -> Rootfs | None:
        process = container.process
        if process and (path := self._supervisor.driver.running_root(process.pid)):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
                return Rootfs(path)
        return None

    @contextlib.contextmanager
    def open_rootfs(self, container: Container) -> Iterator[Rootfs]:
        """Open the file tree without what is mounted into it, to read it.

        Raises:
            ApiError: it cannot be mounted.
        """
        rootfs = self._specs.build(container)["rootfs"]
        spec: TreeSpec = {"rootfs": _readable(rootfs), "mounts": []}
        with self._supervisor.files(container.folder, spec) as root:
            yield root


def _readable(rootfs: RootfsSpec) -> RootfsSpec:
    """Return a root filesystem that can be mounted while its container runs.

    A second overlay with the same upper and work folders would take them from the first one.
    """
    return {**rootfs, "lower": [*rootfs["lower"], rootfs["upper"]], "upper": "", "work": ""}
