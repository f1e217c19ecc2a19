"""Live results, shown while they arrive: in a terminal, or just gathered (in a cell: widgets/)."""

from __future__ import annotations

import codecs
import shutil
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
from .text import Output

#: Bytes of a process's output that are kept and shown; beyond them only the last ones are.
MAX_KEPT_BYTES = 8 * 1024 * 1024
_TAIL = 64 * 1024
#: Seconds between two pictures of what goes on.
REDRAW_S = 0.1
#: Seconds after which an interrupt is seen at the latest.
_TICK_S = 0.1


class View(ABC):
    """Where live results go while they arrive."""

    @abstractmethod
    def write(self, stream: Stream, text: str) -> None:
        """Output of a process."""

    @abstractmethod
    def draw(self, progress: Progress, *, last: bool) -> None:
        """How work with stages stands; `last` when it has ended."""

    @abstractmethod
    def notify(self, text: str) -> None:
        """A word of this package to the user."""

    def interact(self, process: Interactive) -> Any:
        """A process that someone types into: here nobody does, its standard input is the script."""
        return consume_process(process, self)

    def open(self, panel: Panel) -> Any:
        """What a page shows as a widget: here it is its table."""
        return panel.table()


class Silent(View):
    """Shows nothing: results are gathered and given back, as for plain Python."""

    def write(self, stream: Stream, text: str) -> None:
        """Nothing."""

    def draw(self, progress: Progress, *, last: bool) -> None:
        """Nothing."""

    def notify(self, text: str) -> None:
        """Nothing."""


class Streams(View):
    """A terminal, or a cell's output streams.

    Args:
        has_input: whether standard input was given: then nobody is asked to type it.
    """

    def __init__(self, *, has_input: bool = False) -> None:
        self._has_input = has_input
        self._drawn = 0  # lines

    def interact(self, process: Interactive) -> Any:
        """On a terminal, that terminal."""
        if self._has_input or not (sys.stdin.isatty() and sys.stdout.isatty()):
            return super().interact(process)
        from .tty import attach_terminal

        return Output("", "", attach_terminal(process))

    def write(self, stream: Stream, text: str) -> None:
        """To stdout or stderr."""
        target: TextIO = sys.stdout if stream == Stream.STDOUT else sys.stderr
        target.write(text)
        target.flush()

    def draw(self, progress: Progress, *, last: bool) -> None:
        """On a terminal in its place; elsewhere the end alone: what is printed stays."""
        if sys.stdout.isatty():
            self._redraw(progress.text(), last=last)
        elif last:
            self.write(Stream.STDOUT, progress.text() + "\n")

    def _redraw(self, text: str, *, last: bool) -> None:
        """Over the lines that were drawn before; while it goes on, no more than the screen has."""
        up = f"\x1b[{self._drawn}F\x1b[J" if self._drawn else ""
        lines = text.splitlines()
        if not last:
            columns, rows = shutil.get_terminal_size()
            lines = [line[: columns - 1] for line in lines[: rows - 2]]
        self.write(Stream.STDOUT, up + "".join(f"{line}\n" for line in lines))
        self._drawn = 0 if last else len(lines)

    def notify(self, text: str) -> None:
        """To stderr, apart from the process's own output."""
        self.write(Stream.STDERR, text + "\n")


class OutputBuffer:
    """A stream's text: the first KEPT bytes, then only the last ones."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._head: list[str] = []
        self._tail: deque[bytes] = deque()
        self._size = 0
        self._tail_size = 0

    def add(self, data: bytes) -> str:
        """Take in bytes; gives the text to show now."""
        room = MAX_KEPT_BYTES - self._size
        self._size += len(data)
        text = self._decoder.decode(data[: max(room, 0)]) if room > 0 else ""
        self._head.append(text)
        self._keep_tail(data[max(room, 0) :])
        return text

    def _keep_tail(self, data: bytes) -> None:
        if not data:
            return
        self._tail.append(data)
        self._tail_size += len(data)
        while self._tail_size - len(self._tail[0]) > _TAIL:
            self._tail_size -= len(self._tail.popleft())

    @property
    def truncated(self) -> int:
        """Bytes left out between head and tail."""
        return max(self._size - MAX_KEPT_BYTES - self._tail_size, 0)

    def end(self) -> str:
        """What remains to be shown: a word on what was left out, and the tail."""
        rest = self._decoder.decode(b"", final=True)
        if self._tail:
            note = f"\n[… {self.truncated:,} bytes are not shown …]\n" if self.truncated else ""
            rest += note + b"".join(self._tail).decode(errors="replace")
        self._head.append(rest)
        return rest

    def text(self) -> str:
        """All that was kept."""
        return "".join(self._head)


def consume(result: Any, view: View) -> Any:
    """Read a live result to its end and show it; gives the outcome. Others are their own outcome.

    An interrupt (ctrl-c, the stop button) is handed to the result: a container gets SIGINT, a
    second one stops it.

    Raises:
        DockerMagicsError: it did not end well.
    """
    match result:
        case Chain():
            return consume(result.rest(_first(result, view)), view)
        case Wrapped():
            return _consume_around(result, view)
        case Interactive():
            return view.interact(result)
        case Panel():
            return view.open(result)
        case Process():
            return consume_process(result, view)
        case Progress():
            return _consume_progress(result, view)
        case Live():
            raise TypeError(f"nothing shows a {type(result).__name__}")
    return result


def _first(then: Chain, view: View) -> Any:
    try:
        return consume(then.first, view)
    except DockerMagicsError as error:
        error.exit_code = then.exit_code(error)
        raise


def _consume_around(around: Wrapped, view: View) -> Any:
    try:
        result = consume(around.work(), view)
    except DockerMagicsError as error:
        error.result = around.outcome(error.result)
        raise
    return around.outcome(result)


def consume_process(process: Process, view: View) -> Output:
    """Read a process's output to its end and show it."""
    gathered = {Stream.STDOUT: OutputBuffer(), Stream.STDERR: OutputBuffer()}

    def take(frame: Frame) -> None:
        stream = Stream.STDOUT if frame.stream == Stream.STDOUT else Stream.STDERR
        if text := gathered[stream].add(frame.data):
            view.write(stream, text)

    _drain(process, take, view)
    for stream, each in gathered.items():
        if rest := each.end():
            view.write(stream, rest)
    out, err = gathered[Stream.STDOUT], gathered[Stream.STDERR]
    return Output(out.text(), err.text(), process.result(), out.truncated + err.truncated)


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
        _drain(progress, take, view, draw)
    finally:
        if not progress.quiet:
            view.draw(progress, last=True)
    return progress.result()


def _drain(live: Live[Any], take: Any, view: View, idle: Callable[[], None] | None = None) -> None:
    """Take in what arrives; `idle` is called now and then while nothing does."""
    pump = Pump(live)
    handled = 0
    try:
        with count_interrupts() as interrupts:
            while True:
                while handled < interrupts():
                    handled += 1
                    if word := live.interrupt(handled):
                        view.notify(word)
                try:
                    arrival = pump.get(timeout=_TICK_S)
                except TimeoutError:
                    if idle is not None:
                        idle()
                    continue
                if arrival is None:
                    return
                take(arrival)
    finally:
        pump.close()
