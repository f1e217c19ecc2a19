"""Processes started by exec.

source: Engine API, ExecStart, ExecInspect; docker/cli, cli/command/container/exec.go.
"""

from __future__ import annotations

import time
from typing import Any, BinaryIO

from docker_magics.engine.client import Engine, path
from docker_magics.engine.hijack import HijackedConnection
from docker_magics.errors import EngineError
from docker_magics.wire.frames import FrameError

from ._exec_signals import session_of, signal_session
from ._hijacked import Console, HijackedProcess

#: Seconds by which the exit code may lag behind the end of the output.
_LAG_S = 5.0
#: Seconds between SIGHUP and SIGKILL.
_GRACE_PERIOD_S = 0.3
#: How often to try: concurrent starts can make the process's ID ambiguous.
_TRIES = 5
#: The signals of the first and the second interrupt.
_SIGNALS = ("INT", "KILL")


class ExecProcess(HijackedProcess):
    """An additional process in a container."""

    def __init__(
        self,
        engine: Engine,
        identity: str,
        *,
        container: str,
        tty: bool,
        stdin: BinaryIO | None,
        detach_keys: str,
    ) -> None:
        super().__init__(engine, tty=tty, stdin=stdin, detach_keys=detach_keys)
        self.identity = identity
        self.container = container
        self._session: int | None = None

    def _connect(self) -> HijackedConnection:
        start = {"Detach": False, "Tty": self.tty}
        return self.engine.hijack(path("exec", self.identity, "start"), body=start)

    def _inspect(self) -> dict[str, Any]:
        details: dict[str, Any] = self.engine.get(path("exec", self.identity, "json"))
        return details

    def _wait(self) -> int | None:
        deadline = time.monotonic() + _LAG_S
        while (state := self._inspect())["Running"] and time.monotonic() < deadline:
            time.sleep(_LAG_S / 40)
        code: int | None = state["ExitCode"]
        return code

    def interrupt(self, times: int) -> str | None:
        """Send SIGINT, then SIGKILL, to the process and its children; then detach."""
        if times > len(_SIGNALS):
            self.close()
            return (
                f"the command is still running in {self.container}; see docker top {self.container}"
            )
        signal = _SIGNALS[times - 1]
        if not self._signal_with_retries(signal):
            return f"cannot send SIG{signal} to the command in {self.container}; interrupt again"
        return f"sent SIG{signal} to the command" + ("; interrupt again to kill it" * (times == 1))

    def _signal_with_retries(self, signal: str) -> bool:
        """Send a signal, with retries. Return whether any process got it."""
        for _ in range(_TRIES):
            if self._signal(signal):
                return True
            if not self._is_running():
                break
            time.sleep(_GRACE_PERIOD_S)
        return False

    def _is_running(self) -> bool:
        try:
            return bool(self._inspect()["Running"])
        except EngineError:
            return False

    def _signal(self, signal: str) -> bool:
        """Send a signal to the process and its children. Return whether any process got it."""
        try:
            if self._session is None:
                self._session = session_of(self.engine, self.container, self.identity)
            if self._session is None:
                return False
            return signal_session(self.engine, self.container, self._session, signal)
        except (EngineError, FrameError, ValueError):
            return False


class ExecConsole(ExecProcess, Console):
    """An interactive process started by exec, with a TTY."""

    def _resize_path(self) -> str:
        return path("exec", self.identity, "resize")

    def hang_up(self) -> None:
        """Send SIGHUP, then SIGKILL, to the process and its children."""
        self._signal_with_retries("HUP")
        time.sleep(_GRACE_PERIOD_S)
        self._signal("KILL")
        self.close()
