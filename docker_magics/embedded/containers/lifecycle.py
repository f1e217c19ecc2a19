"""Starting, stopping, killing, pausing and restarting containers.

source: moby daemon/start.go, stop.go, kill.go, pause.go, restart.go.
"""

from __future__ import annotations

import contextlib
import signal

from .. import clock
from ..errors import ApiError, Conflict, NotModified, as_api_error
from ..records.container import Container
from ..records.state import new_state
from ..runtime import signals
from ..runtime.process import StartFailed
from .events import ContainerEvents
from .monitor import Monitor
from .removal import KILL_TIMEOUT_S, Removal
from .signaller import Signaller, is_meant_to_stop
from .spawner import Spawner

#: Seconds between the stop signal and SIGKILL, unless the container or the request has others.
STOP_TIMEOUT_S = 10


class Lifecycle:
    """Changes whether containers run. Safe to use from any thread.

    Args:
        events: receives start, kill, stop, restart, pause and unpause.
        spawner: creates processes.
        signaller: signals them.
        monitor: does what follows their exit.
        removal: removes a container that could not be started (`--rm`).
    """

    def __init__(
        self,
        events: ContainerEvents,
        spawner: Spawner,
        signaller: Signaller,
        monitor: Monitor,
        removal: Removal,
    ) -> None:
        self._events = events
        self._spawner = spawner
        self._signaller = signaller
        self._monitor = monitor
        self._removal = removal

    def start(self, container: Container) -> None:
        """Start a container.

        Raises:
            NotModified: it runs already.
            Conflict: it is paused, or is being removed.
            ApiError: it cannot be started; StartFailed: its program cannot be executed.
        """
        with container.lock:
            if container.state["Paused"]:
                raise Conflict("cannot start a paused container, try unpause instead")
            if container.running and not container.state["Restarting"]:
                raise NotModified
            if container.state["Removing"] or container.removed:
                raise Conflict("container is marked for removal and cannot be started")
            container.manually_stopped = False
            container.record["RestartCount"] = 0
            container.record["RestartDelay"] = 0.0
            container.restart_now.set()
            self.launch(container)

    def launch(self, container: Container) -> None:
        """Create the process of a container, and watch it; the caller holds the lock.

        Raises:
            ApiError: it cannot be started.
        """
        try:
            process = self._spawner.spawn(container)
        except Exception as error:
            api_error = as_api_error(error)
            self._record_failure(container, api_error)
            raise api_error from error
        finally:
            container.attachments.clear()
        container.process = process
        container.state.update(
            {
                **new_state(),
                "Running": True,
                "Pid": process.pid,
                "StartedAt": clock.stamp(),
                "FinishedAt": container.state["FinishedAt"],
            }
        )
        container.record["ManuallyStopped"] = False
        container.save()
        self._events.publish_mounts(container, mounted=True)
        self._events.publish(container, "start")
        self._monitor.watch(container, self.launch)

    def _record_failure(self, container: Container, error: ApiError) -> None:
        container.state.update(
            {
                "Running": False,
                "Restarting": False,
                "Pid": 0,
                "ExitCode": error.exit_code if isinstance(error, StartFailed) else 128,
                "Error": str(error),
            }
        )
        for attachment in container.attachments:
            attachment.cancel()
        container.save()
        self._removal.remove_if_auto(container)

    def kill(self, container: Container, number: int = signal.SIGKILL) -> None:
        """Send a signal to a container's process; wait for its exit after SIGKILL.

        Raises:
            Conflict: it does not run.
            ApiError: no such signal.
        """
        if number not in signals.VALID:
            raise ApiError(f"the linux daemon does not support signal {number}")
        was_starting = container.abort_hanging_start()
        with container.lock:
            if not container.running:
                if was_starting:
                    return
                raise Conflict(f"container {container.id} is not running")
            container.record["ManuallyStopped"] = True
            if is_meant_to_stop(container, number):
                container.manually_stopped = True
            if container.state["Restarting"]:
                _cancel_restart(container)
                return
            exits = container.exits
            self._signaller.send(container, number)
        if number == signal.SIGKILL:
            container.wait_for_exit(exits, KILL_TIMEOUT_S)

    def stop(self, container: Container, seconds: int | None = None, stop_signal: str = "") -> None:
        """Send the stop signal to a container, and SIGKILL if it does not exit in time.

        Args:
            container: the container.
            seconds: between the two; None for the container's StopTimeout, -1 for no limit.
            stop_signal: its name or number; empty for the container's StopSignal.

        Raises:
            NotModified: it does not run.
            BadParameter: no such signal.
        """
        container.stop_in_progress = True
        try:
            self._stop(container, seconds, stop_signal)
        finally:
            container.stop_in_progress = False
        with container.lock:
            if not container.running:
                self._removal.remove_if_auto(container)

    def _stop(self, container: Container, seconds: int | None, stop_signal: str) -> None:
        container.abort_hanging_start()
        with container.lock:
            container.manually_stopped = container.record["ManuallyStopped"] = True
            if container.state["Restarting"]:
                _cancel_restart(container)
                self._events.publish(container, "stop")
                return
            if container.process is None:
                raise NotModified
            exits = container.exits
            name = stop_signal or container.config.get("StopSignal") or "TERM"
            self._signaller.send(container, signals.parse(name))
        if seconds is None:
            seconds = container.config.get("StopTimeout")
        timeout = STOP_TIMEOUT_S if seconds is None else seconds
        if not container.wait_for_exit(exits, None if timeout < 0 else timeout):
            with container.lock:
                self._signaller.send(container, signal.SIGKILL)
            container.wait_for_exit(exits, None)
        self._events.publish(container, "stop")

    def restart(
        self, container: Container, seconds: int | None = None, stop_signal: str = ""
    ) -> None:
        """Stop a container if it runs, and start it; arguments and errors are those of `stop`."""
        container.stop_in_progress = True
        try:
            with contextlib.suppress(NotModified):
                self._stop(container, seconds, stop_signal)
            self.start(container)
        finally:
            container.stop_in_progress = False
        self._events.publish(container, "restart")

    def pause(self, container: Container) -> None:
        """Suspend the processes of a container.

        Raises:
            Conflict: it does not run, or is paused already.
            ApiError: a process cannot be suspended.
        """
        with container.lock:
            if container.state["Paused"]:
                raise Conflict(f"Container {container.id} is already paused")
            self._signaller.pause(container)

    def unpause(self, container: Container) -> None:
        """Let the processes of a paused container continue.

        Raises:
            Conflict: it is not paused.
        """
        with container.lock:
            if not container.state["Paused"]:
                raise Conflict(f"Container {container.id} is not paused")
            self._signaller.resume(container)


def _cancel_restart(container: Container) -> None:
    container.restart_now.set()
    container.state["Running"] = container.state["Restarting"] = False
    container.save()
