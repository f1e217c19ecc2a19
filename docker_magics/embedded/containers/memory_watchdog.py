"""Kills containers that use more memory than their limit, where no control group limits it.

What counts is what the kernel cannot drop: anonymous and shared memory, not files. A container that
allocates quickly is above its limit until the watchdog looks.
"""

from __future__ import annotations

import logging
import signal
import threading
import time

from ..records.container import Container
from ..runtime import proc
from .signaller import Signaller
from .store import ContainerStore

_INTERVAL_S = 0.25
_log = logging.getLogger(__name__)


class MemoryWatchdog:
    """Looks at the containers that have a limit, and kills those above it.

    Args:
        store: has the containers.
        signaller: knows the processes.
    """

    def __init__(self, store: ContainerStore, signaller: Signaller) -> None:
        self._store = store
        self._signaller = signaller
        self._killed: set[str] = set()

    def start(self) -> None:
        """Look again and again, in a thread."""
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            time.sleep(_INTERVAL_S)
            for container in self._store.all():
                try:
                    self.check(container)
                except Exception:  # such as a shortage of descriptors: the next look is soon
                    _log.exception("cannot check the memory of container %s", container.id)

    def check(self, container: Container) -> None:
        """Kill a container that runs and uses more than its limit."""
        limit, process = container.host_config["Memory"], container.process
        if limit <= 0 or process is None:
            return
        pids = self._pids(container)
        # The sum of resident memory is quick to read, but has what processes share several times.
        if proc.usage(pids)["memory"] <= limit or proc.unreclaimable(pids) <= limit:
            return
        self._killed.add(container.id)
        try:
            process.signal(signal.SIGKILL)
        except ProcessLookupError:  # it has ended by itself
            self._killed.discard(container.id)

    def _pids(self, container: Container) -> list[int]:
        """Return a container's processes, without those that share its PID namespace."""
        if container.host_config["PidMode"]:
            return _tree(container)
        joined = (
            other for other in self._store.all()
            if other.host_config["PidMode"] == f"container:{container.id}"
        )  # fmt: skip
        others = {pid for other in joined for pid in _tree(other)}
        return [pid for pid in self._signaller.pids(container) if pid not in others]

    def has_killed(self, container: Container) -> bool:
        """Return whether a container that has ended was killed; forget it."""
        was_killed = container.id in self._killed
        self._killed.discard(container.id)
        return was_killed


def _tree(container: Container) -> list[int]:
    """Return a container's init process and its descendants."""
    process = container.process
    return [process.pid, *proc.descendants(process.pid)] if process else []
