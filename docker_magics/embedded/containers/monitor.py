"""Watching containers' processes: what follows their exit, and who waits for it.

source: moby daemon/monitor.go; Engine API, ContainerWait.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from .. import clock
from ..errors import ApiError, BadParameter
from ..networks.attachment import Attachments
from ..records.container import Container
from ..runtime.cgroup import Cgroups
from ..runtime.process import Exit
from ..runtime.supervisor import Supervisor
from . import restart_policy
from .events import ContainerEvents
from .health_monitor import HealthMonitor
from .memory_watchdog import MemoryWatchdog
from .removal import Removal

_log = logging.getLogger(__name__)
_SECOND = 1_000_000_000
#: The exit code of a process that SIGKILL ended.
_KILLED = 137
#: Seconds between two checks of a waiting client.
_WAIT_S = 1.0

#: Starts a container again; the caller holds its lock.
Restart = Callable[[Container], None]
#: Blocks for about a second; returns the API's ContainerWaitResponse, or None: call again.
WaitStep = Callable[[], dict[str, Any] | None]


class Monitor:
    """Watches running containers and does what follows the exit of their processes.

    Args:
        events: receives die and oom.
        supervisor: ends what a killed shim has left running.
        networks: the container leaves them.
        cgroups: its control group is removed.
        removal: removes it (`--rm`).
        health: its health check starts and ends with the process.
        watchdog: knows whether it killed the container.
    """

    def __init__(
        self,
        events: ContainerEvents,
        supervisor: Supervisor,
        networks: Attachments,
        cgroups: Cgroups,
        removal: Removal,
        health: HealthMonitor,
        watchdog: MemoryWatchdog,
    ) -> None:
        self._events = events
        self._supervisor = supervisor
        self._networks = networks
        self._cgroups = cgroups
        self._removal = removal
        self._health = health
        self._watchdog = watchdog

    def watch(self, container: Container, restart: Restart) -> None:
        """Watch a running container in a thread.

        Args:
            container: its process runs.
            restart: starts it again, as its restart policy says.
        """
        self._health.start(container)
        process = container.active()

        def run() -> None:
            try:
                self.handle_exit(container, process.wait(), restart)
            except Exception:  # otherwise lost, as the thread ends here
                _log.exception("cannot handle the exit of container %s", container.id)

        threading.Thread(target=run, daemon=True).start()

    def handle_exit(self, container: Container, end: Exit, restart: Restart) -> None:
        """Record that a container's process has exited, and remove the container (`--rm`).

        The restart that its policy may want follows in a thread, after the back-off delay.
        """
        if not end.finished:
            self._supervisor.end_orphans(container.folder)
        with container.lock:
            restarts = self._record_exit(container, end)
            is_final = not (restarts or container.stop_in_progress or container.state["Removing"])
            if is_final:
                self._removal.remove_if_auto(container)
        if restarts:
            args = (container, restart)
            threading.Thread(target=_restart_later, args=args, daemon=True).start()

    def _record_exit(self, container: Container, end: Exit) -> bool:
        """Return whether the container is to be restarted."""
        self._health.stop(container)
        container.process = None
        finished = end.finished or clock.now_ns()
        restarts = restart_policy.restarts_after_exit(
            container.host_config["RestartPolicy"],
            end.code,
            container.record["RestartCount"],
            manually_stopped=container.manually_stopped or container.state["Removing"],
        )
        if restarts:
            run_seconds = (finished - clock.parse(container.state["StartedAt"])) / _SECOND
            delay = restart_policy.next_delay(container.record["RestartDelay"], run_seconds)
            container.record["RestartDelay"] = delay
            container.restart_now.clear()
        _kill_execs(container)
        # A process that was ending when the watchdog killed it has its own exit code.
        was_killed = self._watchdog.has_killed(container) and end.code == _KILLED
        out_of_memory = self._cgroups.remove(container.id) or was_killed
        container.state.update(
            {
                "Running": restarts,
                "Restarting": restarts,
                "Paused": False,
                "Pid": 0,
                "ExitCode": end.code,
                "FinishedAt": clock.stamp(finished),
                "OOMKilled": out_of_memory,
            }
        )
        if out_of_memory:
            self._events.publish(container, "oom")
        self._networks.detach(container)
        self._events.publish_mounts(container, mounted=False)
        ran_s = (finished - clock.parse(container.state["StartedAt"])) // _SECOND
        extra = {"exitCode": str(end.code), "execDuration": str(ran_s)}
        self._events.publish(container, "die", extra)
        container.exits += 1
        container.save()
        return restarts

    def wait(self, container: Container, condition: str) -> WaitStep:
        """Return a function to call until it returns the answer to ContainerWait.

        Args:
            container: the container.
            condition: not-running (default), next-exit or removed.

        Raises:
            BadParameter: no such condition.
        """
        if condition not in {"", "not-running", "next-exit", "removed"}:
            raise BadParameter(f'invalid condition: "{condition}"')
        exits = container.exits
        stopped = not container.running

        def is_done() -> bool:
            if container.removed:
                return True
            if condition == "removed":
                return False
            if condition == "next-exit":
                return container.exits > exits
            return stopped or not container.running or container.exits > exits

        def step() -> dict[str, Any] | None:
            with container.changed:
                if not container.changed.wait_for(is_done, _WAIT_S):
                    return None
                code = container.state["ExitCode"]
                error = "" if condition == "removed" else container.state["Error"]
            return {"StatusCode": code, **({"Error": {"Message": error}} if error else {})}

        return step


def _kill_execs(container: Container) -> None:
    """Kill the execs: without a PID namespace (proot) they do not end with the init process.

    Those that run stay in the list until they have ended, as they may still write files.
    """
    for exec_id, running in list(container.execs.items()):
        if running.process is None:
            container.execs.pop(exec_id, None)
            continue
        running.process.kill()


def _restart_later(container: Container, restart: Restart) -> None:
    """Restart a container after its back-off delay, unless it is started or stopped before."""
    if container.restart_now.wait(container.record["RestartDelay"]):
        return
    with container.lock:
        if not container.state["Restarting"] or container.manually_stopped:
            return
        container.record["RestartCount"] += 1
        try:
            restart(container)
        except ApiError as error:
            _log.warning("cannot restart container %s: %s", container.id, error)
