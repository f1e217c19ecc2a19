"""Threads that do jobs in the background, in their order."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from queue import SimpleQueue

_log = logging.getLogger(__name__)


class Workers:
    """Threads that start with the first job, and end with the program.

    Args:
        threads: how many jobs are done at the same time.
        niceness: of the threads and of the processes that they start, see nice(2).
    """

    def __init__(self, threads: int, *, niceness: int = 0) -> None:
        self._missing = threads
        self._niceness = niceness
        self._jobs: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self._lock = threading.Lock()

    def add(self, job: Callable[[], object]) -> None:
        """Do a job after those that were added before. Its errors are logged.

        Where the system has no thread left, jobs wait for those that run, or for the next `add`.
        """
        self._jobs.put(job)
        with self._lock:
            try:
                while self._missing:
                    threading.Thread(target=self._run, name="spares", daemon=True).start()
                    self._missing -= 1
            except RuntimeError as error:
                _log.warning("cannot start a thread for jobs in the background: %s", error)

    def _run(self) -> None:
        thread = threading.get_native_id()  # Linux has a niceness of each thread
        inherited = os.getpriority(os.PRIO_PROCESS, thread)  # which only root may lower
        os.setpriority(os.PRIO_PROCESS, thread, max(inherited, self._niceness))
        while True:
            job = self._jobs.get()
            try:
                job()
            except Exception as error:  # further jobs wait for this thread
                _log.warning("cannot do a job in the background: %s", error)
