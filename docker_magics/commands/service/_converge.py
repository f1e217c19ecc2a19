"""Waiting for convergence: until the swarm runs the desired tasks of a service.

source: docker/cli, cli/command/service/progress/progress.go.
"""

from __future__ import annotations

import html
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from docker_magics.engine.client import Engine, path
from docker_magics.errors import EngineError, clean
from docker_magics.results.live import Progress
from docker_magics.results.text import Text

_POLL_INTERVAL_S = 0.2
#: How long tasks must run to count as stable, unless the service sets a monitor period.
_STABLE_S = 5.0
_FAILED = {"paused", "rollback_paused"}


def wait_for_convergence(engine: Engine, service: str, *, detach: bool, quiet: bool) -> Any:
    """Return the service's name: at once with `detach`, else after convergence."""
    return Text(service) if detach else Convergence(engine, service, quiet=quiet)


@dataclass
class _ServiceState:
    """A service's running and desired tasks, and the state and message of its update."""

    running: int
    wanted: int
    state: str
    message: str
    monitor_s: float

    @property
    def is_converged(self) -> bool:
        return self.running == self.wanted and self.state not in {"updating", "rollback_started"}


class Convergence(Progress):
    """Polls a service until all desired tasks run and have been stable for a while."""

    def __init__(self, engine: Engine, service: str, *, quiet: bool) -> None:
        self.quiet = quiet
        self._engine = engine
        self._service = service
        self._stopped = threading.Event()
        self._state: _ServiceState | None = None
        self._verified = False

    def arrivals(self) -> Iterator[_ServiceState]:
        """Yield the service's state, five times a second."""
        since: float | None = None
        while not self._stopped.is_set():
            state = self._poll()
            yield state
            now = time.monotonic()
            since = (since or now) if state.is_converged else None
            if state.state in _FAILED:
                return
            if since is not None and now - since >= state.monitor_s:
                self._verified = True
                return
            self._stopped.wait(_POLL_INTERVAL_S)

    def _poll(self) -> _ServiceState:
        service = self._engine.get(path("services", self._service))
        spec, status = service["Spec"], service.get("UpdateStatus") or {}
        filters = {"service": [service["ID"]], "_up-to-date": ["true"]}
        tasks = self._engine.get("/tasks", {"filters": filters})
        replicated = spec.get("Mode", {}).get("Replicated")
        desired_tasks = [task for task in tasks if task["DesiredState"] in {"running", "complete"}]
        desired = len(desired_tasks) if replicated is None else replicated.get("Replicas", 1)
        running = sum(task["Status"]["State"] in {"running", "complete"} for task in desired_tasks)
        monitor = (spec.get("UpdateConfig") or {}).get("Monitor", 0) / 1e9
        return _ServiceState(
            running,
            desired,
            status.get("State", ""),
            status.get("Message", ""),
            monitor or _STABLE_S,
        )

    def update(self, arrival: _ServiceState) -> None:
        """Store the latest state."""
        self._state = arrival

    def text(self) -> str:
        """Return the progress, and what is being waited for."""
        if self._state is None:
            return ""
        now = self._state
        lines = [f"overall progress: {now.running} out of {now.wanted} tasks"]
        if now.state in _FAILED:
            lines.append(f"service update paused: {now.message}")
        elif self._verified:
            lines.append(f"verify: Service {self._service} converged")
        elif now.is_converged:
            lines.append(
                f"verify: Waiting {now.monitor_s:g} seconds to verify that tasks are stable"
            )
        return clean("\n".join(lines))

    def html(self) -> str:
        """Return the text as HTML."""
        return f"<pre>{html.escape(self.text())}</pre>"

    def interrupt(self, times: int) -> str:  # noqa: ARG002 - the first interrupt ends it
        """Stop polling; the swarm continues."""
        self._stopped.set()
        return (
            "Operation continuing in background.\n"
            f"Use `docker service ps {self._service}` to check progress."
        )

    def close(self) -> None:
        """Stop polling."""
        self._stopped.set()

    def result(self) -> Text:
        """Return the service's name.

        Raises:
            EngineError: the swarm paused the update.
        """
        if self._state is not None and self._state.state in _FAILED:
            raise EngineError(f"service update paused: {self._state.message}")
        return Text(self._service)
