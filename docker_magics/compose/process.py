"""Compose with its output as it arrives, and Compose on a terminal."""

from __future__ import annotations

import contextlib
import fcntl
import os
import selectors
import signal
import struct
import subprocess
import termios
from collections.abc import Iterator
from typing import BinaryIO, cast

from docker_magics.results.live import Interactive, Process
from docker_magics.wire.frames import Frame, Stream

from .call import Call, end, send_signal

_CHUNK = 64 * 1024


class ComposeProcess(Process):
    """A call whose output is shown as it arrives: `logs`, `up`, `run`."""

    def __init__(self, call: Call) -> None:
        self._process = call.start()
        self._name = call.name

    def arrivals(self) -> Iterator[Frame]:
        """Yield the output until both streams end."""
        with selectors.DefaultSelector() as selector:
            selector.register(cast(BinaryIO, self._process.stdout), 1, Stream.STDOUT)
            selector.register(cast(BinaryIO, self._process.stderr), 1, Stream.STDERR)
            while selector.get_map():
                for key, _ in selector.select():
                    if data := os.read(key.fd, _CHUNK):
                        yield Frame(key.data, data)
                    else:
                        selector.unregister(key.fileobj)

    def interrupt(self, times: int) -> str | None:
        """Send SIGINT, at which Compose stops what it attached to; then SIGKILL."""
        return interrupt(self._process, times, self._name)

    def close(self) -> None:
        """End Compose if it still runs."""
        end(self._process)
        for pipe in (self._process.stdout, self._process.stderr):
            cast(BinaryIO, pipe).close()

    def result(self) -> int:
        """Return Compose's exit code."""
        return self._process.wait()


def interrupt(process: subprocess.Popen[bytes], times: int, name: str = "Compose") -> str:
    """Ask a program to stop, and kill it from the third time; return what the user should know."""
    if times <= 2:
        send_signal(process, signal.SIGINT)
        return f"asked {name} to stop" + ("; interrupt again to hurry it" * (times == 1))
    send_signal(process, signal.SIGKILL)
    return f"killed {name}; see what still runs: docker ps"


class ComposeConsole(Interactive):
    """A call with a terminal and keyboard input: `run -it`, `exec -it`.

    Args:
        call: the call.
        stdin: input that is typed automatically; None if a user types.
    """

    def __init__(self, call: Call, stdin: BinaryIO | None) -> None:
        self.stdin = stdin
        self._master, slave = os.openpty()
        try:
            self._process = call.start(slave)
        finally:
            os.close(slave)

    def arrivals(self) -> Iterator[Frame]:
        """Yield the terminal's output until Compose ends."""
        if self.stdin is not None:
            self.write(self.stdin.read())
            self.close_write()
        while data := self._read():
            yield Frame(Stream.STDOUT, data)

    def _read(self) -> bytes:
        try:
            return os.read(self._master, _CHUNK)
        except OSError:  # EIO: no process has the terminal open
            return b""

    def write(self, data: bytes) -> None:
        """Send keyboard input."""
        with contextlib.suppress(OSError):
            while data:
                data = data[os.write(self._master, data) :]

    def close_write(self) -> None:
        """Type ctrl-d."""
        self.write(b"\x04")

    def resize(self, rows: int, columns: int) -> None:
        """Set the terminal's size; Compose does not have it as its controlling terminal."""
        with contextlib.suppress(OSError):
            size = struct.pack("HHHH", rows, columns, 0, 0)
            fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)
        send_signal(self._process, signal.SIGWINCH)

    def interrupt(self, times: int) -> str | None:
        """Type ctrl-c; then kill Compose."""
        if times == 1:
            self.write(b"\x03")
            return "typed ctrl-c; interrupt again to end it"
        self.hang_up()
        return "ended docker compose; see what still runs: docker compose ps"

    def hang_up(self) -> None:
        """Send SIGHUP, which Compose passes to a container that it runs; then end Compose."""
        send_signal(self._process, signal.SIGHUP)
        end(self._process)

    def close(self) -> None:
        """End Compose if it still runs."""
        end(self._process)
        with contextlib.suppress(OSError):
            os.close(self._master)

    def result(self) -> int:
        """Return Compose's exit code."""
        return self._process.wait()
