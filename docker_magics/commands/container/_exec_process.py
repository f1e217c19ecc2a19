"""A process that exec starts in a container.

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

#: Seconds that the exit code may lag behind the end of the output.
_LAG_S = 5.0
#: Seconds between SIGHUP and SIGKILL.
_LAST_WORDS_S = 0.3
#: A process that begins meanwhile may make it impossible to tell which one is meant.
_TRIES = 5
#: What the first and the second interrupt send.
_SIGNALS = ("INT", "KILL")


class ExecProcess(HijackedProcess):
    """A process beside the container's own."""

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
        found: dict[str, Any] = self.engine.get(path("exec", self.identity, "json"))
        return found

    def _wait(self) -> int | None:
        deadline = time.monotonic() + _LAG_S
        while (state := self._inspect())["Running"] and time.monotonic() < deadline:
            time.sleep(_LAG_S / 40)
        code: int | None = state["ExitCode"]
        return code

    def interrupt(self, times: int) -> str | None:
        """First SIGINT, then SIGKILL, for the process and what it started; then it is let go of."""
        if times > len(_SIGNALS):
            self.close()
            return f"the command still runs in {self.container}; docker top {self.container}"
        signal = _SIGNALS[times - 1]
        if not self._reach(signal):
            return f"the command in {self.container} got no SIG{signal}; interrupt again"
        return f"the command got SIG{signal}" + ("; interrupt again to kill it" * (times == 1))

    def _reach(self, signal: str) -> bool:
        """Send a signal, in several tries if need be; whether anything got it."""
        for _ in range(_TRIES):
            if self._signal(signal):
                return True
            if not self._runs():
                break
            time.sleep(_LAST_WORDS_S)
        return False

    def _runs(self) -> bool:
        try:
            return bool(self._inspect()["Running"])
        except EngineError:
            return False

    def _signal(self, signal: str) -> bool:
        """Send it to the process and what it started; whether anything got it."""
        try:
            if self._session is None:
                self._session = session_of(self.engine, self.container, self.identity)
            if self._session is None:
                return False
            return signal_session(self.engine, self.container, self._session, signal)
        except (EngineError, FrameError, ValueError):
            return False


class ExecConsole(ExecProcess, Console):
    """A process with a terminal that someone types into."""

    def _resize_path(self) -> str:
        return path("exec", self.identity, "resize")

    def hang_up(self) -> None:
        """SIGHUP for the process and what it started; SIGKILL for what remains."""
        self._reach("HUP")
        time.sleep(_LAST_WORDS_S)
        self._signal("KILL")
        self.close()
