"""Health checks: a command that is run in the container again and again.

source: Engine API, Health; moby daemon/health.go.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
from typing import TYPE_CHECKING, Any

from ...wire import frames, go
from .. import clock
from ..errors import ApiError
from ..runtime import proc
from ..runtime.supervisor import Process

if TYPE_CHECKING:
    from ..engine import Engine
    from ..records.container import Container

_SECOND = 1_000_000_000
_INTERVAL = _TIMEOUT = 30 * _SECOND
_START_INTERVAL = 5 * _SECOND
_RETRIES = 3
#: How much of a check's output is kept, and how many checks.
_OUTPUT = 4096
_KEPT = 5


def start(container: Container, engine: Engine) -> None:
    """Begin to check a container that has just started, if it has a check."""
    check = container.config.get("Healthcheck") or {}
    test = check.get("Test") or []
    if not test or test[0] == "NONE":
        container.state.pop("Health", None)
        return
    container.state["Health"] = {"Status": "starting", "FailingStreak": 0, "Log": []}
    container.health_stop = threading.Event()
    args = (container, engine, check, container.health_stop)
    threading.Thread(target=_checks, args=args, daemon=True).start()


def stop(container: Container) -> None:
    """Check no more; who does not run is not healthy, as dockerd has it."""
    if container.health_stop is not None:
        container.health_stop.set()
        container.health_stop = None
        container.state["Health"]["Status"] = "unhealthy"


def _checks(
    container: Container, engine: Engine, check: dict[str, Any], stopped: threading.Event
) -> None:
    began = clock.now_ns()
    start_period = check.get("StartPeriod") or 0
    while True:
        starting = clock.now_ns() - began < start_period
        usual = check.get("Interval") or _INTERVAL
        early = check.get("StartInterval") or _START_INTERVAL
        waiting = min(early, usual) if starting and _is_starting(container) else usual
        if stopped.wait(waiting / _SECOND):
            return
        result = _probe(container, engine, check, stopped)
        if result is None or stopped.is_set():
            return
        in_period = clock.now_ns() - began < start_period
        _take_in(container, engine, result, check.get("Retries") or _RETRIES, in_period=in_period)


def _is_starting(container: Container) -> bool:
    return bool((container.state.get("Health") or {}).get("Status") == "starting")


def _probe(
    container: Container, engine: Engine, check: dict[str, Any], stopped: threading.Event
) -> dict[str, Any] | None:
    """Run the check once; None where the container is gone."""
    from . import exec as execs

    kind, *words = check["Test"]
    if kind == "CMD-SHELL":
        words = [*(container.config.get("Shell") or ["/bin/sh", "-c"]), words[0]]
    found = execs.Exec(container, _config(container, words))
    begun = clock.stamp()
    timeout = (check.get("Timeout") or _TIMEOUT) / _SECOND
    name = {"execID": found.id}
    engine.container_events.publish(container, f"exec_create: {found.command}", name)
    try:
        process = execs.make(engine, found)
        sock = process.attach(stdin=False)
        process.start()
    except (ApiError, OSError) as error:
        if stopped.is_set() or container.process is None:
            return None
        return _result(begun, -1, str(error))
    engine.container_events.publish(container, f"exec_start: {found.command}", name)
    output, in_time = _output(sock, timeout)
    if not in_time:
        _kill(process)
    code = process.wait().code
    found.end(code)
    engine.container_events.publish(container, "exec_die", {**name, "exitCode": str(code)})
    if not in_time:
        words_of = f"Health check exceeded timeout ({go.format_duration(round(timeout * 1e9))})"
        return _result(begun, -1, words_of)
    return _result(begun, code, output)


def _config(container: Container, words: list[str]) -> dict[str, Any]:
    return {
        "Cmd": words,
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


def _output(sock: socket.socket, timeout: float) -> tuple[str, bool]:
    """What the check wrote, and whether it ended in time."""
    deadline = clock.now_ns() + int(timeout * _SECOND)
    decoder = frames.FrameDecoder()
    found = bytearray()
    with sock:
        while True:
            left = (deadline - clock.now_ns()) / _SECOND
            if left <= 0:
                return "", False
            sock.settimeout(left)
            try:
                data = sock.recv(65536)
            except TimeoutError:
                return "", False
            if not data:
                break
            for frame in decoder.feed(data):
                found += frame.data[: max(0, _OUTPUT - len(found))]
    return found.decode(errors="replace"), True


def _kill(process: Process) -> None:
    for pid in [process.pid, *proc.descendants(process.pid)]:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def _result(begun: str, code: int, output: str) -> dict[str, Any]:
    return {"Start": begun, "End": clock.stamp(), "ExitCode": code, "Output": output}


def _take_in(
    container: Container,
    engine: Engine,
    result: dict[str, Any],
    retries: int,
    *,
    in_period: bool,
) -> None:
    with container.lock:
        health = container.state.get("Health")
        if health is None or container.process is None:
            return
        before = health["Status"]
        health["Log"] = [*health["Log"], result][-_KEPT:]
        if result["ExitCode"] == 0:
            health |= {"Status": "healthy", "FailingStreak": 0}
        elif not (in_period and before == "starting"):
            health["FailingStreak"] += 1
            if health["FailingStreak"] >= retries:
                health["Status"] = "unhealthy"
        container.save()
    if health["Status"] != before:
        engine.container_events.publish(container, f"health_status: {health['Status']}")
