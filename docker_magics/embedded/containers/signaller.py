"""Signals for the processes of containers, and suspending them.

A container is paused by the freezer of its control group. Without one, its processes are stopped by
SIGSTOP, which another process of the same user can undo.

source: moby daemon/kill.go, daemon/pause.go.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time

from ..errors import ApiError
from ..records.container import Container
from ..runtime import proc, signals
from ..runtime.cgroup import Cgroups
from ..runtime.supervisor import Supervisor
from .events import ContainerEvents

#: How long all processes may take to stop, and the pause between two looks.
_STOP_TIMEOUT_S, _PAUSE_S = 2.0, 0.002
#: The states of processes that do not run any more; source: proc(5).
_STOPPED = frozenset("TtZX")


class Signaller:
    """Signals, pauses and resumes containers. Callers hold the container's lock.

    Args:
        events: receives kill and unpause.
        supervisor: knows the processes.
        cgroups: freeze them.
    """

    def __init__(self, events: ContainerEvents, supervisor: Supervisor, cgroups: Cgroups) -> None:
        self._events = events
        self._supervisor = supervisor
        self._cgroups = cgroups

    def send(self, container: Container, number: int) -> None:
        """Send a signal to the init process, if there is one; one that stops it ends a pause."""
        if container.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            container.process.signal(number)
        self._events.publish(container, "kill", {"signal": str(number)})
        if container.state["Paused"] and is_meant_to_stop(container, number):
            self.resume(container)

    def pause(self, container: Container) -> None:
        """Suspend all processes.

        Raises:
            Conflict: the container does not run.
            ApiError: a process cannot be suspended; then none is.
        """
        container.active()
        try:
            if freezer := self._cgroups.freezer(container.id):
                freezer.freeze()
            else:
                self._stop_all(container)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise ApiError(f"cannot pause container {container.id}: {reason}") from error
        container.state["Paused"] = True
        container.save()
        self._events.publish(container, "pause")

    def resume(self, container: Container) -> None:
        """Let all processes continue."""
        if freezer := self._cgroups.freezer(container.id):
            with contextlib.suppress(OSError):  # the group has just been removed
                freezer.thaw()
        else:
            self._continue_all(container)
        container.state["Paused"] = False
        container.save()
        self._events.publish(container, "unpause")

    def _stop_all(self, container: Container) -> None:
        """Send SIGSTOP until two looks find nothing that runs: processes may start others.

        Raises:
            OSError: they go on all the same; they are not stopped then.
        """
        deadline = time.monotonic() + _STOP_TIMEOUT_S
        still = 0
        while still < 2:
            running = [pid for pid in self.pids(container) if proc.state(pid) not in _STOPPED]
            still = 0 if running else still + 1
            for pid in running:
                _send(pid, signal.SIGSTOP)
            time.sleep(_PAUSE_S)
            if time.monotonic() > deadline:
                self._continue_all(container)
                raise OSError("unable to freeze")

    def _continue_all(self, container: Container) -> None:
        for pid in reversed(self.pids(container)):
            _send(pid, signal.SIGCONT)

    def pids(self, container: Container) -> list[int]:
        """Return the processes of a container and its execs; tracers (proot) before tracees.

        Each is there once, although an exec may share the container's PID namespace.
        """
        execs = [exec_.process for exec_ in list(container.execs.values())]
        return list(
            dict.fromkeys(
                pid
                for process in (container.process, *execs)
                if process is not None
                for pid in (process.pid, *self._supervisor.processes(process))
            )
        )


def _send(pid: int, number: int) -> None:
    with contextlib.suppress(OSError):  # it has just ended
        os.kill(pid, number)


def is_meant_to_stop(container: Container, number: int) -> bool:
    """Whether a signal is to stop a container: SIGKILL, its StopSignal, any if it has none."""
    stop_signal = container.config.get("StopSignal")
    return not stop_signal or number in {signal.SIGKILL, signals.parse(stop_signal)}
