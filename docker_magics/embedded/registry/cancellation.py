"""Work with a server that is cancelled when its caller stops to wait for it."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from typing import IO, TypeVar

from ..errors import ApiError
from .progress import Message

_POLL_S = 0.5
_T = TypeVar("_T")


class Cancelled(ApiError):
    """The client has disconnected, so the work was cancelled."""

    def __init__(self) -> None:
        super().__init__("context canceled")


class Cancellation(threading.Event):
    """Is set once the work is to end."""

    def check(self) -> None:
        """Raise Cancelled if it is set."""
        if self.is_set():
            raise Cancelled


class CancellableFile:
    """A file for a request's body, whose reading ends once the work is cancelled."""

    def __init__(self, file: IO[bytes], cancellation: Cancellation) -> None:
        self._file = file
        self._cancellation = cancellation
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes.

        Raises:
            Cancelled: the work is cancelled.
        """
        self._cancellation.check()
        return self._file.read(size)


def in_background(
    messages: Iterator[Message], cancellation: Cancellation
) -> Iterator[Message | None]:
    """Yield what an iterator yields, and None twice a second while it has nothing.

    Args:
        messages: run in another thread.
        cancellation: is set, and the thread waited for, if the caller closes the iterator.
    """
    arrived: queue.SimpleQueue[Message | None] = queue.SimpleQueue()

    def run() -> None:
        try:
            for message in messages:
                cancellation.check()
                arrived.put(message)
        finally:
            arrived.put(None)

    with ThreadPoolExecutor(1) as pool, _set_on_close(cancellation):
        future = pool.submit(run)
        while True:
            try:
                message = arrived.get(timeout=_POLL_S)
            except queue.Empty:
                yield None
                continue
            if message is None:
                break
            yield message
        future.result()


def result_of(work: Callable[[], _T], cancellation: Cancellation) -> Generator[None, None, _T]:
    """Yield None twice a second until a function ends; return its result.

    Args:
        work: run in another thread.
        cancellation: is set, and the thread waited for, if the caller closes the iterator.
    """
    with ThreadPoolExecutor(1) as pool, _set_on_close(cancellation):
        future = pool.submit(work)
        while wait([future], timeout=_POLL_S).not_done:
            yield None
        return future.result()


@contextlib.contextmanager
def _set_on_close(cancellation: Cancellation) -> Iterator[None]:
    """Set a cancellation if the generator whose code is in the block is closed."""
    try:
        yield
    except GeneratorExit:
        cancellation.set()
        raise
