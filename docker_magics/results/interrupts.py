"""Handle interrupts (ctrl-c, the stop button) while a live result is read.

Python raises KeyboardInterrupt at any point of the main thread. Inside a queue's lock, that would
leave the queue in a broken state. Counting the signals and polling the count is safe.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

#: From this interrupt on, raise KeyboardInterrupt: the reader does not get around to polling.
_RAISE_AFTER = 5


@contextmanager
def count_interrupts() -> Iterator[Callable[[], int]]:
    """Count interrupts instead of raising them; yield a function that returns the count.

    Outside the main thread the count is always 0, as Python delivers signals to the main thread.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: 0
        return
    count = 0

    def note(*_: Any) -> None:
        nonlocal count
        count += 1
        if count >= _RAISE_AFTER:
            raise KeyboardInterrupt

    previous = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: count
    finally:
        # None means that the handler was not installed by Python and cannot be restored.
        signal.signal(signal.SIGINT, signal.SIG_DFL if previous is None else previous)
