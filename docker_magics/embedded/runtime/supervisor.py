"""Creates the processes of containers and execs, and reattaches to running ones."""

from __future__ import annotations

import contextlib
from pathlib import Path

from ..errors import as_api_error
from ..state import write_json
from ..storage.rootfs import Rootfs
from . import messages
from .driver import RuntimeDriver
from .process import CONTAINER, Process, StartFailed
from .spec import Spec, TreeSpec
from .zygote import Zygote


class Supervisor:
    """Has the zygote start containers and execs, and reattaches to running ones.

    Create it before the engine has any thread.

    Attributes:
        driver: runs containers.
    """

    def __init__(self, driver: RuntimeDriver) -> None:
        self.driver = driver
        self._zygote = Zygote(driver)

    def create(self, folder: Path, spec: Spec, name: str = CONTAINER) -> Process:
        """Create a container, or an exec in one, whose program waits for `Process.start`.

        Args:
            folder: of the container.
            spec: what runs.
            name: of the shim; each exec has another one.

        Raises:
            StartFailed: it cannot be created.
            ApiError: the disk is full.
        """
        try:
            write_json(folder / f"{name}.json", dict(spec))
            (folder / f"{name}.exit").unlink(missing_ok=True)
            answer = self._zygote.start_shim(folder, name)
        except OSError as error:
            raise as_api_error(error) from error
        if "error" in answer:
            raise StartFailed(answer["error"], 126)
        return Process(folder, name, answer["pid"])

    def files(self, folder: Path, spec: TreeSpec) -> contextlib.AbstractContextManager[Rootfs]:
        """Return the file tree of a container that does not run, its mounts in place."""
        return self.driver.files(self._zygote.mounted, folder, spec)

    def processes(self, process: Process) -> list[int]:
        """Return the PIDs of all processes of a container."""
        return self.driver.processes(process.pid)

    def reattach(self, folder: Path, pid: int, name: str = CONTAINER) -> Process | None:
        """Return the process of a shim that an earlier engine started; None if it has ended."""
        try:
            messages.connect(folder, f"{name}.sock").close()
        except OSError:
            return None
        return Process(folder, name, pid)

    def close(self) -> None:
        """Let the zygote end; containers run on."""
        self._zygote.close()
