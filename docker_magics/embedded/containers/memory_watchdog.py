"""Kills containers that use more memory than their limit, where no control group limits it.

What counts is what the kernel cannot drop: anonymous and shared memory, not files. A container that
allocates quickly is above its limit until the watchdog looks.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import time

from ..records.container import Container
from ..runtime import proc
from .signaller import Signaller
from .store import ContainerStore

_INTERVAL_S = 0.25


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
                self.check(container)

    def check(self, container: Container) -> None:
        """Kill a container that runs and uses more than its limit."""
        limit, process = container.host_config["Memory"], container.process
        if not limit or process is None:
            return
        pids = self._signaller.pids(container)
        # The sum of resident memory is quick to read, but has what processes share several times.
        if proc.usage(pids)["memory"] <= limit or proc.unreclaimable(pids) <= limit:
            return
        self._killed.add(container.id)
        with contextlib.suppress(ProcessLookupError):
            process.signal(signal.SIGKILL)

    def has_killed(self, container: Container) -> bool:
        """Return whether a container that has ended was killed; forget it."""
        was_killed = container.id in self._killed
        self._killed.discard(container.id)
        return was_killed
