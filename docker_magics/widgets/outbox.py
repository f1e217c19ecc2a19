"""Batch messages to the page: Jupyter Server drops messages above a rate of 1,000 per second."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

#: Seconds to collect messages for a batch.
_BATCH_S = 0.04
#: Maximum characters of pending output; beyond that, writers block.
_MAX_PENDING = 512 * 1024

Message = dict[str, Any]


class Outbox:
    """Collects messages for a moment and sends them as one batch, in order."""

    def __init__(self, send: Callable[[list[Message]], None]) -> None:
        self._send = send
        self._waiting: list[Message] = []
        self._size = 0
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, daemon=True, name="docker-magics-outbox")
        self._thread.start()

    def put(self, kind: str, **fields: Any) -> None:
        """Add a message to the next batch."""
        with self._changed:
            self._waiting.append({"kind": kind, **fields})
            self._changed.notify_all()

    def write(self, action: int, text: str) -> None:
        """Add output of an action to the next batch; block while too much output is pending."""
        with self._changed:
            self._changed.wait_for(lambda: self._size < _MAX_PENDING or self._closed)
            last = self._waiting[-1] if self._waiting else {}
            if last.get("kind") == "output" and last["action"] == action:
                last["text"] += text
            else:
                self._waiting.append({"kind": "output", "action": action, "text": text})
            self._size += len(text)
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return
                self._changed.wait_for(lambda: self._closed, _BATCH_S)
                messages, self._waiting, self._size = self._waiting, [], 0
                self._changed.notify_all()
            self._send(messages)

    def close(self) -> None:
        """Stop sending."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
