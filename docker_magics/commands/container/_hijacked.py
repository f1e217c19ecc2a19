"""Processes at the other end of a hijacked connection: attach and exec."""

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
#: Rows and columns where nobody looks, but a script is typed: a line editor cannot do without.
_SCRIPT_SIZE = (24, 80)
_CTRL_D = b"\x04"
#: What a keyboard's Enter sends: programs that read keys themselves (redis-cli) know no other.
_ENTER = b"\r"
#: Seconds of silence that are taken for a prompt, and how long one is waited for.
_QUIET_S = 0.1
_PATIENCE_S = 1.5
#: Seconds after which an engine that refused a size is told it again, as the docker CLI does.
_RESIZE_AGAIN_S = (0.01, 0.03, 0.1, 0)


class HijackedProcess(Process):
    """Output that comes over a connection, and perhaps input that goes into it.

    Args:
        engine: where it runs.
        tty: whether it has a terminal.
        stdin: what is sent as its input, to the end; None for nothing.
        detach_keys: what leaves its terminal; the usual ones where it is empty.
    """

    def __init__(
        self, engine: Engine, *, tty: bool, stdin: BinaryIO | None, detach_keys: str
    ) -> None:
        self.engine = engine
        self.tty = tty
        self.stdin = stdin
        self._keys = _read_keys(detach_keys, tty=tty)
        self._connection: HijackedConnection | None = None
        self._connected = threading.Event()
        self._closed = False
        self._exit_code: int | None = None

    @abstractmethod
    def _connect(self) -> HijackedConnection:
        """Open the connection; from then on it runs."""

    @abstractmethod
    def _wait(self) -> int | None:
        """The exit code, once the output has ended; None where it goes on without us."""

    def _begun(self) -> None:
        """What is to be done as soon as it runs."""

    def arrivals(self) -> Iterator[Frame]:
        """Its output; the connection is opened here, where an interrupt breaks nothing in two.

        Raises:
            EngineError: it could not be started.
        """
        try:
            self._connection = self._connect()
        finally:
            self._connected.set()
        self._begun()
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
        """Send it, once it runs; where it reads no more, its output says why.

        Detach keys leave it. The engine looks for them too, but overlooks those that come at once.
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
        """End its input."""
        if self._connection is not None:
            self._connection.close_write()

    def close(self) -> None:
        """Let go of the connection; what runs in the container is not touched."""
        self._closed = True
        if self._connection is not None:
            self._connection.close()

    def result(self) -> int | None:
        """The exit code; None where it was let go of before."""
        return self._exit_code


def _read_keys(text: str, *, tty: bool) -> DetachKeys:
    """The docker CLI takes the usual keys for those that it cannot read."""
    try:
        return DetachKeys(text, active=tty)
    except ValueError:
        return DetachKeys("", active=tty)


class Console(HijackedProcess, Interactive):
    """A process with a terminal that someone types into."""

    _size: tuple[int, int] | None = None
    _spoke = 0.0

    @abstractmethod
    def _resize_path(self) -> str:
        """Where its size is told."""

    def arrivals(self) -> Iterator[Frame]:
        """Its output."""
        for frame in super().arrivals():
            self._spoke = time.monotonic()
            yield frame

    def _feed(self) -> None:
        """Type a script line by line, each after the prompt, so that the output reads as it ran."""
        for line in self.stdin or ():
            self._await_prompt()
            self.write(line.replace(b"\n", _ENTER))
            self._spoke = 0.0
        self.close_write()

    def _await_prompt(self) -> None:
        """Wait until it has said something and is quiet; not for long: it may say nothing."""
        deadline = time.monotonic() + _PATIENCE_S
        while (now := time.monotonic()) < deadline:
            if self._spoke and now - self._spoke > _QUIET_S:
                return
            time.sleep(_QUIET_S / 4)

    def close_write(self) -> None:
        """End its input, as a person does: a closed half of the connection ends no terminal's."""
        self.write(_CTRL_D)

    def resize(self, rows: int, columns: int) -> None:
        """Tell it the terminal's size; before it runs, that is kept until it does."""
        self._size = (rows, columns)
        if self._connected.is_set():
            self._begun()

    def _begun(self) -> None:
        size = self._size or (None if self.stdin is None else _SCRIPT_SIZE)
        if size is None:
            return
        rows, columns = size
        for pause in _RESIZE_AGAIN_S:
            try:
                self.engine.post(self._resize_path(), {"h": rows, "w": columns})
            except EngineError:  # it is about to begin, or it has ended: then its output says so
                time.sleep(pause)
            else:
                return
