"""Consume live results and show them as they arrive: in a terminal, or silently.

`widgets/cell.py` does the same for a notebook cell.
"""

from __future__ import annotations

import codecs
import sys
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import Any, TextIO

from docker_magics.errors import DockerMagicsError
from docker_magics.wire.frames import Frame, Stream

from .interrupts import count_interrupts
from .live import Chain, Interactive, Live, Panel, Process, Progress, Pump, Wrapped
from .pacing import INTERVAL_S, Batches
from .text import Output, Text

#: Bytes of a process's output to keep and show; of the rest only the tail is kept.
MAX_KEPT_BYTES = 8 * 1024 * 1024
_TAIL_BYTES = 64 * 1024
#: Minimum seconds between two redraws.
REDRAW_S = 0.1


class View(ABC):
    """Shows live results as they arrive.

    Attributes:
        interrupts: how often the user interrupted a live result.
    """

    interrupts = 0

    @abstractmethod
    def write(self, stream: Stream, text: str) -> None:
        """Show output of a process."""

    @abstractmethod
    def draw(self, progress: Progress, *, last: bool) -> None:
        """Show the current progress of an operation; `last` once it has ended."""

    @abstractmethod
    def notify(self, text: str) -> None:
        """Show a message of this package, separate from the process's output."""

    def run(self, process: Process) -> Output:
        """Run a process. By default its output is shown as text, and kept."""
        return consume_process(process, self)

    def interact(self, process: Interactive) -> Any:
        """Run an interactive process. By default it is not: its stdin is what was passed to it."""
        return consume_process(process, self)

    def open(self, panel: Panel) -> Any:
        """Show a panel. By default return its table."""
        return panel.table()


class Silent(View):
    """Shows nothing; for plain Python, which only needs the returned result."""

    def write(self, stream: Stream, text: str) -> None:
        """Do nothing."""

    def draw(self, progress: Progress, *, last: bool) -> None:
        """Do nothing."""

    def notify(self, text: str) -> None:
        """Do nothing."""


class Streams(View):
    """Writes to sys.stdout and sys.stderr: a terminal, or a cell's output streams.

    Args:
        has_input: whether stdin was passed to the command; the terminal's stdin is then unused.
    """

    def __init__(self, *, has_input: bool = False) -> None:
        self._has_input = has_input
        self._drawn_lines = 0

    def interact(self, process: Interactive) -> Any:
        """Attach a real terminal to the process; otherwise pass its input as given."""
        if self._has_input or not (sys.stdin.isatty() and sys.stdout.isatty()):
            return super().interact(process)
        from .tty import attach_terminal

        return Output("", "", attach_terminal(process))

    def write(self, stream: Stream, text: str) -> None:
        """Write to stdout or stderr."""
        target: TextIO = sys.stdout if stream == Stream.STDOUT else sys.stderr
        target.write(text)
        target.flush()

    def draw(self, progress: Progress, *, last: bool) -> None:
        """Redraw in place on a terminal; elsewhere, print the final state alone."""
        if sys.stdout.isatty():
            self._redraw(progress.text(), last=last)
        elif last:
            self.write(Stream.STDOUT, progress.text() + "\n")

    def _redraw(self, text: str, *, last: bool) -> None:
        """Overwrite the previous drawing. Until the last one, crop it to the screen."""
        up = f"\x1b[{self._drawn_lines}F\x1b[J" if self._drawn_lines else ""
        lines = text.splitlines()
        if not last:
            import shutil

            columns, rows = shutil.get_terminal_size()
            lines = [line[: columns - 1] for line in lines[: rows - 2]]
        self.write(Stream.STDOUT, up + "".join(f"{line}\n" for line in lines))
        self._drawn_lines = 0 if last else len(lines)

    def notify(self, text: str) -> None:
        """Write to stderr, separate from the process's stdout."""
        self.write(Stream.STDERR, text + "\n")


class OutputBuffer:
    """A stream's first MAX_KEPT_BYTES bytes and its tail."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._head: list[bytes] = []
        self._tail: deque[bytes] = deque()
        self._size = 0
        self._tail_size = 0

    def add(self, data: bytes) -> str:
        """Append bytes; return the text to show now."""
        room = max(MAX_KEPT_BYTES - self._size, 0)
        self._size += len(data)
        head = data[:room]
        if head:
            self._head.append(head)
        self._keep_tail(data[room:])
        return self._decoder.decode(head)

    def _keep_tail(self, data: bytes) -> None:
        if not data:
            return
        self._tail.append(data)
        self._tail_size += len(data)
        while self._tail_size - len(self._tail[0]) > _TAIL_BYTES:
            self._tail_size -= len(self._tail.popleft())

    @property
    def truncated(self) -> int:
        """The number of bytes dropped between head and tail."""
        return max(self._size - MAX_KEPT_BYTES - self._tail_size, 0)

    def end(self) -> str:
        """Return the rest of the text to show: a note about dropped bytes, and the tail."""
        return self._decoder.decode(b"", final=True) + self._end()

    def _end(self) -> str:
        note = f"\n[… {self.truncated:,} bytes are not shown …]\n" if self.truncated else ""
        return note + b"".join(self._tail).decode(errors="replace")

    def text(self) -> str:
        """Return everything that was kept, with the note."""
        return b"".join(self._head).decode(errors="replace") + self._end()

    def bytes(self) -> bytes:
        """Return the bytes that were kept."""
        return b"".join([*self._head, *self._tail])


def consume(result: Any, view: View) -> Any:
    """Read a live result to its end, show it and return its outcome; return any other as it is.

    An interrupt (ctrl-c, the stop button) is passed to the result: a container receives SIGINT, and
    is stopped at the second interrupt.

    Raises:
        DockerMagicsError: the operation failed.
    """
    match result:
        case Chain():
            return consume(result.rest(_consume_first(result, view)), view)
        case Wrapped():
            return _consume_wrapped(result, view)
        case Interactive():
            return view.interact(result)
        case Panel():
            return view.open(result)
        case Process():
            return view.run(result)
        case Progress():
            return _consume_progress(result, view)
        case Text():
            return result.value()
        case Live():
            raise TypeError(f"cannot show a {type(result).__name__}")
    return result


def _consume_first(chain: Chain, view: View) -> Any:
    try:
        return consume(chain.first, view)
    except DockerMagicsError as error:
        error.exit_code = chain.exit_code(error)
        raise


def _consume_wrapped(wrapped: Wrapped, view: View) -> Any:
    try:
        result = consume(wrapped.work(), view)
    except DockerMagicsError as error:
        error.result = wrapped.outcome(error.result)
        raise
    return wrapped.outcome(result)


def consume_process(process: Process, view: View) -> Output:
    """Read a process's output to its end, show it and return it with the exit code."""
    buffers = {Stream.STDOUT: OutputBuffer(), Stream.STDERR: OutputBuffer()}

    batches = Batches(view.write)

    def take(frame: Frame) -> None:
        stream = Stream.STDOUT if frame.stream == Stream.STDOUT else Stream.STDERR
        if text := buffers[stream].add(frame.data):
            batches.add(stream, text)

    try:
        drain(process, take, view, batches.write_if_due)
        for stream, buffer in buffers.items():
            if rest := buffer.end():
                batches.add(stream, rest)
    finally:
        batches.flush()
    out, err = buffers[Stream.STDOUT], buffers[Stream.STDERR]
    truncated = out.truncated + err.truncated
    return Output(out.text(), err.text(), process.result(), truncated, raw=out.bytes())


def _consume_progress(progress: Progress, view: View) -> Any:
    drawn = 0.0
    is_new = False

    def take(arrival: Any) -> None:
        nonlocal is_new
        progress.update(arrival)
        is_new = True
        draw()

    def draw() -> None:
        nonlocal drawn, is_new
        if is_new and not progress.quiet and time.monotonic() - drawn > REDRAW_S:
            view.draw(progress, last=False)
            drawn, is_new = time.monotonic(), False

    try:
        drain(progress, take, view, draw)
    finally:
        if not progress.quiet:
            view.draw(progress, last=True)
    return progress.result()


def drain(
    live: Live[Any], take: Callable[[Any], None], view: View, idle: Callable[[], None] | None = None
) -> None:
    """Pass each item to `take`, and interrupts to `live`; call `idle` while nothing arrives."""
    pump = Pump(live)
    handled = 0
    try:
        with count_interrupts() as interrupts:
            while True:
                while handled < interrupts():
                    handled += 1
                    view.interrupts += 1
                    if message := live.interrupt(handled):
                        view.notify(message)
                try:
                    arrival = pump.get(timeout=INTERVAL_S)
                except TimeoutError:
                    if idle is not None:
                        idle()
                    continue
                if arrival is None:
                    return
                take(arrival)
    finally:
        pump.close()
