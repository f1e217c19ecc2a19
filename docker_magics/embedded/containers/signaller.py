"""Signals for the processes of containers.

source: moby daemon/kill.go, daemon/pause.go.
"""

from __future__ import annotations

import contextlib
import os
import signal

from ..records.container import Container
from ..runtime.supervisor import Process, Supervisor
from .events import ContainerEvents


class Signaller:
    """Signals, pauses and resumes containers. Callers hold the container's lock.

    Args:
        events: receives kill.
        supervisor: knows the processes.
    """

    def __init__(self, events: ContainerEvents, supervisor: Supervisor) -> None:
        self._events = events
        self._supervisor = supervisor

    def send(self, container: Container, number: int) -> None:
        """Send a signal to the init process, if there is one; SIGKILL ends a pause."""
        if container.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            container.process.signal(number)
        if number == signal.SIGKILL and container.state["Paused"]:
            self.resume(container)
        self._events.publish(container, "kill", {"signal": str(number)})

    def pause(self, container: Container) -> None:
        """Suspend all processes.

        Raises:
            Conflict: the container does not run.
        """
        self._send_to_all(container.active(), signal.SIGSTOP)
        container.state["Paused"] = True
        container.save()

    def resume(self, container: Container) -> None:
        """Let all processes continue."""
        if container.process is not None:
            self._send_to_all(container.process, signal.SIGCONT)
        container.state["Paused"] = False
        container.save()

    def _send_to_all(self, process: Process, number: int) -> None:
        for pid in self._supervisor.processes(process):
            with contextlib.suppress(OSError):  # it has just ended
                os.kill(pid, number)
