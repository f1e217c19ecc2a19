"""Results that arrive over time: a command makes them, its caller (a cell, a widget) reads them.

Reading happens in a thread of its own, into a short queue: an interrupt then never breaks a read in
two, and a slow reader slows the engine down instead of filling memory.
"""

from __future__ import annotations

import queue
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Generic, TypeVar

from docker_magics.errors import DockerMagicsError
from docker_magics.wire.frames import Frame

T = TypeVar("T")

_QUEUE_LENGTH = 64


class Live(ABC, Generic[T]):
    """Something under way.

    `arrivals` blocks while it waits; `interrupt` and `close` may be called from another thread
    meanwhile, and make it end.
    """

    @abstractmethod
    def arrivals(self) -> Iterator[T]:
        """What arrives, until the end."""

    @abstractmethod
    def interrupt(self, times: int) -> str | None:
        """What ctrl-c does, the first, second, ... time; gives what to tell the user."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the engine: no thread or connection stays. Called once, at the end."""

    @abstractmethod
    def result(self) -> Any:
        """The outcome, once all has arrived.

        Raises:
            DockerMagicsError: it did not end well.
        """


class Process(Live[Frame]):
    """A container's or exec's output, in order, stdout and stderr kept apart.

    Attributes:
        tty: whether there is a terminal: then all is stdout.
    """

    tty = False

    @abstractmethod
    def result(self) -> int | None:
        """The exit code; None where nobody waits for it, as with `logs`."""


class Interactive(Process):
    """A process with a true terminal that someone types into: `exec -it`, `run -it`, `attach`.

    Attributes:
        stdin: what is typed by itself, and ctrl-d after it; set it to None before reading where
            someone is there to type.
    """

    tty = True
    stdin: BinaryIO | None

    @abstractmethod
    def write(self, data: bytes) -> None:
        """Type."""

    @abstractmethod
    def close_write(self) -> None:
        """End its input."""

    @abstractmethod
    def resize(self, rows: int, columns: int) -> None:
        """Tell it the terminal's size, in characters."""

    @abstractmethod
    def hang_up(self) -> None:
        """The terminal is gone: end the process, leave nothing of it in the container."""


class Progress(Live[Any]):
    """Work with stages: pull, push, build, load.

    Attributes:
        quiet: nothing is to be drawn.
    """

    quiet = False

    @property
    def fraction(self) -> float | None:
        """How much is done, from 0 to 1, where that is known."""
        return None

    @abstractmethod
    def update(self, arrival: Any) -> None:
        """Take in what arrived."""

    @abstractmethod
    def text(self) -> str:
        """How it stands, for a terminal: lines."""

    @abstractmethod
    def html(self) -> str:
        """How it stands, for a page: escaped, complete in itself, no script."""


@dataclass
class Chain:
    """Work, and what comes after it: the image's pull, then the container's output.

    Attributes:
        first: the work.
        rest: its outcome -> the result, which may be a Live or a Then again.
        exit_code: what the line exits with where `first` fails: the error -> the code.
    """

    first: Live[Any]
    rest: Callable[[Any], Any]
    exit_code: Callable[[DockerMagicsError], int]


@dataclass
class Wrapped:
    """Work, and something made of how it went: its trace.

    Attributes:
        work: gives the result, which may be a Live or a Then.
        outcome: what has come of it -> the result that is given instead; called too where the work
            fails, with what had been done by then.
    """

    work: Callable[[], Any]
    outcome: Callable[[Any], Any]


@dataclass
class Panel:
    """What a page shows as a widget, and everything else as a table.

    Attributes:
        engine: whose objects.
        containers: the IDs of those to show, none for all.
        table: the listing that stands for it.
        text: the same as text, sooner.
    """

    engine: Any
    containers: Sequence[str]
    table: Callable[[], Any]
    text: Callable[[], str]


class Pump(Generic[T]):
    """Reads a Live in a thread, and hands its arrivals on."""

    def __init__(self, live: Live[T]) -> None:
        self._live = live
        self._queue: queue.Queue[T | None] = queue.Queue(_QUEUE_LENGTH)
        self._error: BaseException | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True, name="docker-magics-pump")
        self._thread.start()

    def _read(self) -> None:
        try:
            for arrival in self._live.arrivals():
                self._put(arrival)
                if self._stopped.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 - raised again in the reader's thread
            self._error = error
        finally:
            self._put(None)

    def _put(self, arrival: T | None) -> None:
        while not self._stopped.is_set():
            try:
                self._queue.put(arrival, timeout=0.2)
            except queue.Full:
                continue
            return

    def get(self, timeout: float | None = None) -> T | None:
        """The next arrival; None at the end.

        Raises:
            TimeoutError: nothing came within `timeout` seconds.
        """
        try:
            arrival = self._queue.get(timeout=timeout)
        except queue.Empty:
            raise TimeoutError from None
        if arrival is None and self._error is not None:
            raise self._error
        return arrival

    def close(self) -> None:
        """Stop reading, and close what was read."""
        self._stopped.set()
        self._live.close()
        self._thread.join(timeout=5)
