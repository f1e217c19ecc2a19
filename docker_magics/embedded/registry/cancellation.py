"""Work with a registry that is cancelled when its caller stops to wait for it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import IO

from ..errors import ApiError
from .progress import Message

_POLL_S = 0.5


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

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(run)
        try:
            while True:
                try:
                    message = arrived.get(timeout=_POLL_S)
                except queue.Empty:
                    yield None
                    continue
                if message is None:
                    break
                yield message
        except GeneratorExit:
            cancellation.set()
            raise
        future.result()
