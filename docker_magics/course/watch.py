"""Check the open tasks of a notebook again whenever the engine's state may have changed.

One thread and one stream of events serve all tasks. A check never runs while a cell does, so that
`docker ps` of a lesson does not list what a check starts.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from docker_magics.widgets.events import QUIET, EventStream

from .lab import CHECK, Lab

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

#: Seconds without a change before tasks are checked, and maximum seconds to wait for that.
_SETTLE_S, _LATEST_S = 0.3, 2.0
#: Seconds after a check in which events of volumes and of `exec` may still be its own.
_ECHO_S = 0.5
#: The least part of the time that is left to others: checks pause this many times their duration.
_PAUSE = 2.0
#: Maximum seconds that a cell waits for the check of one task.
_CELL_WAITS_S = 5.0


class Watched(Protocol):
    """A task as this module sees it."""

    def update(self) -> float:
        """Check the task and show the outcome.

        Returns:
            The seconds after which to check again without a change; 0 for never.
        """

    def report(self, error: Exception) -> None:
        """Show that the check has failed."""


class Watch:
    """Checks tasks after changes; it listens while there are tasks.

    Attributes:
        tasks: the tasks to check.
        stream: the engine's events; None while there are no tasks.
        turn: held by a running cell, or by the check of one task.
    """

    def __init__(self) -> None:
        self.tasks: list[Watched] = []
        self.stream: EventStream | None = None
        self._changed = threading.Event()
        self.turn = threading.RLock()
        self._turns: list[bool] = []
        self._checking = False
        self._checked_at = 0.0
        self._own: set[str] = set()

    def add(self, task: Watched) -> None:
        """Check a task from now on."""
        self.tasks.append(task)
        if self.stream is None:
            self._changed.clear()
            self.stream = EventStream(Lab().engine, self.receive, self._report)
            threading.Thread(target=self._run, daemon=True, name="docker-magics-tasks").start()

    def discard(self, task: Watched) -> None:
        """Check a task no longer; stop listening after the last one."""
        if task in self.tasks:
            self.tasks.remove(task)
        if not self.tasks and self.stream is not None:
            self.stream.close()
            self.stream = None
            self._changed.set()

    def follow_cells(self, shell: InteractiveShell) -> None:
        """Wait while a cell runs, and check after it. Idempotent."""
        for event, callback in (
            ("pre_run_cell", self.before_cell),
            ("post_run_cell", self.after_cell),
        ):
            if callback not in shell.events.callbacks[event]:
                shell.events.register(event, callback)

    def before_cell(self, _info: Any) -> None:
        """Take the turn, after the check that has it."""
        self._turns.append(self.turn.acquire(timeout=_CELL_WAITS_S))

    def after_cell(self, _result: Any) -> None:
        """Give the turn back, and check: what a cell changed may be no object of the engine."""
        if self._turns and self._turns.pop():
            self.turn.release()
        self._changed.set()

    def receive(self, event: Mapping[str, Any]) -> None:
        """Note a change, unless a check of ours is its cause."""
        if self._matters(event):
            self._changed.set()

    def _report(self, problem: str) -> None:
        if not problem:
            self._changed.set()

    def _matters(self, event: Mapping[str, Any]) -> bool:
        action, actor = str(event.get("Action")), event.get("Actor") or {}
        attributes = actor.get("Attributes") or {}
        if CHECK in attributes:
            self._own.add(str(actor.get("ID")))
        if {actor.get("ID"), attributes.get("container")} & self._own:
            return False
        # What ran in a container may have changed its files. Such events do not name their cause:
        # dockerd sends `create` of a volume that exists each time it is used.
        if action.startswith("exec_die") or event.get("Type") == "volume":
            return not self._checking and time.monotonic() - self._checked_at > _ECHO_S
        return not action.startswith((*QUIET, "save"))

    def _run(self) -> None:
        stream = self.stream
        wait_s: float | None = None
        while self.stream is stream:
            self._changed.wait(wait_s)
            self._settle()
            begun = time.monotonic()
            waits = [self._check(task) for task in list(self.tasks)]
            wait_s = min(filter(None, waits), default=None)
            time.sleep(min((time.monotonic() - begun) * _PAUSE, _LATEST_S))

    def _check(self, task: Watched) -> float:
        """Check one task between cells; its errors end neither the thread nor the other tasks."""
        with self.turn:
            self._checking = True
            try:
                return task.update()
            except Exception as error:  # noqa: BLE001
                task.report(error)
                return 0.0
            finally:
                self._checking, self._checked_at = False, time.monotonic()

    def _settle(self) -> None:
        latest = time.monotonic() + _LATEST_S
        self._changed.clear()
        while self._changed.wait(_SETTLE_S) and time.monotonic() < latest:
            self._changed.clear()


@functools.cache
def shared() -> Watch:
    """Return the watch of this notebook."""
    return Watch()
