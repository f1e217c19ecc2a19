"""Waiting until the swarm runs what a service wants.

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

_LOOK_AGAIN_S = 0.2
#: How long tasks have to keep running to count as stable, where the service does not say.
_STABLE_S = 5.0
_FAILED = {"paused", "rollback_paused"}


def wait_for_convergence(engine: Engine, service: str, *, detach: bool, quiet: bool) -> Any:
    """The service's name: at once with `detach`, else after its tasks are seen to run."""
    return Text(service) if detach else Convergence(engine, service, quiet=quiet)


@dataclass
class _ServiceState:
    """How a service stands: tasks that run, tasks wanted, and the updater's own words."""

    running: int
    wanted: int
    state: str
    message: str
    monitor_s: float

    @property
    def is_reached(self) -> bool:
        return self.running == self.wanted and self.state not in {"updating", "rollback_started"}


class Convergence(Progress):
    """Looks at a service until as many tasks run as it wants, and keep running for a while."""

    def __init__(self, engine: Engine, service: str, *, quiet: bool) -> None:
        self.quiet = quiet
        self._engine = engine
        self._service = service
        self._stopped = threading.Event()
        self._standing: _ServiceState | None = None
        self._verified = False

    def arrivals(self) -> Iterator[_ServiceState]:
        """How it stands, five times a second."""
        since: float | None = None
        while not self._stopped.is_set():
            standing = self._look()
            yield standing
            now = time.monotonic()
            since = (since or now) if standing.is_reached else None
            if standing.state in _FAILED:
                return
            if since is not None and now - since >= standing.monitor_s:
                self._verified = True
                return
            self._stopped.wait(_LOOK_AGAIN_S)

    def _look(self) -> _ServiceState:
        found = self._engine.get(path("services", self._service))
        spec, status = found["Spec"], found.get("UpdateStatus") or {}
        filters = {"service": [found["ID"]], "_up-to-date": ["true"]}
        tasks = self._engine.get("/tasks", {"filters": filters})
        replicated = spec.get("Mode", {}).get("Replicated")
        wanted_tasks = [task for task in tasks if task["DesiredState"] in {"running", "complete"}]
        wanted = len(wanted_tasks) if replicated is None else replicated.get("Replicas", 1)
        running = sum(task["Status"]["State"] in {"running", "complete"} for task in wanted_tasks)
        monitor = (spec.get("UpdateConfig") or {}).get("Monitor", 0) / 1e9
        return _ServiceState(
            running,
            wanted,
            status.get("State", ""),
            status.get("Message", ""),
            monitor or _STABLE_S,
        )

    def update(self, arrival: _ServiceState) -> None:
        """Take in how it stands."""
        self._standing = arrival

    def text(self) -> str:
        """A line of progress, and one on what is waited for."""
        if self._standing is None:
            return ""
        now = self._standing
        lines = [f"overall progress: {now.running} out of {now.wanted} tasks"]
        if now.state in _FAILED:
            lines.append(f"service update paused: {now.message}")
        elif self._verified:
            lines.append(f"verify: Service {self._service} converged")
        elif now.is_reached:
            lines.append(
                f"verify: Waiting {now.monitor_s:g} seconds to verify that tasks are stable"
            )
        return clean("\n".join(lines))

    def html(self) -> str:
        """The same as text."""
        return f"<pre>{html.escape(self.text())}</pre>"

    def interrupt(self, times: int) -> str:  # noqa: ARG002 - once is enough
        """Stop looking; the swarm goes on."""
        self._stopped.set()
        return (
            "Operation continuing in background.\n"
            f"Use `docker service ps {self._service}` to check progress."
        )

    def close(self) -> None:
        """Stop looking."""
        self._stopped.set()

    def result(self) -> Text:
        """The service's name.

        Raises:
            EngineError: the swarm gave the update up.
        """
        if self._standing is not None and self._standing.state in _FAILED:
            raise EngineError(f"service update paused: {self._standing.message}")
        return Text(self._service)
