"""Creates the processes of containers and execs, and reattaches to running ones."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path

from ..errors import NotFound, as_api_error
from ..state import write_json
from ..storage.rootfs import Rootfs
from . import messages, proc
from .driver import RuntimeDriver
from .process import CONTAINER, Process, StartFailed
from .spec import Spec, TreeSpec
from .zygote import Zygote

#: How long killed processes may take to end, and the pause between two looks.
_ORPHANS_END_S, _PAUSE_S = 5.0, 0.01


def shims(containers: Path) -> list[int]:
    """Return the PIDs of the shims that run containers, given the folder of these."""
    pids = (
        messages.listening_pid(path.parent, path.name)
        for path in containers.glob(f"*/{CONTAINER}.sock")
    )
    return [pid for pid in pids if pid]


class Supervisor:
    """Has the zygote start containers and execs, and reattaches to running ones.

    Create it before the engine has any thread.

    Attributes:
        driver: runs containers.
    """

    def __init__(self, driver: RuntimeDriver) -> None:
        self.driver = driver
        self._zygote = Zygote(driver)

    def keep(self) -> None:
        """Replace the zygote whenever it ends. The engine may have threads from now on."""
        self._zygote.keep()

    def fork(self, module: str, fds: Sequence[int]) -> int:
        """Fork a helper process of the engine: see `Zygote.fork`."""
        return self._zygote.fork(module, fds)

    def create(self, folder: Path, spec: Spec, name: str = CONTAINER) -> Process:
        """Create a container, or an exec in one, whose program waits for `Process.start`.

        Args:
            folder: of the container.
            spec: what runs.
            name: of the shim; each exec has another one.

        Raises:
            StartFailed: it cannot be created.
            NotFound: the container is being removed.
            ApiError: the disk is full.
        """
        try:
            write_json(folder / f"{name}.json", dict(spec))
            (folder / f"{name}.exit").unlink(missing_ok=True)
            answer = self._zygote.start_shim(folder, name)
        except FileNotFoundError as error:
            raise NotFound(f"No such container: {folder.name}") from error
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

    def end_orphans(self, folder: Path, name: str = CONTAINER, pid: int = 0) -> None:
        """Kill what a killed shim has left running, and remove its socket.

        Args:
            folder: of the container.
            name: of the shim.
            pid: of an exec's first process, which is killed with its descendants; 0 for all of
                the container's processes.
        """

        def find() -> list[int]:
            orphans = self.driver.orphans(folder)
            return sorted({pid, *proc.descendants(pid)} & set(orphans)) if pid else orphans

        proc.kill_all(find)
        deadline = time.monotonic() + _ORPHANS_END_S
        while find() and time.monotonic() < deadline:
            time.sleep(_PAUSE_S)
        (folder / f"{name}.sock").unlink(missing_ok=True)

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
