"""Runs health checks: a command that is executed in the container again and again.

source: moby daemon/health.go.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
import time

from ...wire import frames, go
from .. import clock
from ..errors import ApiError
from ..records.container import Container
from ..records.state import HealthcheckResult
from ..runtime import proc
from ..runtime.process import Process
from .events import ContainerEvents
from .exec import Exec, ExecConfig
from .execs import Execs
from .health import HealthCheck, check_of, new_health

#: Bytes of a probe's output that are kept.
_MAX_OUTPUT = 4096


class HealthMonitor:
    """Runs the health checks of running containers, each in a thread.

    Args:
        events: receives health_status.
        execs: run the probes.
    """

    def __init__(self, events: ContainerEvents, execs: Execs) -> None:
        self._events = events
        self._execs = execs

    def start(self, container: Container) -> None:
        """Start the health check of a running container, if it has one."""
        check = check_of(container.config)
        if check is None:
            container.state.pop("Health", None)
            return
        container.state["Health"] = new_health()
        stopped = container.health_stop = threading.Event()
        args = (container, check, stopped)
        threading.Thread(target=self._run, args=args, daemon=True).start()

    def stop(self, container: Container) -> None:
        """Stop the health check of a container, and mark it unhealthy, as in dockerd."""
        if container.health_stop is not None:
            container.health_stop.set()
            container.health_stop = None
            container.state["Health"]["Status"] = "unhealthy"

    def _run(self, container: Container, check: HealthCheck, stopped: threading.Event) -> None:
        started = time.monotonic()
        while True:
            health = container.state.get("Health") or new_health()
            if stopped.wait(check.delay(health, time.monotonic() - started)):
                return
            if container.state["Paused"]:
                continue
            result = self._probe(container, check, stopped)
            if result is None:
                return
            if container.state["Paused"]:  # the probe was suspended too
                continue
            self._record(container, check, result, time.monotonic() - started, stopped)

    def _record(
        self,
        container: Container,
        check: HealthCheck,
        result: HealthcheckResult,
        elapsed: float,
        stopped: threading.Event,
    ) -> None:
        with container.lock:
            if stopped.is_set():
                return
            before = container.state["Health"]
            after = container.state["Health"] = check.after(before, result, elapsed)
            container.save()
        if after["Status"] != before["Status"]:
            self._events.publish(container, f"health_status: {after['Status']}")

    def _probe(
        self, container: Container, check: HealthCheck, stopped: threading.Event
    ) -> HealthcheckResult | None:
        """Run the check once; return None if the container has exited."""
        begun = clock.stamp()
        try:
            probe = self._execs.create(container, _exec_config(container, check.arguments))
            process, sock = self._start(probe)
        except (ApiError, OSError) as error:
            if stopped.is_set() or container.process is None:
                return None
            return _result(begun, -1, str(error))
        output, in_time = _read_output(sock, check.timeout)
        if not in_time:
            _kill(process)
        code = self._execs.wait(probe, process)
        if not in_time:
            timeout = go.format_duration(round(check.timeout * 1e9))
            return _result(begun, -1, f"Health check exceeded timeout ({timeout})")
        return _result(begun, code, output)

    def _start(self, probe: Exec) -> tuple[Process, socket.socket]:
        process = self._execs.prepare(probe)
        sock = process.attach(stdin=False)
        try:
            self._execs.start(probe, process)
        except BaseException:
            sock.close()
            raise
        return process, sock


def _exec_config(container: Container, arguments: tuple[str, ...]) -> ExecConfig:
    return {
        "Cmd": list(arguments),
        "Tty": False,
        "User": container.config["User"],
        "Privileged": False,
        "Env": [],
        "WorkingDir": container.config["WorkingDir"],
        "DetachKeys": "",
        "ConsoleSize": None,
        "AttachStdin": False,
        "AttachStdout": True,
        "AttachStderr": True,
    }


def _read_output(sock: socket.socket, timeout: float) -> tuple[str, bool]:
    """Return what a probe writes until it ends, and whether it ends in time."""
    deadline = time.monotonic() + timeout
    decoder = frames.FrameDecoder()
    output = bytearray()
    with sock:
        while (left := deadline - time.monotonic()) > 0:
            sock.settimeout(left)
            try:
                data = sock.recv(65536)
            except TimeoutError:
                break
            if not data:
                return output.decode(errors="replace"), True
            for frame in decoder.feed(data):
                output += frame.data[: max(0, _MAX_OUTPUT - len(output))]
    return "", False


def _kill(process: Process) -> None:
    for pid in [process.pid, *proc.descendants(process.pid)]:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def _result(begun: str, code: int, output: str) -> HealthcheckResult:
    return {"Start": begun, "End": clock.stamp(), "ExitCode": code, "Output": output}
