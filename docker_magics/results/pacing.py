"""Pass a process's output on in few messages of bounded size.

A front end draws each message separately, and Jupyter Server drops output beyond its limits.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from docker_magics.wire.frames import Stream

#: Minimum seconds between messages, on average.
INTERVAL_S = 0.05
#: Maximum characters of a message.
MAX_MESSAGE = 256 * 1024
#: Beyond this number of alternations between stdout and stderr, a batch joins each stream.
_MAX_RUNS = 8


class Batches:
    """Collects output and writes it at most about 20 times a second, in order.

    If stdout and stderr alternate faster than that, the order within a batch is lost.

    Args:
        write: shows a piece of output.
    """

    def __init__(self, write: Callable[[Stream, str], None]) -> None:
        self._write = write
        self._runs: list[tuple[Stream, list[str]]] = []
        self._size = 0
        self._due = 0.0

    def add(self, stream: Stream, text: str) -> None:
        """Add output; write it if a batch is due. Block if the batch is full before it is due."""
        is_new = not self._runs or self._runs[-1][0] != stream
        run = self._run_to_join(stream) if is_new else self._runs[-1][1]
        run.append(text)
        self._size += len(text)
        if self._size >= MAX_MESSAGE:
            time.sleep(max(self._due - time.monotonic(), 0))
        self.write_if_due()

    def _run_to_join(self, stream: Stream) -> list[str]:
        earlier = [texts for known, texts in self._runs if known == stream]
        if len(self._runs) >= _MAX_RUNS and earlier:
            return earlier[-1]
        self._runs.append((stream, []))
        return self._runs[-1][1]

    def write_if_due(self) -> None:
        """Write the batch if the last one was written long enough ago."""
        if self._runs and time.monotonic() >= self._due:
            self.flush()

    def flush(self) -> None:
        """Write the batch now."""
        runs, self._runs, self._size = self._runs, [], 0
        count = 0
        for stream, texts in runs:
            text = "".join(texts)
            for start in range(0, len(text), MAX_MESSAGE):
                self._write(stream, text[start : start + MAX_MESSAGE])
                count += 1
        self._due = time.monotonic() + count * INTERVAL_S


class Allowance:
    """Limits the bytes written within any period, by letting the writer wait.

    Args:
        size: the maximum number of bytes.
        period_s: the period in seconds.
    """

    def __init__(self, size: int, period_s: float) -> None:
        self._size = size
        self._period_s = period_s
        self._spent: deque[tuple[float, int]] = deque()
        self._lock = threading.Lock()

    def spend(self, count: int) -> None:
        """Wait until `count` more bytes may be written; more than the maximum wait for it alone."""
        while (seconds := self._wait_s(count)) > 0:
            time.sleep(seconds)

    def _wait_s(self, count: int) -> float:
        """Record the bytes and return 0, or return how long to wait."""
        with self._lock:
            now = time.monotonic()
            while self._spent and self._spent[0][0] <= now - self._period_s:
                self._spent.popleft()
            used = sum(size for _, size in self._spent)
            if self._spent and used + count > self._size:
                return self._spent[0][0] + self._period_s - now
            self._spent.append((now, count))
            return 0.0
