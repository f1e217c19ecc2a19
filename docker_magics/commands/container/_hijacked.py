"""Processes attached over a hijacked connection: attach and exec."""

from __future__ import annotations

import threading
import time
from abc import abstractmethod
from collections.abc import Iterator
from typing import BinaryIO

from docker_magics.engine.client import Engine
from docker_magics.engine.hijack import HijackedConnection
from docker_magics.errors import EngineError, ProtocolError
from docker_magics.results.live import Interactive, Process
from docker_magics.wire.detach import Detached, DetachKeys
from docker_magics.wire.frames import Frame, FrameError

_CHUNK = 64 * 1024
#: Rows and columns for a script that is typed without a front end, as line editors need a size.
_SCRIPT_SIZE = (24, 80)
_CTRL_D = b"\x04"
#: The Enter key sends CR; programs in raw mode (redis-cli) expect it.
_ENTER = b"\r"
#: Seconds of silence that count as a prompt, and how long to wait for one.
_QUIET_S = 0.1
_PROMPT_TIMEOUT_S = 1.5
#: Delays in seconds before a failed resize is retried, as in the docker CLI.
_RESIZE_DELAYS_S = (0.01, 0.03, 0.1, 0)


class HijackedProcess(Process):
    """A process whose output, and possibly input, uses a hijacked connection.

    Args:
        engine: the engine.
        tty: whether the process has a TTY.
        stdin: the input, sent to its end; None for no input.
        detach_keys: the keys that detach from the TTY; "" for the default.
    """

    def __init__(
        self, engine: Engine, *, tty: bool, stdin: BinaryIO | None, detach_keys: str
    ) -> None:
        self.engine = engine
        self.tty = tty
        self.stdin = stdin
        self._keys = DetachKeys(detach_keys, active=tty)
        self._connection: HijackedConnection | None = None
        self._connected = threading.Event()
        self._closed = False
        self._exit_code: int | None = None

    @abstractmethod
    def _connect(self) -> HijackedConnection:
        """Open the connection and start the process."""

    @abstractmethod
    def _wait(self) -> int | None:
        """Return the exit code after the end of the output; None if the process keeps running."""

    def _on_started(self) -> None:
        """Called as soon as the process runs."""

    def arrivals(self) -> Iterator[Frame]:
        """Connect and yield the output. Connecting here makes the start interruptible.

        Raises:
            EngineError: the process cannot be started.
        """
        try:
            self._connection = self._connect()
        finally:
            self._connected.set()
        if self._closed:  # while it connected: `close` had no connection yet
            self._connection.close()
            return
        self._on_started()
        if self.stdin is not None:
            threading.Thread(target=self._feed, daemon=True, name="docker-magics-stdin").start()
        try:
            yield from self._connection.frames(tty=self.tty)
        except FrameError as error:
            raise ProtocolError(str(error)) from error
        if not self._closed:
            self._exit_code = self._wait()

    def _feed(self) -> None:
        if self.stdin is None:
            return
        while data := self.stdin.read(_CHUNK):
            self.write(data)
        self.close_write()

    def write(self, data: bytes) -> None:
        """Send input once the process runs; ignore errors, as the output tells why it ended.

        Detach keys close the connection. The engine detects them too, but not if all keys arrive
        in one read.
        """
        self._connected.wait()
        try:
            if self._connection is not None:
                self._connection.write(self._keys.passed(data))
        except Detached:
            self.close()
        except OSError:
            return

    def close_write(self) -> None:
        """Send EOF on stdin."""
        if self._connection is not None:
            self._connection.close_write()

    def close(self) -> None:
        """Close the connection; the process keeps running."""
        self._closed = True
        if self._connection is not None:
            self._connection.close()

    def result(self) -> int | None:
        """Return the exit code, or None if the connection was closed before."""
        return self._exit_code


class Console(HijackedProcess, Interactive):
    """An interactive process with a TTY."""

    _size: tuple[int, int] | None = None
    _last_output = 0.0

    @abstractmethod
    def _resize_path(self) -> str:
        """Return the API path of resize requests."""

    def arrivals(self) -> Iterator[Frame]:
        """Yield the output."""
        for frame in super().arrivals():
            self._last_output = time.monotonic()
            yield frame

    def _feed(self) -> None:
        """Type a script line by line, each after the prompt, so that echo and output interleave."""
        for line in self.stdin or ():
            self._await_prompt()
            self.write(line.replace(b"\n", _ENTER))
            self._last_output = 0.0
        self._await_prompt()  # a shell that starts discards what was typed before
        self.close_write()

    def _await_prompt(self) -> None:
        """Wait for output followed by silence, or for the timeout: there may be no prompt."""
        deadline = time.monotonic() + _PROMPT_TIMEOUT_S
        while (now := time.monotonic()) < deadline:
            if self._last_output and now - self._last_output > _QUIET_S:
                return
            time.sleep(_QUIET_S / 4)

    def close_write(self) -> None:
        """Send Ctrl-D: closing the writing side does not end the input of a TTY."""
        self.write(_CTRL_D)

    def resize(self, rows: int, columns: int) -> None:
        """Resize the TTY; before the start, store the size."""
        self._size = (rows, columns)
        if self._connected.is_set():
            self._on_started()

    def _on_started(self) -> None:
        size = self._size or (None if self.stdin is None else _SCRIPT_SIZE)
        if size is None:
            return
        rows, columns = size
        for pause in _RESIZE_DELAYS_S:
            try:
                self.engine.post(self._resize_path(), {"h": rows, "w": columns})
            except EngineError:  # not started yet, or exited already
                time.sleep(pause)
            else:
                return
