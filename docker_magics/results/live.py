"""Streaming results: a command returns one, its caller (a cell, a widget) reads it.

A separate thread reads the stream into a bounded queue. An interrupt therefore never cuts a read in
half, and a slow reader applies back-pressure to the engine instead of filling memory.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO, Generic, NamedTuple, TypeVar

from docker_magics.errors import DockerMagicsError
from docker_magics.wire.frames import Frame

T = TypeVar("T")

#: Maximum number of items that wait.
_QUEUE_LENGTH = 256


class Live(ABC, Generic[T]):
    """A result that arrives over time.

    `arrivals` blocks while it waits. Another thread may call `interrupt` and `close` meanwhile;
    both make `arrivals` end.
    """

    @abstractmethod
    def arrivals(self) -> Iterator[T]:
        """Yield items as they arrive, until the stream ends."""

    @abstractmethod
    def interrupt(self, times: int) -> str | None:
        """Handle ctrl-c for the `times`-th time; return a message for the user, or None."""

    @abstractmethod
    def close(self) -> None:
        """Release all threads and connections. Called once, at the end."""

    @abstractmethod
    def result(self) -> Any:
        """Return the outcome, once the stream has ended.

        Raises:
            DockerMagicsError: the operation failed.
        """


class Process(Live[Frame]):
    """The output of a container or exec, in order, with stdout and stderr separate.

    Attributes:
        tty: whether the process has a terminal; all of its output is then stdout.
    """

    tty = False

    @abstractmethod
    def result(self) -> int | None:
        """Return the exit code; None if it is not awaited, as with `logs`."""


class Interactive(Process):
    """A process with a terminal and keyboard input: `exec -it`, `run -it`, `attach`.

    Attributes:
        stdin: input that is typed automatically, followed by ctrl-d. Set it to None before reading
            if a user types instead.
        ends_by_itself: whether the command needs no user; a cell waits for its end.
    """

    tty = True
    stdin: BinaryIO | None
    ends_by_itself = False

    @abstractmethod
    def write(self, data: bytes) -> None:
        """Send keyboard input."""

    @abstractmethod
    def close_write(self) -> None:
        """Send end-of-file on stdin."""

    @abstractmethod
    def resize(self, rows: int, columns: int) -> None:
        """Set the terminal's size, in characters."""

    @abstractmethod
    def hang_up(self) -> None:
        """Hang up, as if the terminal were closed: end the process and all of its children."""


class Progress(Live[Any]):
    """An operation with progress: pull, push, build, load.

    Attributes:
        quiet: whether to draw nothing.
        on_stdout: whether the docker CLI writes `piped_lines` to stdout, not to stderr.
        tells_result: whether these tell the result, so that the docker CLI does not write it.
    """

    quiet = False
    on_stdout = False
    tells_result = False

    @property
    def fraction(self) -> float | None:
        """The completed fraction, from 0 to 1; None if it is unknown."""
        return None

    @abstractmethod
    def update(self, arrival: Any) -> None:
        """Update the state with an item of `arrivals`."""

    def piped_lines(self) -> Sequence[str] | None:
        """Return the lines, new since the last call, that the docker CLI writes to a pipe.

        None means that it writes the text of the end.
        """
        return None

    @abstractmethod
    def text(self) -> str:
        """Return the current state as lines for a terminal."""

    @abstractmethod
    def html(self) -> str:
        """Return the current state as HTML: escaped, self-contained, without scripts."""


class Chain(NamedTuple):
    """An operation followed by another: pull the image, then run the container.

    Attributes:
        first: the first operation.
        rest: the outcome of `first` -> the result, which may be a Live or a Chain.
        exit_code: the error of a failed `first` -> the exit code of the line.
    """

    first: Live[Any]
    rest: Callable[[Any], Any]
    exit_code: Callable[[DockerMagicsError], int]


class Wrapped(NamedTuple):
    """An operation whose result is replaced by another one, such as its trace.

    Attributes:
        work: starts the operation; returns its result, which may be a Live or a Chain.
        outcome: the operation's result -> the replacement. If the operation fails, it is called
            with the partial result that the error carries.
    """

    work: Callable[[], Any]
    outcome: Callable[[Any], Any]


class Panel(NamedTuple):
    """A result that a front end shows as a widget, and everything else as a table.

    Attributes:
        engine: the engine to show.
        containers: the container IDs to show; empty for all.
        table: returns the equivalent listing as a DataFrame.
        text: returns the same listing as text; it does not need pandas.
    """

    engine: Any
    containers: Sequence[str]
    table: Callable[[], Any]
    text: Callable[[], str]


class Pump(Generic[T]):
    """Reads a Live in a separate thread, through a bounded queue."""

    def __init__(self, live: Live[T]) -> None:
        self._live = live
        self._arrived: deque[T | None] = deque()
        self._taken: deque[T | None] = deque()
        self._changed = threading.Condition()
        self._error: BaseException | None = None
        self._stopped = False
        self._thread = threading.Thread(target=self._read, daemon=True, name="docker-magics-pump")
        self._thread.start()

    def _read(self) -> None:
        try:
            for arrival in self._live.arrivals():
                self._put(arrival)
                if self._stopped:
                    return
        except BaseException as error:  # noqa: BLE001 - re-raised in the consumer's thread
            self._error = error
        finally:
            self._put(None)

    def _put(self, arrival: T | None) -> None:
        with self._changed:
            while len(self._arrived) >= _QUEUE_LENGTH and not self._stopped:
                self._changed.wait()
            self._arrived.append(arrival)
            if len(self._arrived) == 1:
                self._changed.notify_all()

    def get(self, timeout: float | None = None) -> T | None:
        """Return the next item; None at the end.

        Raises:
            TimeoutError: nothing arrived within `timeout` seconds.
        """
        if not self._taken:
            with self._changed:
                if not self._changed.wait_for(lambda: self._arrived, timeout):
                    raise TimeoutError
                self._arrived, self._taken = self._taken, self._arrived
                self._changed.notify_all()
        arrival = self._taken.popleft()
        if arrival is None and self._error is not None:
            raise self._error
        return arrival

    def close(self) -> None:
        """Stop reading and close the Live."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._live.close()
        self._thread.join(timeout=5)
