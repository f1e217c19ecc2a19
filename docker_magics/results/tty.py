"""Attach a process to the real terminal, in raw mode, and restore it afterwards.

source: termios(3), POSIX.1-2017; docker/cli, cli/command/container/hijack.go and tty.go.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import sys
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from types import FrameType

from .live import Interactive, Pump

_CHUNK = 4096


def attach_terminal(process: Interactive) -> int | None:
    """Attach the terminal until the process ends; return its exit code, None if detached."""
    process.stdin = None
    process.resize(*_size())
    pump = Pump(process)
    try:
        with _raw(sys.stdin.fileno()), _resizing(process), _typing(sys.stdin.fileno(), process):
            while (frame := pump.get()) is not None:
                sys.stdout.buffer.write(frame.data)
                sys.stdout.buffer.flush()
    finally:
        pump.close()
    return process.result()


def _size() -> tuple[int, int]:
    columns, rows = shutil.get_terminal_size()
    return rows, columns


@contextlib.contextmanager
def _raw(terminal: int) -> Iterator[None]:
    """Set raw mode: every key goes to the process, including ctrl-c."""
    before = termios.tcgetattr(terminal)
    tty.setraw(terminal)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


@contextlib.contextmanager
def _resizing(process: Interactive) -> Iterator[None]:
    def resize(_number: int, _frame: FrameType | None) -> None:
        # Not in the handler: it may have interrupted a write on the same connection.
        threading.Thread(target=process.resize, args=_size(), daemon=True).start()

    before = signal.signal(signal.SIGWINCH, resize)
    try:
        yield
    finally:
        signal.signal(signal.SIGWINCH, before)


@contextlib.contextmanager
def _typing(terminal: int, process: Interactive) -> Iterator[None]:
    """Forward keys in a thread that stops reading the terminal when the block ends."""
    ended, end = os.pipe()
    thread = threading.Thread(target=_type, args=(terminal, ended, process.write), daemon=True)
    thread.start()
    try:
        yield
    finally:
        os.close(end)
        thread.join()
        os.close(ended)


def _type(terminal: int, ended: int, write: Callable[[bytes], None]) -> None:
    while True:
        ready, _, _ = select.select([terminal, ended], [], [])
        if ended in ready:
            return
        write(os.read(terminal, _CHUNK))
