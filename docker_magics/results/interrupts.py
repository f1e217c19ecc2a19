"""Interrupts (ctrl-c, the stop button) while a live result is read.

Python raises KeyboardInterrupt wherever the main thread happens to be: inside a queue's lock it
leaves that broken. Counting them and looking at the count breaks nothing in two.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

#: From this many on, an interrupt is raised at once: whoever handles them does not get to it.
_IMPATIENT = 5


@contextmanager
def count_interrupts() -> Iterator[Callable[[], int]]:
    """Count interrupts instead of raising them; gives a function that tells how many there were.

    In another thread than the main one there are none.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: 0
        return
    count = 0

    def note(*_: Any) -> None:
        nonlocal count
        count += 1
        if count >= _IMPATIENT:
            raise KeyboardInterrupt

    previous = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: count
    finally:
        # None: it was not set from Python, so it cannot be set again from here.
        signal.signal(signal.SIGINT, signal.SIG_DFL if previous is None else previous)
