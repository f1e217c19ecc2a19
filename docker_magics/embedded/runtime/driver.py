"""Runtime drivers: how containers' processes are isolated, entered and signalled.

A driver has two sides. The engine asks the `RuntimeDriver`; the shim of each container or exec,
a process of its own, uses the `Launcher` that the driver makes for it.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import NoReturn, Protocol

from ..state import State
from ..storage.driver import StorageDriver
from ..storage.rootfs import Rootfs
from .id_mapping import IdMapping
from .spec import Spec, TreeSpec


class TreeMounter(Protocol):
    """Has the tree of a container that does not run mounted by a helper process."""

    def __call__(self, folder: Path, spec: TreeSpec) -> AbstractContextManager[Rootfs]:
        """Return the mounted tree; it is unmounted at the end of the context."""


class RuntimeDriver(Protocol):
    """One way to run containers; can be pickled. Implementations: `namespaces.py`, `proot.py`.

    Attributes:
        name: as DOCKER_MAGICS_DRIVER takes it.
        description: as `docker info` shows it.
        id_mapping: which users exist in containers.
        warnings: what containers cannot have, for `docker info`.
        isolates_network: whether containers have network namespaces.
        divides_loopback: whether each container has a part of the machine's loopback instead.
        enters_namespaces: whether an exec enters the container by its PID; otherwise its spec
            needs the container's rootfs, mounts and namespaces too.
        always_allowed: the system calls that seccomp profiles do not forbid.
    """

    name: str
    description: str
    id_mapping: IdMapping
    warnings: tuple[str, ...]
    isolates_network: bool
    divides_loopback: bool
    enters_namespaces: bool
    always_allowed: frozenset[str]

    def storage(self, state: State, /) -> StorageDriver:
        """Return the storage driver whose root filesystems this driver can run."""

    def launcher(self, spec: Spec) -> Launcher:
        """Return what a shim uses to run one container or exec."""

    def files(
        self, mount: TreeMounter, folder: Path, spec: TreeSpec, /
    ) -> AbstractContextManager[Rootfs]:
        """Return the file tree of a container that does not run, its volumes included."""

    def running_root(self, pid: int, /) -> str | None:
        """Return the path of a running container's root; None where `files` shows it."""

    def processes(self, pid: int) -> list[int]:
        """Return the PIDs of a container's processes, given its init process."""

    def orphans(self, folder: Path, /) -> list[int]:
        """Return the PIDs of a container's processes, given its folder: its shim was killed."""


class Launcher(Protocol):
    """Runs one container or exec; used by its shim. Methods are in the order of their calls."""

    def prepare(self) -> None:
        """Prepare the shim itself, before it forks the first process.

        Raises:
            OSError, CannotStart: it cannot be made.
        """

    def enter(self) -> None:
        """Move the first process into the container.

        Raises:
            OSError, CannotStart: it cannot be made.
        """

    def renounce(self) -> None:
        """Drop privileges of a process that another container sees from now on.

        Raises:
            OSError: that is not possible.
        """

    def execute(self) -> NoReturn:
        """Become the container's program; returns only by an exception.

        Raises:
            CannotStart: the program, user or folder does not exist.
            OSError: another step failed.
        """

    def supervise(self, pid: int) -> None:
        """Do what the shim must while the first process runs. Must not block."""

    def signal(self, pid: int, number: int) -> None:
        """Send a signal to the container's program.

        Raises:
            OSError: it has ended.
        """

    def exit_code(self, status: int) -> int:
        """Return the exit code that a wait(2) status of the first process stands for."""

    def await_rest(self) -> None:
        """Wait for the end of the processes that an exec has left to the shim."""
